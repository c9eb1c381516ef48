"""`metrics.jsonl`: the stream of a run on the disk, each logged step once, whatever interrupted it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babybert_tui.files import write_text
from babybert_tui.training.events import Event

FILE = "metrics.jsonl"


def iterate_metrics(folder: Path) -> Iterator[dict[str, Any]]:
    """All whole lines, in order and one at a time. A line torn by a crash is left out; no file means no lines."""
    try:
        file = (folder / FILE).open("rb")
    except FileNotFoundError:
        return
    with file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """As `iterate_metrics`, all at once."""
    return list(iterate_metrics(folder))


def cut_back(folder: Path, step: int) -> list[dict[str, Any]]:
    """Drops what was logged after `step`, setting events aside, rewrites the file and returns what is left."""
    kept = [entry for entry in read_metrics(folder) if entry["event"] == "setting" or entry.get("step", 0) <= step]
    write_text(folder / FILE, "".join(to_line(entry) for entry in kept))
    return kept


def to_line(entry: dict[str, Any]) -> str:
    """One object of the stream as a line; never NaN or Infinity."""
    return json.dumps(entry, allow_nan=False, ensure_ascii=False) + "\n"


class MetricsLog:
    """Appends events to the file as they happen."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[str] = (folder / FILE).open("a", encoding="utf-8", newline="\n")

    def write(self, event: Event) -> None:
        """Appends one event; it is in the operating system's hands when this returns."""
        self._file.write(to_line(event.as_json()))
        self._file.flush()

    def sync(self) -> None:
        """Waits until all of it is on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """No more events."""
        self._file.close()
