"""Importing what computes: takes seconds, happens once, and on one thread at a time."""

from threading import Lock

_LOCK = Lock()


def load() -> None:
    """Imports PyTorch, the training and the tokenizer; whoever comes second waits.

    transformers fills its module as names are asked for, and two threads that ask at once find a half-filled one.
    """
    with _LOCK:
        from transformers import BertTokenizer  # noqa: F401

        import babybert_tui.training.opening  # noqa: F401
