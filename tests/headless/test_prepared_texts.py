"""The cache of prepared texts: cleared by a command, seen by `doctor`, and clean after Ctrl-C."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from babybert_tui.cache import ENVIRONMENT
from headless.program import call, spawn

ENDLESS = 400_000  # documents: half a minute of work for several processes


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "cache"))
    return tmp_path / "cache" / "prepared"


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_cache_is_cleared_by_a_command(tmp_path: Path, corpus: Path, folder: Path) -> None:
    call(tmp_path, "corpus", "--corpus", corpus, "--vocab-size", "300")
    size = _size(folder)
    assert size > 0
    cleared = call(tmp_path, "corpus", "--clear-cache", "--json").json
    assert cleared == {"schema": 1, "removed": 2, "bytes": size, "folder": str(folder)}
    assert _size(folder) == 0
    again = call(tmp_path, "corpus", "--clear-cache")
    assert (again.code, again.out) == (0, f"0 prepared parts of texts, 0.0 MB, removed from {folder}\n")


def test_doctor_says_how_large_the_cache_is(tmp_path: Path, corpus: Path, folder: Path) -> None:
    call(tmp_path, "corpus", "--corpus", corpus, "--vocab-size", "300")
    checks = {check["name"]: check for check in call(tmp_path, "doctor", "--json").json["checks"]}
    assert checks["cache folder"]["found"].startswith(str(folder.parent))
    assert checks["texts"]["found"].startswith("2 prepared parts in the cache, 0.")
    assert "--clear-cache" in checks["texts"]["found"]


def test_lines_say_how_far_a_long_text_is(tmp_path: Path, corpus: Path) -> None:
    small = ("--hidden-size", "16", "--num-layers", "1", "--num-heads", "2", "--vocab-size", "300", "--max-steps", "1")
    outcome = call(tmp_path, "--headless", "train", "--corpus", corpus, *small, "--json")
    assert outcome.err.splitlines()[:2] == ["looking at the corpus …", "reading the corpus …"]


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_text_given_up_leaves_no_file_and_no_process(tmp_path: Path, folder: Path, stop: signal.Signals) -> None:
    """As the terminal does it: the signal reaches the whole group."""
    with (tmp_path / "long.txt").open("w") as file:
        file.writelines(f"Number {n} is first here. It has two, {n}.\n\n" * 2 for n in range(ENDLESS))
    options = ("--corpus", "long.txt", "--threads", "2", "--vocab-size", "300", "--run", "long")
    process = spawn(tmp_path, "--headless", "train", *options, start_new_session=True)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("reading the corpus"):
            break
    os.killpg(process.pid, stop)
    assert "nothing to save" in process.stderr.read()  # it ends when the last process that holds stderr has ended
    assert process.wait() == 128 + stop
    assert [path.name for path in folder.iterdir() if path.suffix != ".lock"] == []
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("command", ["corpus", "evaluate"])
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_piped_text_given_up_leaves_no_file(tmp_path: Path, folder: Path, command: str, stop: signal.Signals) -> None:
    process = spawn(tmp_path, "--headless", command, "--corpus", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write("A line that goes on. " * 200_000)  # more than a pipe holds: most of it has been taken then
    process.stdin.flush()
    assert any(folder.iterdir())
    process.send_signal(stop)
    assert process.communicate() == ("", "")
    assert process.returncode == 128 + stop
    assert list(folder.iterdir()) == []


def test_two_programs_at_once_prepare_a_text_once(tmp_path: Path, corpus: Path, folder: Path) -> None:
    both = [spawn(tmp_path, "corpus", "--corpus", corpus, "--vocab-size", "300", "--json") for _ in range(2)]
    outputs = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert outputs[0][0] == outputs[1][0]
    assert len([path for path in folder.iterdir() if path.is_dir()]) == 2
