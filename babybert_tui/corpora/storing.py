"""A corpus on the disk: its text in one file, read where it is asked for, and what is known of each document."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.corpus import Corpus, corpus_of
from babybert_tui.corpora.gathering import HELD_OUT, TRAINING, UNDECIDED, Document, Gathering, Packed, pack
from babybert_tui.corpora.holdout import require_enough
from babybert_tui.corpora.source import Block, Progress, Source
from babybert_tui.parallel import Team

_TEXT, _ENDS, _HASHES, _SIDES, _FACTS = "text.txt", "ends.npy", "hashes.npy", "sides.npy", "facts.json"
_FEW = 4  # fewer documents than that may want cutting


class StoredDocuments(Sequence[Document]):
    """The documents of a corpus on the disk, each read when it is asked for.

    Args:
        path: UTF-8, a line feed after each sentence.
        ends: (documents,) int64, the byte at which each document ends.
    """

    def __init__(self, path: Path, ends: NDArray[np.int64]) -> None:
        self.path = path
        self.ends = ends

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | Sequence[Document]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        number = index % len(self)
        return next(self.stretch(number, number + 1))

    def stretch(self, first: int, end: int) -> Iterator[Document]:
        """Yields the documents `first` to `end` (exclusive), which are read at once."""
        begin = int(self.ends[first - 1]) if first else 0
        return read_documents(self.path, begin, self.ends[first:end].tolist())


def read_documents(path: Path, begin: int, ends: Sequence[int]) -> Iterator[Document]:
    """Yields consecutive documents of a stored corpus, all read at once.

    Args:
        path: Of the text.
        begin: The byte at which the first begins.
        ends: The byte at which each of them ends.
    """
    text = read_between(path, begin, ends[-1]) if ends else b""
    start = 0
    for end in ends:
        yield tuple(text[start : end - begin - 1].decode("utf-8").split("\n"))
        start = end - begin


def read_between(path: Path, begin: int, end: int) -> bytes:
    """Returns the bytes of a file from one place to another."""
    with path.open("rb") as file:
        file.seek(begin)
        return file.read(end - begin)


def store_corpus(source: Source, folder: Path, *, team: Team, progress: Progress) -> None:
    """Reads a source from beginning to end into files in `folder`; `load_corpus` finds them there.

    Args:
        source: What to read.
        folder: An empty one.
        team: Who splits sentences.
        progress: Told how many bytes of the input have been cut into blocks.

    Raises:
        RequestError: It cannot be read, or is too small to train and evaluate on.
    """
    with (folder / _TEXT).open("wb") as text:
        gathering = Gathering(text)
        for packed in team.in_order(pack_block, source.blocks(progress)):
            gathering.add(packed)
    stored = StoredDocuments(folder / _TEXT, gathering.document_ends())
    corpus = corpus_of(gathering, source.name, source.format, stored, source.notes())
    enough = require_enough(corpus)
    if enough is not corpus:
        _store_again(enough, folder)
    else:
        _store_facts(corpus, stored.ends, folder)


def pack_block(block: Block) -> Packed:
    """Splits a block and packs what comes of it."""
    side = UNDECIDED if block.held_out is None else HELD_OUT if block.held_out else TRAINING
    return pack(block.documents(), side)


def _store_again(corpus: Corpus, folder: Path) -> None:
    """Stores a corpus that was cut into parts, in place of what it was cut from; so few documents fit in memory."""
    with (folder / _TEXT).open("wb") as text:
        gathering = Gathering(text)
        for document, side in zip(corpus.documents, corpus.sides.tolist(), strict=True):
            gathering.add(pack([document], side))
    _store_facts(corpus, gathering.document_ends(), folder)


def _store_facts(corpus: Corpus, ends: NDArray[np.int64], folder: Path) -> None:
    facts = {
        "format": corpus.format,
        "duplicates_dropped": corpus.duplicates_dropped,
        "sha256": corpus.sha256,
        "notes": corpus.notes,
        "sentence_count": corpus.sentence_count,
        "word_count": corpus.word_count,
    }
    (folder / _FACTS).write_text(json.dumps(facts), encoding="utf-8")
    for name, array in ((_ENDS, ends), (_HASHES, corpus.hashes), (_SIDES, corpus.sides)):
        np.save(folder / name, array)


def load_corpus(folder: Path, name: str, notes: Iterable[str] = ()) -> Corpus:
    """Returns what `store_corpus` has stored, under a name, with further notes."""
    facts = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
    corpus = Corpus(
        name=name,
        documents=StoredDocuments(folder / _TEXT, np.load(folder / _ENDS, mmap_mode="r")),
        hashes=np.load(folder / _HASHES, mmap_mode="r"),
        sides=np.load(folder / _SIDES, mmap_mode="r"),
        **facts,
    )
    return replace(corpus, notes=(*facts["notes"], *notes))
