"""What the widgets draw, computed from plain data: lines of cells, and nothing of Textual."""
