"""Importing what computes: takes seconds, happens once, and on one thread at a time."""

import gc
from functools import cache
from threading import Lock

_LOCK = Lock()


def load() -> None:
    """Imports PyTorch, the training and the tokenizer; whoever comes second waits.

    transformers fills its module as names are asked for, and two threads that ask at once find a half-filled one.
    """
    with _LOCK:
        _import()


@cache
def _import() -> None:
    from transformers import BertTokenizer  # noqa: F401

    import babybert_tui.training.opening  # noqa: F401

    # A million objects that stay: each full collection would walk through them, and the screen stand still meanwhile.
    gc.freeze()
