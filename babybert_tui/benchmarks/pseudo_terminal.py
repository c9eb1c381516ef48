"""A program on a pseudo-terminal: what it drew and when, to the millisecond. Linux and macOS.

What is drawn is kept as bytes and looked at afterwards: reading a screen while it is measured would slow it down.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import babybert_tui
from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

_MOST_BYTES = 65536


def own_environment() -> dict[str, str]:
    """The environment, in which `python -m babybert_tui` is this very package whatever the folder."""
    places = [str(Path(babybert_tui.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places))}


class Drawn(NamedTuple):
    """What came at a moment."""

    at: float  # of `time.monotonic()`
    data: bytes


class PseudoTerminal:
    """`python` with arguments, in a folder that is also its home.

    Attributes:
        began: `time.monotonic()` at its start.
        drawn: All that it wrote so far.
    """

    def __init__(self, folder: Path, arguments: Sequence[str], *, columns: int = 120, rows: int = 36) -> None:
        self.size = columns, rows
        self.drawn: list[Drawn] = []
        environment = {**own_environment(), "HOME": str(folder), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.began = time.monotonic()
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606 - that is its purpose
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> float:
        """Types; the moment at which it did."""
        moment = time.monotonic()
        os.write(self._descriptor, keys.encode())
        return moment

    def read_until(self, moment: float) -> None:
        """Takes in what is drawn until then."""
        while (left := moment - time.monotonic()) > 0:
            self._read(left)

    def wait_for(self, text: str, seconds: float) -> None:
        """Takes in what is drawn until `text` has been written in one piece. Raises RequestError where it never is."""
        end, seen = time.monotonic() + seconds, len(self.drawn)
        while time.monotonic() < end:
            self._read(0.1)
            if text.encode() in b"".join(one.data for one in self.drawn[max(0, seen - 1) :]):
                return
            seen = len(self.drawn)
        raise RequestError(f"The app did not show {text!r} within {seconds:g} s.")

    def maps(self, library: str) -> bool:
        """Whether the program has a library loaded whose path contains this; only Linux knows."""
        try:
            return library in Path(f"/proc/{self.pid}/maps").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False

    def close(self) -> None:
        """Ends it, whatever it is doing."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._descriptor)

    def screens(self) -> Iterator[tuple[float, str]]:
        """The moment of each piece, and the screen's text after it."""
        try:
            import pyte
        except ImportError:
            raise RequestError("This needs pyte.", "pip install 'babybert-tui[test]'") from None
        screen = pyte.Screen(*self.size)
        stream = pyte.ByteStream(screen)
        for at, data in self.drawn:
            stream.feed(data)
            yield at, "\n".join(screen.display)

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return
        try:
            data = os.read(self._descriptor, _MOST_BYTES)
        except OSError:  # Linux's way of saying that the program has ended
            data = b""
        if not data:
            last = b"".join(one.data for one in self.drawn[-3:]).decode(errors="replace")
            raise RequestError(f"The app has ended by itself. Its last words: {sanitise(last)[-300:]}")
        self.drawn.append(Drawn(time.monotonic(), data))


@contextmanager
def pseudo_terminal(folder: Path, arguments: Sequence[str]) -> Iterator[PseudoTerminal]:
    """Opens a program, and ends it."""
    terminal = PseudoTerminal(folder, arguments)
    try:
        yield terminal
    finally:
        terminal.close()
