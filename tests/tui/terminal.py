"""The real program on a pseudo-terminal, whose screen pyte keeps."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

_CHUNK = 65536


class Terminal:
    """Runs `babybert-tui` with arguments; what it draws is in `lines`.

    Args:
        folder: Its working folder, and its home.
        arguments: Of the program.
        columns: Of the terminal.
        rows: Of the terminal.
        environment: On top of a plain one.
    """

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        columns: int = 120,
        rows: int = 36,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.raw = b""
        self.exit_code: int | None = None
        self._stream = pyte.ByteStream(self.screen)
        plain = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "BABYBERT_TUI_TRAIN_THREADS": "1",
            **(environment or {}),
        }
        command = [sys.executable, "-m", "babybert_tui", *arguments]
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(sys.executable, command, plain)
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """As a window manager does."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys: str) -> None:
        """Types."""
        os.write(self.descriptor, keys.encode())

    def kill(self, number: signal.Signals) -> None:
        """Sends a signal."""
        os.kill(self.pid, number)

    @property
    def lines(self) -> list[str]:
        """The screen."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def wait_for(self, wanted: str | Callable[["Terminal"], object], seconds: float = 60.0) -> None:
        """Reads until the screen shows it. Fails with the screen's content."""
        is_there = (lambda terminal: wanted in terminal.text) if isinstance(wanted, str) else wanted
        end = time.monotonic() + seconds
        while not is_there(self):
            assert time.monotonic() < end, f"{wanted!r} did not come:\n{self.text}"
            if not self._read(0.1) and self.exit_code is not None:
                assert is_there(self), f"it left with {self.exit_code} before {wanted!r}:\n{self.text}"
                return

    def settle(self) -> None:
        """Reads until the program has drawn all that it had to: frames for an old size would land on the new one."""
        while self._read(1.0):
            pass

    def wait_for_exit(self, seconds: float = 60.0) -> int:
        """Reads until it has ended; its exit code, or 128 + the signal that killed it."""
        end = time.monotonic() + seconds
        while self.exit_code is None:
            assert time.monotonic() < end, f"it did not leave:\n{self.text}"
            self._read(0.1)
        while self._read(0.0):
            pass
        return self.exit_code

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.descriptor], [], [], seconds)
        data = b""
        if ready:
            try:
                data = os.read(self.descriptor, _CHUNK)
            except OSError:  # Linux's way of saying that the other side is closed
                data = b""
            self.raw += data
            self._stream.feed(data)
        if not data:
            self._look_whether_it_ended()
        return bool(data)

    def _look_whether_it_ended(self) -> None:
        if self.exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.exit_code = code if code >= 0 else 128 - code

    @property
    def is_restored(self) -> bool:
        """Whether the main screen is back, the cursor shown, and the mouse let go."""
        ended = self.raw
        pairs = ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?1003h", b"\x1b[?1003l"))
        return all(ended.rfind(on) < ended.rfind(off) for on, off in pairs)

    def close(self) -> None:
        """Ends it, whatever it is doing."""
        if self.exit_code is None:
            self.kill(signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)
