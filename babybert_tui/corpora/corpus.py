"""What every reader returns: documents, each a tuple of sentences, and how they were read."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.gathering import (
    HELD_OUT,
    LONGEST_SENTENCE,
    TRAINING,
    UNDECIDED,
    Document,
    Gathering,
    Packed,
    pack,
)

__all__ = [
    "Corpus",
    "Document",
    "corpus_of",
    "counted",
    "gather_in_memory",
    "make_corpus",
]


@dataclass(frozen=True)
class Corpus:
    """A text corpus, in memory or on the disk.

    Attributes:
        name: What the user called it: "stories", a path as given, "-" for standard input.
        format: How it was read, in words for a person.
        documents: Each document's sentences; none is empty, no document stands twice.
        duplicates_dropped: How many documents were left out because their text had been seen before.
        sha256: Hex digest of the documents' content, order included.
        notes: Whatever else the user should know about the reading.
        sentence_count: Number of sentences in all documents.
        word_count: Number of words, taken as stretches between white space.
        hashes: (documents,) uint64, the first eight bytes of the SHA-256 of each one's content.
        sides: (documents,) int8, UNDECIDED, TRAINING or HELD_OUT.
    """

    name: str
    format: str
    documents: Sequence[Document]
    duplicates_dropped: int
    sha256: str
    notes: tuple[str, ...]
    sentence_count: int
    word_count: int
    hashes: NDArray[np.uint64] = field(compare=False, repr=False)
    sides: NDArray[np.int8] = field(compare=False, repr=False)


def counted(number: int, noun: str) -> str:
    """Returns "1 document", "2,000 documents"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def make_corpus(
    name: str,
    reading: str,
    documents: Iterable[Document],
    notes: Iterable[str] = (),
    *,
    held_out: Iterable[Document] | None = None,
) -> Corpus:
    """Returns a corpus in memory, without empty documents and repetitions (the first of equal documents stays).

    Args:
        name: What the user called it.
        reading: How it was read, in words for a person.
        documents: Stripped sentences without line feeds; an iterator is read once.
        notes: What else the user should know; read after `documents`, so that reading may still add to them.
        held_out: The documents that the data set itself keeps for evaluation; `documents` are then all for training.
    """
    first = pack(documents, UNDECIDED if held_out is None else TRAINING)
    gathering, content = gather_in_memory([first, pack(held_out or (), HELD_OUT)])
    return corpus_of(gathering, name, reading, content, notes)


def gather_in_memory(packed: Iterable[Packed]) -> tuple[Gathering, tuple[Document, ...]]:
    """Returns what was gathered, and the documents themselves."""
    text = io.BytesIO()
    gathering = Gathering(text)
    for stretch in packed:
        gathering.add(stretch)
    return gathering, _split(text.getvalue(), gathering.document_ends().tolist())


def corpus_of(
    gathering: Gathering, name: str, reading: str, documents: Sequence[Document], notes: Iterable[str]
) -> Corpus:
    """Returns the corpus of what was gathered, whose documents are now to be found in `documents`."""
    cut = gathering.cut
    cut_note = [f"{counted(cut, 'sentence')} of more than {LONGEST_SENTENCE:,} characters cut to that"] if cut else []
    return Corpus(
        name=name,
        format=reading,
        documents=documents,
        duplicates_dropped=gathering.given - gathering.documents,
        sha256=gathering.sha256(),
        notes=(*notes, *cut_note),
        sentence_count=gathering.sentences,
        word_count=gathering.words,
        hashes=gathering.hashes(),
        sides=gathering.sides(),
    )


def _split(text: bytes, ends: list[int]) -> tuple[Document, ...]:
    starts = [0, *ends[:-1]]
    return tuple(
        tuple(text[start : end - 1].decode("utf-8").split("\n")) for start, end in zip(starts, ends, strict=False)
    )
