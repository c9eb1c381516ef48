"""`metrics.jsonl`: the stream of a run on the disk, each logged step once, whatever interrupted it."""

import json
import os
from pathlib import Path
from typing import IO, Any

from babybert_tui.files import write_text
from babybert_tui.training.events import Event

FILE = "metrics.jsonl"


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """All whole lines, in order. A line torn by a crash is left out; no file means no lines."""
    try:
        lines = (folder / FILE).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found


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
