"""A corpus before it is read: a source gives its text in blocks, one after the other, and never holds all of it.

Reading means: `source.blocks()` cuts the input into blocks of a few megabytes (cheap, in order), `block.documents()`
splits one of them into documents and sentences (expensive, on any core, in any process: blocks pickle). A reader of a
new format subclasses `Source` and yields `Records` (texts that still want splitting), `PlainText` (one text that does)
or `Documents` (split already).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from babybert_tui.corpora.gathering import Document
from babybert_tui.corpora.layout import Layout
from babybert_tui.corpora.plain_text import read_blocks_of, split_record

BLOCK_CHARACTERS = 1 << 21  # of text, about: enough to keep a core busy for a while, little enough to hold many
Progress = Callable[[int], None]  # told how many bytes of the input have been dealt with so far


class Block(Protocol):
    """A part of a source that memory holds with ease; no document stands in two."""

    @property
    def held_out(self) -> bool | None:
        """On which side the data set itself puts these documents; None: the hash of their content decides."""

    def documents(self) -> Iterator[Document]:
        """Splits it; what is empty may be among them."""


@dataclass(frozen=True)
class Documents:
    """Documents that are split already."""

    content: Sequence[Document]
    held_out: bool | None = None

    def documents(self) -> Iterator[Document]:
        """They are."""
        return iter(self.content)


@dataclass(frozen=True)
class Records:
    """One text a document, blank lines or not."""

    texts: Sequence[str]
    layout: Layout
    held_out: bool | None = None

    def documents(self) -> Iterator[Document]:
        """Splits each text into sentences."""
        return (split_record(text, self.layout) for text in self.texts)


@dataclass(frozen=True)
class PlainText:
    """A stretch of a text file that begins and ends with a document."""

    text: str
    layout: Layout
    held_out: bool | None = None

    def documents(self) -> Iterator[Document]:
        """Splits at blank lines, in WikiText at titles."""
        return read_blocks_of(self.text, self.layout)


class Source(ABC):
    """A corpus that can be read, any number of times.

    Attributes:
        name: What the user called it: "stories", a path as given, "-" for standard input.
        size: Bytes of input, for a progress bar; 0 where nobody knows.
    """

    name: str
    size: int = 0
    _paths: Sequence[Path] = ()  # of the files that it reads

    def state(self) -> dict[Path, object]:
        """Returns what changes of its files when they are written to, which takes a moment: size, time and place."""
        return {path: _state_of(path) for path in self._paths}

    @abstractmethod
    def fingerprint(self, progress: Progress) -> str:
        """Returns what all its documents depend on, as a digest: equal ones stand for equal documents.

        The reading code itself need not be in it. Files are hashed by content, which takes a second for a gigabyte.
        """

    @abstractmethod
    def blocks(self, progress: Progress) -> Iterator[Block]:
        """Cuts the input into blocks, from the beginning.

        Raises:
            RequestError: It cannot be read or decoded.
        """

    @property
    @abstractmethod
    def format(self) -> str:
        """How it was read, in words for a person; known once the blocks have been read."""

    def notes(self) -> Iterable[str]:
        """What else the user should know; known once the blocks have been read."""
        return ()


def _state_of(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino


class Generated(Source):
    """Documents that a function makes.

    Args:
        name: As in `--corpus`.
        reading: How they are made, in words for a person.
        documents: Makes them.
        digest: Of what they depend on besides the program's own code.
    """

    def __init__(
        self, name: str, reading: str, documents: Callable[[], Iterable[Document]], digest: Callable[[], str]
    ) -> None:
        self.name = name
        self._reading = reading
        self._documents = documents
        self._digest = digest

    def fingerprint(self, progress: Progress) -> str:
        """As given."""
        del progress
        return f"{self.name} {self._digest()}"

    def blocks(self, progress: Progress) -> Iterator[Block]:
        """All of it, some thousand documents at a time."""
        del progress
        yield from document_blocks(self._documents())

    @property
    def format(self) -> str:
        """As given."""
        return self._reading


def document_blocks(documents: Iterable[Document], *, held_out: bool | None = None) -> Iterator[Documents]:
    """Gathers documents that are split already into blocks."""
    block: list[Document] = []
    size = 0
    for document in documents:
        block.append(document)
        size += sum(map(len, document))
        if size >= BLOCK_CHARACTERS:
            yield Documents(block, held_out)
            block, size = [], 0
    if block:
        yield Documents(block, held_out)


def record_blocks(texts: Iterable[str], layout: Layout, *, held_out: bool | None = None) -> Iterator[Records]:
    """Gathers texts, one a document, into blocks that split them on any core."""
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size >= BLOCK_CHARACTERS:
            yield Records(block, layout, held_out)
            block, size = [], 0
    if block:
        yield Records(block, layout, held_out)
