"""Opening the app on a terminal, and leaving the terminal as it was."""

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from threading import Thread
from typing import IO, TYPE_CHECKING, NoReturn

import platformdirs

from babybert_tui.configuration import Configuration
from babybert_tui.errors import RequestError
from babybert_tui.inspection.request import InspectRequest
from babybert_tui.memory import keep_freed_memory

if TYPE_CHECKING:
    from babybert_tui.tui.app import BabyBertApp

_LOG = "app.log"
# The training thread holds the interpreter in short stretches all the time: a key must not wait for many of them.
SWITCH_SECONDS = 0.0005
_SECONDS_TO_SAVE = 300.0
_SECONDS_TO_LEAVE = 2.0
# Main screen, cursor, keys and mouse as a shell wants them: what a driver undoes that was not stopped in the usual way.
_RESTORE = (
    "\x1b[?1049l\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?2004l\x1b[?1004l\x1b[<u\x1b[0m"
)


def open_app(
    configuration: Configuration,
    checkpoints_dir: Path,
    *,
    train: bool = False,
    policy: str = "auto",
    inspect: InspectRequest | None = None,
) -> NoReturn:
    """Runs the app and ends the process with its exit code.

    Args:
        configuration: The settings to open with.
        checkpoints_dir: Where runs are kept.
        train: Whether to start training with them at once.
        policy: Then, as `--resume` or `--restart` say.
        inspect: What to look at first, where Inspect is to be open.

    Raises:
        RequestError: there is no terminal to draw on, or no such corpus to train on.
    """
    require_terminal()
    if train:
        from babybert_tui.corpora.opening import require_corpus

        require_corpus(configuration.settings.corpus)
    gc.disable()  # until the first frame stands
    keep_freed_memory()
    if os.environ.get("NO_COLOR") == "":  # empty means nothing by the convention, and something to Textual
        del os.environ["NO_COLOR"]
    from babybert_tui.tui.app import BabyBertApp, Opening
    from babybert_tui.tui.trainer import RunOrder
    from babybert_tui.tui.tuning import Tuning

    order = None
    if train:
        tuning = Tuning(configuration.settings, configuration.preset)
        order = RunOrder(tuning.for_run(), configuration.preset, policy)
    sys.setswitchinterval(SWITCH_SECONDS)
    code = run_app(BabyBertApp(Opening(configuration, checkpoints_dir, order, takes_signals=True, inspect=inspect)))
    with suppress(OSError):  # the terminal may be gone
        sys.stdout.flush()
    # Threads that import or compute are not waited for: what was to be saved is saved.
    os._exit(code)


def require_terminal() -> None:
    """Raises RequestError where there is no terminal to draw on."""
    remedy = "Use --headless: babybert-tui --headless train, for one."
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise RequestError("The app needs a terminal, and this is none (stdin or stdout is redirected).", remedy)
    if os.environ.get("TERM", "") in ("dumb", "unknown", ""):
        raise RequestError(f"The app cannot draw on a terminal of the kind TERM={os.environ.get('TERM', '')}.", remedy)


class _Terminal(TextIOWrapper):
    """What the app draws on. A terminal that has gone away (SIGHUP) takes everything and says nothing."""

    def write(self, text: str) -> int:
        """Writes, if there is anybody to read."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flushes, if there is anybody to read."""
        with suppress(OSError):
            super().flush()


@contextmanager
def terminal_apart() -> Iterator[None]:
    """Draws through a descriptor of its own; what native code writes to descriptor 2 goes to a log file."""
    own = os.fdopen(os.dup(1), "wb")
    terminal = _Terminal(own, encoding="utf-8", errors="replace", newline="", write_through=False)
    log = _open_log()
    error_before, descriptor_before = sys.__stderr__, os.dup(2)
    sys.stderr.flush()
    os.dup2(log.fileno(), 2)
    sys.__stderr__ = terminal  # type: ignore[misc]  # where Textual draws
    try:
        yield
    finally:
        terminal.flush()
        sys.stderr.flush()
        os.dup2(descriptor_before, 2)
        os.close(descriptor_before)
        sys.__stderr__ = error_before  # type: ignore[misc]
        log.close()


def _log_path() -> Path:
    return platformdirs.user_log_path("babybert-tui") / _LOG


def _open_log() -> IO[bytes]:
    path = _log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def run_app(app: "BabyBertApp") -> int:
    """Runs the app to its end and returns the exit code."""
    leaving = _Watchdog(app)
    with terminal_apart():
        code = app.run()
    leaving.call_off()
    if code is None:  # the app failed, which is no reason to lose a run
        app.trainer.stop("interrupted")
        app.trainer.wait_until_free(_SECONDS_TO_SAVE)
        print(f"The app failed. What it was doing stands in {_log_path()}.", file=sys.stderr)
    view = app.trainer.history.view()
    if view.saved is not None and view.run:
        place = app.trainer.checkpoints_dir / view.run
        with suppress(OSError):
            print(f"{view.run}: saved at step {view.saved:,} of {view.max_steps:,} in {place}", flush=True)
            if view.saved < view.max_steps:
                print("To go on: babybert-tui, then c.", flush=True)
    return 1 if code is None else code


class _Watchdog(Thread):
    """Leaves by itself where the app was told to and cannot: its terminal is gone, say, and drawing hangs."""

    def __init__(self, app: "BabyBertApp") -> None:
        super().__init__(name="watchdog", daemon=True)
        self._app = app
        self._called_off = False
        self.start()

    def call_off(self) -> None:
        """The app has left."""
        self._called_off = True

    def run(self) -> None:
        """Looks twice a second whether the app should be gone."""
        while not self._called_off and not self._app.is_leaving:
            time.sleep(0.5)
        self._app.trainer.wait_until_free(_SECONDS_TO_SAVE)
        time.sleep(_SECONDS_TO_LEAVE)
        if not self._called_off:
            restore_terminal()
            os._exit(self._app.exit_code)


def restore_terminal() -> None:
    """By hand, where the driver did not get to it."""
    try:
        os.write(1, _RESTORE.encode())
        if os.name == "posix":
            import termios

            attributes = termios.tcgetattr(0)
            attributes[3] |= termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN
            attributes[0] |= termios.ICRNL | termios.IXON
            termios.tcsetattr(0, termios.TCSANOW, attributes)
    except (OSError, ImportError):
        pass
