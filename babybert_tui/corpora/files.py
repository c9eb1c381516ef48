"""Files and standard input as a corpus."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from babybert_tui.corpora.corpus import Corpus, Document, counted, make_corpus
from babybert_tui.corpora.decoding import decode
from babybert_tui.corpora.finding import is_packed, suffix_of
from babybert_tui.corpora.markdown import markdown_prose
from babybert_tui.corpora.plain_text import describe, read_plain_text, read_record_texts
from babybert_tui.corpora.records import read_csv, read_jsonl
from babybert_tui.errors import RequestError

_RECORD_READERS: dict[str, tuple[str, Callable[[str, str, str | None], tuple[str, list[str]]]]] = {
    ".jsonl": ("JSON lines", read_jsonl),
    ".csv": ("CSV", read_csv),
}


@dataclass
class _Reading:
    """Options of one reading, and what has been noticed so far."""

    text_field: str | None
    encoding_errors: str
    formats: Counter[str] = field(default_factory=Counter)
    replaced: Counter[str] = field(default_factory=Counter)
    nuls: Counter[str] = field(default_factory=Counter)
    empty_records: int = 0
    has_records: bool = False

    def documents(self, data: bytes, source: str, suffix: str) -> Iterator[Document]:
        """Reads one file's content."""
        decoded = decode(data, source, self.encoding_errors)
        self.replaced[source] += decoded.replaced_bytes
        self.nuls[source] += decoded.dropped_nuls
        if suffix in _RECORD_READERS:
            return self._records(decoded.text, source, suffix)
        layout, documents = read_plain_text(markdown_prose(decoded.text) if suffix == ".md" else decoded.text)
        self.formats["Markdown: " * (suffix == ".md") + describe(layout)] += 1
        return documents

    def _records(self, text: str, source: str, suffix: str) -> Iterator[Document]:
        self.has_records = True
        name, read = _RECORD_READERS[suffix]
        field_name, texts = read(text, source, self.text_field)
        layout, documents = read_record_texts(texts)
        self.empty_records += sum(not text.strip() for text in texts)
        self.formats[f"{name}, each record's {field_name!r} a document, {layout.value}"] += 1
        return documents

    def format(self) -> str:
        """Returns all ways in which files were read, with how many files each where they differ."""
        if len(self.formats) == 1:
            return next(iter(self.formats))
        return "; ".join(f"{count} × {reading}" for reading, count in self.formats.most_common())

    def notes(self) -> Iterator[str]:
        """Yields what the user should know."""
        yield from _noticed(self.replaced, "invalid byte sequence", "replaced by U+FFFD")
        yield from _noticed(self.nuls, "NUL character", "left out")
        if self.empty_records:
            yield f"{counted(self.empty_records, 'empty record')} left out"
        if self.text_field is not None and not self.has_records:
            yield "the text field has no effect: there is neither JSON lines nor CSV here"


def read_files(
    name: str, paths: Iterable[Path], notes: Iterable[str], *, text_field: str | None, encoding_errors: str
) -> Corpus:
    """Reads files, in the order given, into one corpus called `name`.

    Raises:
        RequestError: A file cannot be read or decoded, or is not what its suffix says.
    """
    reading = _Reading(text_field, encoding_errors)

    def documents() -> Iterator[Document]:
        for path in paths:
            yield from reading.documents(_bytes_of(path), str(path), suffix_of(path))

    read = [*documents()]
    return make_corpus(name, reading.format(), read, [*notes, *reading.notes()])


def read_stream(stream: BinaryIO, *, text_field: str | None, encoding_errors: str) -> Corpus:
    """Reads standard input, as plain text, into the corpus "-".

    Raises:
        RequestError: It cannot be read or decoded.
    """
    reading = _Reading(text_field, encoding_errors)
    try:
        data = stream.read()
    except OSError as error:
        raise RequestError(f"Standard input cannot be read: {error.strerror}.") from error
    read = [*reading.documents(data, "standard input", ".txt")]
    return make_corpus("-", reading.format(), read, reading.notes())


def _bytes_of(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if is_packed(path) else data
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RequestError(f"{path} is not a complete gzip file: {error}.", "Fetch or pack it again.") from error
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _noticed(counts: Counter[str], what: str, outcome: str) -> Iterator[str]:
    total = counts.total()
    if total:
        sources = [source for source, count in counts.items() if count]
        where = sources[0] if len(sources) == 1 else f"{len(sources)} files"
        yield f"{counted(total, what)} {outcome} in {where}"
