"""What stands on the terminal, or over it for a moment."""
