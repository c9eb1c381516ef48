"""BabyBERT TUI: pre-train a small BERT from scratch, live on a laptop CPU, and look inside it."""

__version__ = "0.1.0"
