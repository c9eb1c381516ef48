"""The files of IMDB's published layout, in the order in which they are read."""

import os
from dataclasses import dataclass
from pathlib import Path

from babybert_tui.corpora.files import explaining

LABELS = ("pos", "neg", "unsup")
SPLITS = ("train", "test")


@dataclass(frozen=True)
class ReviewFile:
    """One review's file.

    Attributes:
        label: "pos", "neg" or "unsup".
        place: Its path; a text, for a hundred thousand paths take a second to make.
        size: In bytes.
        changed: When it was written, in nanoseconds.
    """

    label: str
    place: str
    size: int
    changed: int


def review_files(folder: Path) -> list[ReviewFile]:
    """Returns the reviews of a split: pos, neg, unsup; in each by file name, whatever order the file system has.

    Raises:
        RequestError: One of the three folders cannot be read.
    """
    return [file for label in LABELS if (folder / label).is_dir() for file in _in_order(folder / label, label)]


def _in_order(folder: Path, label: str) -> list[ReviewFile]:
    with explaining(folder), os.scandir(folder) as entries:
        files = sorted((entry for entry in entries if entry.name.endswith(".txt") and entry.is_file()), key=_name)
        statuses = [(entry, entry.stat()) for entry in files]
    return [ReviewFile(label, entry.path, status.st_size, status.st_mtime_ns) for entry, status in statuses]


def _name(entry: "os.DirEntry[str]") -> str:
    return entry.name
