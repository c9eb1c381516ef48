"""Ctrl-C, SIGTERM, SIGHUP and a closed stdout: saved, said how to go on, and the same state in the end."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headless.program import SMALL, call, parse, spawn

if TYPE_CHECKING:
    import subprocess

STEPS = 150
PACE = ("--log-every", "1", "--eval-every", "50", "--save-every", "50")
GIVEN = (*SMALL, *PACE, "--max-steps", str(STEPS), "--run", "r")


def start(directory: Path, corpus: Path) -> "subprocess.Popen[str]":
    return spawn(directory, "--headless", "train", "--corpus", corpus, *GIVEN, "--json")


def read_until_step(process: "subprocess.Popen[str]", step: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        event = parse(line)
        if event["event"] == "step" and event["step"] >= step:
            return
    raise AssertionError("the stream ended early")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> str:
    """The digest of a run that nobody disturbed."""
    directory = tmp_path_factory.mktemp("uninterrupted")
    outcome = call(directory, "--headless", "train", "--corpus", corpus, *GIVEN, "--json", "--quiet")
    assert outcome.code == 0
    digest: str = outcome.events[-1]["state_sha256"]
    return digest


def go_on_and_compare(directory: Path, corpus: Path, digest: str) -> None:
    outcome = call(directory, "--headless", "train", "--corpus", corpus, *GIVEN, "--json", "--quiet")
    assert outcome.code == 0
    assert outcome.events[0]["step"] > 0
    assert outcome.events[-1]["state_sha256"] == digest
    lines = (directory / "checkpoints/r/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    logged = [event["step"] for event in map(parse, lines) if event["event"] == "step"]
    assert logged == list(range(1, STEPS + 1))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_saves_and_the_same_command_reaches_the_same_state(
    number: signal.Signals, code: int, tmp_path: Path, corpus: Path, uninterrupted: str
) -> None:
    process = start(tmp_path, corpus)
    read_until_step(process, 20)
    process.send_signal(number)
    rest, complaints = process.communicate(timeout=60)
    end = parse(rest.splitlines()[-1])
    assert process.returncode == code
    assert (end["event"], end["reason"]) == ("end", "interrupted")
    assert 20 <= end["step"] < STEPS
    assert (tmp_path / end["checkpoint"] / "manifest.json").is_file()
    assert f"Interrupted at step {end['step']}" in complaints
    assert "To go on: babybert-tui --headless train --corpus" in complaints
    assert "Traceback" not in complaints
    go_on_and_compare(tmp_path, corpus, uninterrupted)


def test_a_closed_stdout_saves_and_leaves_with_141(tmp_path: Path, corpus: Path, uninterrupted: str) -> None:
    process = start(tmp_path, corpus)
    read_until_step(process, 20)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaints = process.stderr.read()
    assert process.wait(timeout=60) == 141
    assert "saved in checkpoints/r/step-" in complaints
    assert "Traceback" not in complaints
    go_on_and_compare(tmp_path, corpus, uninterrupted)
