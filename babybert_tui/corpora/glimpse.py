"""A first glimpse of a corpus: how large it is, how it is read, and how it begins; without reading more than that."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from babybert_tui.corpora.gathering import Document
from babybert_tui.corpora.opening import open_source
from babybert_tui.corpora.source import Source

_DOCUMENTS = 3


@dataclass(frozen=True)
class Glimpse:
    """What can be said of a corpus at once.

    Attributes:
        size: In bytes; 0 where nobody knows before all of it is read.
        format: How it is read, in words for a person.
        documents: The first few.
    """

    size: int
    format: str
    documents: tuple[Document, ...]


def glimpse(
    name: str, *, text_field: str | None = None, encoding_errors: str = "strict", data_root: str | None = None
) -> Glimpse:
    """Opens a corpus and reads its beginning. For the arguments and what it raises see `open_source`."""
    source = open_source(name, text_field=text_field, encoding_errors=encoding_errors, data_root=data_root)
    documents = tuple(islice(filter(None, _documents(source)), _DOCUMENTS))
    return Glimpse(source.size, source.format, documents)


def _documents(source: Source) -> Iterator[Document]:
    for block in source.blocks(lambda _done: None):
        yield from block.documents()
