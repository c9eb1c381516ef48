"""Ctrl-C, SIGTERM and SIGHUP: the first asks for an orderly end, the second leaves at once."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupted(BaseException):
    """Raised in the main thread where nobody has asked to be told of signals yet. Exit code 128 + signal."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interruption:
    """Tells whoever registered that the end was asked for."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._stop: Callable[[], None] | None = None

    @property
    def exit_code(self) -> int | None:
        """128 + the signal that came, or None."""
        return None if self.number is None else 128 + self.number

    def tell(self, stop: Callable[[], None]) -> None:
        """From now on the first signal calls `stop` instead of raising."""
        self._stop = stop

    def handle(self, number: int, _frame: FrameType | None) -> None:
        """What the signals are bound to."""
        if self._stop is None or self.number is not None:
            raise Interrupted(number)
        self.number = number
        self._stop()


@contextmanager
def watch_signals() -> Iterator[Interruption]:
    """Takes the three signals over for the block."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.handle) for number in _SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
