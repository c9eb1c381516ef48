"""The real program on a pseudo-terminal."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tui.terminal import Terminal

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX")
Open = Callable[..., Terminal]
_SMALL = (
    *("--hidden-size", "16", "--num-layers", "1", "--num-heads", "1", "--max-length", "24", "--batch-size", "4"),
    *("--vocab-size", "200", "--max-steps", "100000", "--precision", "fp32"),
)


@pytest.fixture
def open_program(tmp_path: Path, corpus: Path) -> Iterator[Open]:
    """Opens the program in a folder of its own, and ends it."""
    opened: list[Terminal] = []

    def open_it(*arguments: str, **more: object) -> Terminal:
        terminal = Terminal(tmp_path, *arguments, **more)
        opened.append(terminal)
        return terminal

    yield open_it
    for terminal in opened:
        terminal.close()


@pytest.fixture
def training(open_program: Open, corpus: Path) -> Terminal:
    """A program with a run in training."""
    terminal = open_program("train", "--corpus", str(corpus), "--run", "mine", *_SMALL)
    terminal.wait_for("● training", 120)
    return terminal


def last_event(folder: Path) -> dict:
    return json.loads((folder / "checkpoints" / "mine" / "metrics.jsonl").read_text().splitlines()[-1])


FIRST_FRAME = """
import asyncio, sys
from pathlib import Path
from babybert_tui.configuration import gather
from babybert_tui.tui import launch
from babybert_tui.tui.app import BabyBertApp, Opening

def look(app):
    strips = app.screen._compositor.render_strips()
    print("\\n".join("".join(part.text for part in strip) for strip in strips))
    print("LOADED", [name for name in ("numpy", "torch", "transformers", "tokenizers") if name in sys.modules])
    app.has_looked.set()

async def main():
    BabyBertApp._begin, BabyBertApp.has_looked = look, asyncio.Event()
    app = BabyBertApp(Opening(gather({}), Path("none"), state_path=Path("none.json")))
    async with app.run_test(size=(120, 36)):
        await app.has_looked.wait()

sys.stdout.reconfigure(encoding="utf-8")
asyncio.run(main())
"""


def test_the_first_frame_replays_before_anything_is_imported_that_computes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST_FRAME]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(tmp_path)}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True, cwd=tmp_path, env=environment, timeout=60
    )
    shown, _, loaded = done.stdout.partition("LOADED ")
    assert "1·Train" in shown
    assert "as stories saw it at step 0" in shown
    assert "▀" in shown, "its attention"
    assert "MLM accuracy" in shown, "the charts have their places"
    assert loaded.strip() == "[]"


def test_it_opens_and_leaves_at_a_key(open_program: Open) -> None:
    terminal = open_program()
    terminal.wait_for("1·Train")
    terminal.wait_for("space")
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    assert terminal.is_restored


def test_digits_typed_in_a_field_stay_there(open_program: Open) -> None:
    terminal = open_program()
    terminal.wait_for("Max steps")
    terminal.press("\t\t\t")  # preset, corpus, hidden size
    terminal.wait_for("restore")
    terminal.press("12")
    terminal.wait_for(lambda terminal: any(line.startswith(" Hidden") and " 12 " in line for line in terminal.lines))
    terminal.press("\x1b")
    terminal.wait_for(lambda terminal: any(line.startswith(" Hidden") and " 128 " in line for line in terminal.lines))
    terminal.press("q")
    assert terminal.wait_for_exit() == 0


def test_a_storm_of_sizes(open_program: Open) -> None:
    terminal = open_program()
    terminal.wait_for("saw it at step")
    terminal.press(",")  # the replay stands still: what is drawn from now on is drawn for a size
    for columns, rows in [(80, 24), (40, 10), (200, 60), (3, 2), (79, 24), (120, 30), (100, 50)] * 3:
        terminal.resize(columns, rows)
    terminal.settle()
    terminal.resize(60, 20)
    terminal.wait_for("At least 80")
    terminal.settle()
    terminal.resize(120, 36)
    terminal.wait_for("1·Train")
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    assert terminal.is_restored


def test_quitting_a_run_saves_it(training: Terminal, tmp_path: Path) -> None:
    training.press("q")
    training.wait_for("save and quit")
    training.press("\r")
    assert training.wait_for_exit() == 0
    assert training.is_restored
    end = last_event(tmp_path)
    assert end["reason"] == "stopped"
    assert Path(tmp_path, end["checkpoint"], "manifest.json").is_file()
    assert "mine: saved at step" in training.raw.decode()[-300:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_leave_through_the_same_door(training: Terminal, tmp_path: Path, number: signal.Signals) -> None:
    training.kill(number)
    assert training.wait_for_exit() == 128 + number
    assert training.is_restored
    end = last_event(tmp_path)
    assert end["reason"] == "interrupted"
    assert Path(tmp_path, end["checkpoint"], "manifest.json").is_file()


def test_a_terminal_that_is_gone_does_not_lose_the_run(training: Terminal, tmp_path: Path) -> None:
    os.close(training.descriptor)  # the kernel sends SIGHUP, and writing fails from now on
    _, status = os.waitpid(training.pid, 0)
    training.exit_code = os.waitstatus_to_exitcode(status)
    training.descriptor = os.open(os.devnull, os.O_RDONLY)
    assert training.exit_code == 128 + signal.SIGHUP
    assert last_event(tmp_path)["reason"] == "interrupted"


def run_without_terminal(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "babybert_tui", *arguments]
    plain = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(tmp_path), **environment}
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=tmp_path, env=plain, check=False
    )


@pytest.mark.parametrize("arguments", [(), ("train",)])
def test_without_a_terminal_it_names_headless(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = run_without_terminal(tmp_path, *arguments, TERM="xterm")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--headless" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not any(tmp_path.glob("checkpoints/*"))


def test_a_corpus_that_is_not_there_is_named_before_the_app_opens(open_program: Open, tmp_path: Path) -> None:
    terminal = open_program("train", "--corpus", "nowhere.txt")
    assert terminal.wait_for_exit() == 2
    assert "nowhere.txt" in terminal.text
    assert b"\x1b[?1049h" not in terminal.raw
    assert not (tmp_path / "checkpoints").exists()


def test_on_a_dumb_terminal_it_names_headless(open_program: Open) -> None:
    terminal = open_program(environment={"TERM": "dumb"})
    assert terminal.wait_for_exit() == 2
    assert "--headless" in terminal.text.replace("\n", "")
    assert b"\x1b[?1049h" not in terminal.raw


def test_headless_without_a_command_lists_the_commands(tmp_path: Path) -> None:
    done = run_without_terminal(tmp_path, "--headless")
    assert done.returncode == 2
    assert "train" in done.stderr
