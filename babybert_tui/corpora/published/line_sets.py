"""WikiText (Merity et al. 2016) and the Penn Treebank (Mikolov's version), read through torchtext.

The training split is learned from and the published validation split held out; the test split stays unread, for whoever
wants figures that nothing was chosen by.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babybert_tui.corpora.corpus import counted
from babybert_tui.corpora.decoding import Decoding
from babybert_tui.corpora.files import explaining
from babybert_tui.corpora.gathering import Document
from babybert_tui.corpora.layout import Layout
from babybert_tui.corpora.plain_text import describe
from babybert_tui.corpora.published.catalogue import PublishedSet
from babybert_tui.corpora.source import BLOCK_CHARACTERS, Block, PlainText, Progress, Source, document_blocks
from babybert_tui.corpora.wikitext import last_title, without_signs
from babybert_tui.files import sha256_of

_READ_BYTES = 1 << 20
_TREEBANK_SENTENCES = 32  # in a document: a few hundred tokens, enough for several pairs


class LineSource(Source):
    """A corpus of lines with a training and a validation file.

    Args:
        published: Which one.
        folder: Of the local copy.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD.
    """

    def __init__(self, published: PublishedSet, folder: Path, encoding_errors: str) -> None:
        self.name = published.name
        self._published, self._folder, self._encoding_errors = published, folder, encoding_errors
        self._paths = [folder / name for name in published.required[:2]]
        self.size = sum(path.stat().st_size for path in self._paths)
        self._replaced = 0

    def fingerprint(self, progress: Progress) -> str:
        """A digest of both files' content."""
        del progress
        facts = [self.name, self._encoding_errors, *map(_sha256_of, self._paths)]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()

    def blocks(self, progress: Progress) -> Iterator[Block]:
        """The training text, then the held-out one."""
        from babybert_tui.corpora.published.torchtext_sets import line_splits  # brings torch

        done = self._replaced = 0

        def read(path: Path) -> Iterator[str]:
            nonlocal done
            decoding = Decoding(str(path), self._encoding_errors)
            for line in _lines(decoding.stretches(_bytes_of(path))):
                done += len(line) + 1
                yield line
                progress(done)
            self._replaced += decoding.replaced_bytes

        train, validation = line_splits(self.name, self._folder, read)
        yield from self._split(_texts(train), held_out=False)
        yield from self._split(_texts(validation), held_out=True)

    @abstractmethod
    def _split(self, lines: Iterator[str], *, held_out: bool) -> Iterator[Block]:
        """Gathers the lines of a split into documents."""

    def notes(self) -> Iterator[str]:
        """What is held out, and in what the copy differs from the published one."""
        yield (
            "held out is the data set's own validation split, its test split is not read; "
            "the held-out share does not apply"
        )
        sizes = {file.name: file.size for file in self._published.files}
        for path in self._paths:
            published, here = sizes.get(path.name), path.stat().st_size
            if published not in (None, here):
                yield f"{path.name} has {here:,} bytes, {published:,} were published"
        if self._replaced:
            yield f"{counted(self._replaced, 'invalid byte sequence')} replaced by U+FFFD"


class WikiTextSource(LineSource):
    """WikiText: an article is a document, in the order of the file."""

    def _split(self, lines: Iterator[str], *, held_out: bool) -> Iterator[Block]:
        for stretch in _articles(lines):
            yield PlainText(stretch, Layout.WIKITEXT, held_out)

    @property
    def format(self) -> str:
        """How it was read, in words for a person."""
        return describe(Layout.WIKITEXT)


class TreebankSource(LineSource):
    """The Penn Treebank: a line is a sentence, in the order of the file; where articles end was not published."""

    def _split(self, lines: Iterator[str], *, held_out: bool) -> Iterator[Block]:
        yield from document_blocks(_parts(lines), held_out=held_out)

    @property
    def format(self) -> str:
        """How it was read, in words for a person."""
        return "Penn Treebank, a line is a sentence, <unk> a word"

    def notes(self) -> Iterator[str]:
        """Also how its documents were made."""
        yield from super().notes()
        yield f"it does not say where articles end: {_TREEBANK_SENTENCES} sentences in a row are a document"


def _articles(lines: Iterable[str]) -> Iterator[str]:
    """Yields stretches of some megabytes that begin with a title."""
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line) + 1
        if size >= BLOCK_CHARACTERS:
            text = "\n".join([*waiting, ""])
            end = last_title(text)
            if end:
                yield text[:end]
            waiting, size = [text[end:].removesuffix("\n")], len(text) - end
    yield "\n".join(waiting)


def _parts(lines: Iterable[str]) -> Iterator[Document]:
    part: list[str] = []
    for line in lines:
        sentence = without_signs(line.strip())
        if sentence:
            part.append(sentence)
        if len(part) == _TREEBANK_SENTENCES:
            yield tuple(part)
            part = []
    yield tuple(part)


def _texts(examples: Any) -> Iterator[str]:
    return (example.text for example in examples)


def _sha256_of(path: Path) -> str:
    with explaining(path):
        return sha256_of(path)


def _bytes_of(path: Path) -> Iterator[bytes]:
    with explaining(path), path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            yield block


def _lines(stretches: Iterable[str]) -> Iterator[str]:
    """Yields the lines of a text that comes in stretches, without their ends."""
    rest = ""
    for stretch in stretches:
        *whole, rest = (rest + stretch).split("\n")
        yield from whole
    if rest:
        yield rest
