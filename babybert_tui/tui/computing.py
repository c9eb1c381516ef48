"""Importing what computes: takes seconds, happens once, and on one thread at a time."""

import gc
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from threading import Lock, Thread, get_native_id
from typing import TypeVar

Result = TypeVar("Result")
_LOCK = Lock()
_NICENESS = 10


def give_way() -> None:
    """Has this thread, and the helpers that it will have, wait for the screen's where there are too few cores.

    Linux alone knows priorities of threads; elsewhere nothing changes.
    """
    if sys.platform.startswith("linux"):
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICENESS)


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


def in_passing(function: Callable[[], Result]) -> Result:
    """Calls a function that computes, on a thread that ends with it; returns what it returns, raises what it raises.

    OpenMP (libgomp) keeps helpers for each thread that ever computed. As soon as there are more of them than processors
    it has all of them sleep at the end of each small loop instead of spinning, and training takes up to twice as long:
    so the only thread that computes and stays is the training thread.
    """
    future: Future[Result] = Future()

    def work() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever called
            future.set_exception(error)

    thread = Thread(target=work, name="in passing", daemon=True)
    thread.start()
    thread.join()
    return future.result()
