"""IMDB (Maas et al. 2011), read through torchtext: train and unsup to learn from, test held out."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babybert_tui.corpora.corpus import counted
from babybert_tui.corpora.decoding import decode
from babybert_tui.corpora.files import explaining
from babybert_tui.corpora.layout import Layout
from babybert_tui.corpora.published.review_files import SPLITS, review_files
from babybert_tui.corpora.source import Block, Progress, Source, record_blocks

NAME = "imdb"
_PUBLISHED_REVIEWS = 100_000
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class ReviewsSource(Source):
    """The reviews of a local copy in the published layout.

    Order: train/pos, train/neg, train/unsup, test/pos, test/neg; in each folder by file name.

    Args:
        folder: With `train` and `test` in it.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD.
    """

    def __init__(self, folder: Path, encoding_errors: str) -> None:
        self.name = NAME
        self._folder, self._encoding_errors = folder, encoding_errors
        self._files = [file for split in SPLITS for file in review_files(folder / split)]
        self.size = sum(file.size for file in self._files)
        self._replaced = 0

    def fingerprint(self, progress: Progress) -> str:
        """A digest of names, sizes and times of change: to open 100,000 files would take longer than one waits."""
        del progress
        above = len(str(self._folder))  # where the copy lies makes no difference
        facts = (f"{file.place[above:]}\0{file.size}\0{file.changed}" for file in self._files)
        return hashlib.sha256("\n".join([self._encoding_errors, *facts]).encode("utf-8", "surrogateescape")).hexdigest()

    def blocks(self, progress: Progress) -> Iterator[Block]:
        """The training reviews, then the held-out ones."""
        from babybert_tui.corpora.published.torchtext_sets import review_splits  # brings torch

        done = self._replaced = 0

        def read(path: Path) -> str:
            nonlocal done
            with explaining(path):
                data = path.read_bytes()
            done += len(data)
            progress(done)
            decoded = decode(data, str(path), self._encoding_errors)
            self._replaced += decoded.replaced_bytes
            return decoded.text

        train, test = review_splits(self._folder, read)
        yield from record_blocks(_prose(train), Layout.PARAGRAPHS, held_out=False)
        yield from record_blocks(_prose(test), Layout.PARAGRAPHS, held_out=True)

    @property
    def format(self) -> str:
        """How it was read, in words for a person."""
        return (
            "IMDB's reviews, each a document, split into sentences, <br /> a line break; "
            "order: train/pos, train/neg, train/unsup, test/pos, test/neg, by file name"
        )

    def notes(self) -> Iterator[str]:
        """What is held out, and in what the copy differs from the published one."""
        yield "held out is the data set's own test split; the held-out share does not apply"
        count = len(self._files)
        if count != _PUBLISHED_REVIEWS:
            yield f"this copy has {count:,} of the {_PUBLISHED_REVIEWS:,} reviews that were published"
        if not (self._folder / "train" / "unsup").is_dir():
            yield "this copy has no train/unsup, the reviews without a label"
        if self._replaced:
            yield f"{counted(self._replaced, 'invalid byte sequence')} replaced by U+FFFD"


def _prose(examples: Any) -> Iterator[str]:
    return (_LINE_BREAK.sub("\n", example.text) for example in examples)
