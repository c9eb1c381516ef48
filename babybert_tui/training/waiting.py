"""Telling whoever waits what for, how far it has come, and giving them the chance to give up."""

import time
from typing import Protocol

_SECONDS_BETWEEN = 0.1


class Progress(Protocol):
    """Told what is being waited for. Whatever it raises ends the waiting, and leaves nothing behind."""

    def __call__(self, message: str, share: float | None = None, /) -> None:
        """Says it.

        Args:
            message: What is being done; told again and again, the same while it is.
            share: How much of it is done, from 0 to 1; None where nobody knows.
        """


def silent(_message: str, _share: float | None = None, /) -> None:
    """Progress that nobody wants to see."""


class Gauge:
    """Tells a `Progress` how far something is, but not more often than anybody can see.

    Args:
        progress: To be told.
        message: What is being done.
        total: When it is done; 0 where nobody knows.
    """

    def __init__(self, progress: Progress, message: str, total: int = 0) -> None:
        self._progress = progress
        self._message = message
        self._total = total
        self._told = 0.0

    def __call__(self, done: int = 0) -> None:
        """So much of the total is done."""
        now = time.monotonic()
        if now - self._told < _SECONDS_BETWEEN:
            return
        self._told = now
        self._progress(self._message, min(1.0, done / self._total) if self._total else None)
