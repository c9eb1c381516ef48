"""The program called as a user calls it: in this process, or in one of its own where it is about signals and pipes."""

import io
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babybert_tui.cli import main

SMALL = (
    *("--hidden-size", "16", "--num-layers", "1", "--num-heads", "2", "--max-length", "24", "--vocab-size", "300"),
    *("--batch-size", "4", "--threads", "1", "--precision", "fp32"),
)
SHORT = ("--max-steps", "6", "--eval-every", "3", "--save-every", "3", "--log-every", "2")


def parse(line: str) -> dict[str, Any]:
    """One JSON object; NaN and Infinity, which Python would read, are refused."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    found: dict[str, Any] = json.loads(line, parse_constant=refuse)
    return found


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and how it left."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """The objects of the stream."""
        return [parse(line) for line in self.out.splitlines()]

    @property
    def json(self) -> dict[str, Any]:
        """The one object that was printed."""
        assert self.code == 0, self.err
        assert self.out.count("\n") == 1
        return parse(self.out)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of a kind."""
        return [event for event in self.events if event["event"] == kind]


def call(directory: Path, *arguments: str | Path) -> Outcome:
    """Runs a command in this process, in `directory`."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    with chdir(directory), redirect_stdout(out), redirect_stderr(err):
        try:
            main([*map(str, arguments)])
        except SystemExit as leaving:
            code = leaving.code
    return Outcome(code, out.getvalue(), err.getvalue())


def train(directory: Path, corpus: Path, *arguments: str) -> Outcome:
    """Trains a small model on `corpus`, with the stream on stdout."""
    return call(directory, "--headless", "train", "--corpus", corpus, *SMALL, *SHORT, "--json", *arguments)


def spawn(directory: Path, *arguments: str | Path, **more: Any) -> "subprocess.Popen[str]":
    """Runs a command in a process of its own, in `directory`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    command = [sys.executable, "-m", "babybert_tui", *map(str, arguments)]
    return subprocess.Popen(command, cwd=directory, env=environment, text=True, **streams)


def files_below(directory: Path) -> list[str]:
    """Everything in a folder, by name."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))
