"""How fast the app is on this machine: its first frame, its keys while it trains, and what it costs the training.

    python -m babybert_tui.benchmarks.app_latency [--keys 500] [--frames 10] [--windows 10]

Takes about four minutes. Linux and macOS; nothing else should be at work on the machine.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from babybert_tui.benchmarks.pseudo_terminal import PseudoTerminal, own_environment, pseudo_terminal

_PROGRAM = ("-m", "babybert_tui")
_SECONDS_FOR_A_FRAME = 2.0
_SECONDS_TO_TRAIN = 180.0
_SECONDS_BETWEEN_KEYS = 0.12, 0.25  # apart by chance, so that keys fall into every part of a step
_SECONDS_A_WINDOW = 8.0
_SECONDS_TO_WARM_UP = 4.0
_LONG_RUN = ("--corpus", "stories", "--max-steps", "1000000", "--log-every", "1", "--eval-every", "1000000")
_TOGGLES = {"t": "Learning rate", "z": "FROZEN", "g": "log  ─"}  # what is on the screen after every other press


@dataclass(frozen=True)
class FirstFrame:
    """How long the first frame took."""

    seconds: float  # from the start of the program
    of_import: float  # from the start of `python -c "import textual.app"` to its end
    had_torch: bool

    @property
    def ratio(self) -> float:
        """How many times as long as that import."""
        return self.seconds / self.of_import


def first_frame(folder: Path) -> FirstFrame:
    """Opens the app until the tabs and the replay stand on its screen."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    of_import = time.monotonic() - began
    with pseudo_terminal(folder, _PROGRAM) as terminal:
        terminal.wait_for("saw it at step", _SECONDS_FOR_A_FRAME * 10)
        had_torch = terminal.maps("libtorch")
        terminal.read_until(time.monotonic() + _SECONDS_FOR_A_FRAME)
        moment = next(at for at, text in terminal.screens() if _is_first_screen(text))
        return FirstFrame(moment - terminal.began, of_import, had_torch)


def _is_first_screen(text: str) -> bool:
    """The tabs, the replay with its attention, and the last line."""
    return all(part in text for part in ("1·Train", "saw it at step", "▀", "help"))


def key_latencies(folder: Path, count: int) -> list[float]:
    """Seconds from each of `count` keys to the first frame that shows what it did, while a run is in training."""
    with pseudo_terminal(folder, (*_PROGRAM, "train", *_LONG_RUN)) as terminal:
        _wait_for_training(terminal)
        presses = []
        generator = random.Random(0)  # noqa: S311 - no secret
        for number in range(count):
            key = list(_TOGGLES)[number % len(_TOGGLES)]
            presses.append((terminal.press(key), key))
            terminal.read_until(time.monotonic() + generator.uniform(*_SECONDS_BETWEEN_KEYS))
        terminal.read_until(time.monotonic() + 1)
        return _answer_times(list(terminal.screens()), presses)


def _wait_for_training(terminal: PseudoTerminal) -> None:
    terminal.wait_for("tok/s", _SECONDS_TO_TRAIN)
    terminal.read_until(time.monotonic() + _SECONDS_TO_WARM_UP)


def _answer_times(screens: Sequence[tuple[float, str]], presses: Sequence[tuple[float, str]]) -> list[float]:
    """For each press, seconds to the first screen on which its text has come or gone."""
    found = []
    index = 0
    for moment, key in presses:
        while screens[index + 1][0] < moment:
            index += 1
        was_there = _TOGGLES[key] in screens[index][1]
        answers = (at - moment for at, text in screens[index + 1 :] if (_TOGGLES[key] in text) != was_there)
        found.append(next(answers, float("inf")))
    return found


def training_shares(folder: Path, count: int) -> list[float]:
    """Tokens a second with Train in view as a share of the headless ones, in `count` pairs of windows.

    Both runs are there all the time; only one of them goes on at a time.
    """
    command = [sys.executable, *_PROGRAM, "--headless", "train", "--quiet", "--run", "headless", *_LONG_RUN]
    with pseudo_terminal(folder, (*_PROGRAM, "train", "--run", "app", *_LONG_RUN)) as terminal:
        _wait_for_training(terminal)
        os.kill(terminal.pid, signal.SIGSTOP)
        headless = subprocess.Popen(command, cwd=folder, env=own_environment())  # noqa: S603 - our own interpreter
        try:
            metrics = {name: folder / "checkpoints" / name / "metrics.jsonl" for name in ("app", "headless")}
            _wait_until(lambda: _tokens(metrics["headless"]) > 0)
            time.sleep(_SECONDS_TO_WARM_UP)
            os.kill(headless.pid, signal.SIGSTOP)
            shares = []
            for number in range(count):
                sides = [
                    lambda: _window(terminal.pid, metrics["app"], terminal.read_until),
                    lambda: _window(headless.pid, metrics["headless"], _sleep_until),
                ]
                order = (0, 1) if number % 2 else (1, 0)
                speeds = {side: sides[side]() for side in order}
                shares.append(speeds[0] / speeds[1])
            return shares
        finally:
            headless.kill()
            headless.wait()


def _window(pid: int, metrics: Path, wait: Callable[[float], None]) -> float:
    """Tokens a second of a run that goes on for a while."""
    os.kill(pid, signal.SIGCONT)
    wait(time.monotonic() + 1)  # caches and threads come back to it
    before, began = _tokens(metrics), time.monotonic()
    wait(began + _SECONDS_A_WINDOW)
    after, ended = _tokens(metrics), time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    return (after - before) / (ended - began)


def _tokens(metrics: Path) -> int:
    """How many a run has trained on, by its last whole line."""
    try:
        lines = metrics.read_bytes().split(b"\n")[-4:-1]  # the last one may be torn
    except OSError:
        return 0
    steps = [json.loads(line) for line in lines if b'"tokens"' in line]
    return int(steps[-1]["tokens"]) if steps else 0


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _SECONDS_TO_TRAIN
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


def _report_frames(folder: Path, count: int) -> None:
    first_frame(folder)  # the files come from the disk only once
    frames = [first_frame(folder) for _ in range(count)]
    seconds, imports, ratios = zip(*((one.seconds, one.of_import, one.ratio) for one in frames), strict=True)
    torch = "torch not imported" if not any(one.had_torch for one in frames) else "torch imported"
    print(
        f"first frame  {statistics.median(seconds):.3f} s, import of textual.app {statistics.median(imports):.3f} s: "
        f"{statistics.median(ratios):.2f} times as long (medians of {count}); {torch}",
        flush=True,
    )


def _report_keys(folder: Path, count: int) -> None:
    found = sorted(1000 * one for one in key_latencies(folder, count))
    half, most = found[len(found) // 2], found[int(len(found) * 0.95)]
    print(f"{count} keys  p50 {half:.0f} ms, p95 {most:.0f} ms, worst {found[-1]:.0f} ms", flush=True)


def _report_shares(folder: Path, count: int) -> None:
    shares = sorted(training_shares(folder, count))
    print(
        f"training in view of Train  {statistics.median(shares):.1%} of the headless tokens a second "
        f"(median of {count} pairs; {shares[0]:.1%} to {shares[-1]:.1%})",
        flush=True,
    )


def main() -> None:
    """Measures what is asked for, and prints it."""
    parser = argparse.ArgumentParser(description="Measures the app's first frame, keys and cost.")
    parser.add_argument("--frames", type=int, default=10, help="pairs of first frames and imports; 0: none")
    parser.add_argument("--keys", type=int, default=500, help="keys while training; 0: none")
    parser.add_argument("--windows", type=int, default=10, help="pairs of windows of training; 0: none")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count, report in (
            (asked.frames, _report_frames),
            (asked.keys, _report_keys),
            (asked.windows, _report_shares),
        ):
            if count:
                report(folder, count)


if __name__ == "__main__":
    main()
