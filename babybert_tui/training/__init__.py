"""A run: session, evaluation, checkpoints, and what is kept of them."""
