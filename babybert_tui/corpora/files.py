"""Files and standard input as a source of text."""

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from babybert_tui.cache import ENVIRONMENT
from babybert_tui.corpora import lab_csv
from babybert_tui.corpora.corpus import counted
from babybert_tui.corpora.decoding import Decoding
from babybert_tui.corpora.finding import is_packed, suffix_of
from babybert_tui.corpora.markdown import markdown_prose
from babybert_tui.corpora.plain_text import describe, record_layout
from babybert_tui.corpora.records import read_csv, read_jsonl
from babybert_tui.corpora.source import Block, Progress, Source, record_blocks
from babybert_tui.corpora.stretches import LONGEST_DOCUMENT, EndlessText, at_line_ends, plain_blocks
from babybert_tui.errors import RequestError, RunError

_READ_BYTES = 1 << 20
_LOOKED_AT = 10_000  # records, to tell how their texts are laid out
_LOOKED_AT_CHARACTERS = 1 << 24

_RECORD_READERS: dict[str, tuple[str, Callable[[Iterable[str], str, str | None], tuple[str, Iterator[str]]]]] = {
    ".jsonl": ("JSON lines", read_jsonl),
    ".csv": ("CSV", read_csv),
}


class FileSource(Source):
    """Regular files, read in the order given; Markdown is read a file at a time, everything else in stretches.

    Args:
        name: What the user called them.
        paths: At least one.
        found: Notes from the search for them.
        text_field: The field that holds the text of JSON lines and CSV records; None finds it.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD and count them in the notes.
        as_text: What to call the one file, which is plain text, in messages; None: by their paths and suffixes.
    """

    def __init__(
        self,
        name: str,
        paths: Sequence[Path],
        found: Iterable[str] = (),
        *,
        text_field: str | None = None,
        encoding_errors: str = "strict",
        as_text: str | None = None,
    ) -> None:
        self.name = name
        self.size = sum(_size_of(path) for path in paths)
        self._paths = paths
        self._found = tuple(found)
        self._text_field = text_field
        self._encoding_errors = encoding_errors
        self._as_text = as_text
        self._forget()

    def _forget(self) -> None:
        self._formats: Counter[str] = Counter()
        self._replaced: Counter[str] = Counter()
        self._nuls: Counter[str] = Counter()
        self._empty_records = self._endless = 0
        self._has_records = self._is_lab_table = False

    def fingerprint(self, progress: Progress) -> str:
        """The digest of the files' names and contents, of the notes on finding them and of the options."""
        digest = hashlib.sha256(repr((self._found, self._text_field, self._encoding_errors)).encode())
        done = 0
        for path in self._paths:
            name = self._as_text or str(path)
            content = hashlib.sha256()
            for data in _bytes_of(path, unpacked=False):
                content.update(data)
                done += len(data)
                progress(done)
            digest.update(repr((name, content.hexdigest())).encode(errors="surrogateescape"))
        return digest.hexdigest()

    def blocks(self, progress: Progress) -> Iterator[Block]:
        """Reads the files one after the other.

        Raises:
            RequestError: A file cannot be read or decoded, or is not what its suffix says.
        """
        self._forget()
        before = 0
        for path in self._paths:
            for block in self._blocks_of(path, _after(before, progress)):
                self._endless += isinstance(block, EndlessText)
                yield block
            before += _size_of(path)

    def _blocks_of(self, path: Path, progress: Progress) -> Iterator[Block]:
        source = self._as_text or str(path)
        suffix = ".txt" if self._as_text else suffix_of(path)
        decoding = Decoding(source, self._encoding_errors)
        texts = decoding.stretches(_bytes_of(path, unpacked=not self._as_text, progress=progress))
        if suffix in _RECORD_READERS:
            yield from self._record_blocks(texts, source, suffix)
        else:
            is_markdown = suffix == ".md"
            layout, blocks = plain_blocks([markdown_prose("".join(texts))] if is_markdown else texts)
            self._formats["Markdown: " * is_markdown + describe(layout)] += 1
            yield from blocks
        self._replaced[source] += decoding.replaced_bytes
        self._nuls[source] += decoding.dropped_nuls

    def _record_blocks(self, stretches: Iterable[str], source: str, suffix: str) -> Iterator[Block]:
        self._has_records = True
        name, read = _RECORD_READERS[suffix]
        field_name, texts = read(at_line_ends(stretches, source), source, self._text_field)
        if field_name == lab_csv.TEXT_FIELD:
            self._is_lab_table = True
            texts = lab_csv.each_review_once(texts)
        head = list(_head(texts))
        layout = record_layout(head)
        self._formats[f"{name}, each record's {field_name!r} a document, {layout.value}"] += 1
        yield from record_blocks(self._counting_empty(chain(head, texts)), layout)

    def _counting_empty(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            if text.strip():
                yield text
            else:
                self._empty_records += 1

    @property
    def format(self) -> str:
        """All ways in which files were read, with how many files each where they differ."""
        if len(self._formats) == 1:
            return next(iter(self._formats))
        return "; ".join(f"{count} × {reading}" for reading, count in self._formats.most_common())

    def notes(self) -> Iterator[str]:
        """What was noticed on the way."""
        yield from self._found
        yield from _noticed(self._replaced, "invalid byte sequence", "replaced by U+FFFD")
        yield from _noticed(self._nuls, "NUL character", "left out")
        if self._is_lab_table:
            yield lab_csv.NOTE
        if self._empty_records:
            yield f"{counted(self._empty_records, 'empty record')} left out"
        if self._text_field is not None and not self._has_records:
            yield "the text field has no effect: there is neither JSON lines nor CSV here"
        if self._endless:
            yield f"stretches of more than {LONGEST_DOCUMENT >> 20} MB without a blank line were cut into short parts"


def _after(before: int, progress: Progress) -> Progress:
    return lambda done: progress(before + done)


def spool(stream: BinaryIO, path: Path, progress: Progress) -> None:
    """Writes standard input to a file, so that it can be read more than once.

    Raises:
        RequestError: It cannot be read.
        RunError: It cannot be written.
    """
    done = 0
    try:
        with path.open("wb") as file:
            while data := _read(stream):
                file.write(data)
                done += len(data)
                progress(done)
    except OSError as error:
        raise RunError(
            f"Standard input cannot be kept in {path.parent}: {error.strerror or error}.",
            f"Free some space, or name another folder in {ENVIRONMENT}.",
        ) from error


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.read(_READ_BYTES)
    except OSError as error:
        raise RequestError(
            f"Standard input cannot be read: {error.strerror or error}.", "Pipe a text in, or name a file."
        ) from error


def _head(texts: Iterator[str]) -> Iterator[str]:
    characters = 0
    for text in islice(texts, _LOOKED_AT):
        yield text
        characters += len(text)
        if characters > _LOOKED_AT_CHARACTERS:
            return


def _bytes_of(path: Path, *, unpacked: bool, progress: Progress = lambda _done: None) -> Iterator[bytes]:
    """Yields a file's content a megabyte at a time; `progress` is told how far in the file, packed or not, that is."""
    with explaining(path), path.open("rb") as file:
        content = gzip.GzipFile(fileobj=file) if unpacked and is_packed(path) else file
        while data := content.read(_READ_BYTES):
            progress(file.tell())
            yield data


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Makes a RequestError that names the file of what goes wrong in reading it."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RequestError(f"{path} is not a complete gzip file: {error}.", "Fetch or pack it again.") from error
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _size_of(path: Path) -> int:
    with explaining(path):
        return path.stat().st_size


def _noticed(counts: Counter[str], what: str, outcome: str) -> Iterator[str]:
    total = counts.total()
    if total:
        sources = [source for source, count in counts.items() if count]
        where = sources[0] if len(sources) == 1 else f"{len(sources)} files"
        yield f"{counted(total, what)} {outcome} in {where}"
