"""Documents gathered into a corpus: endless sentences cut, repetitions dropped, everything counted, nothing kept twice.

`pack` does what can be done for a stretch of documents alone, on any core; `Gathering` takes the stretches in order.
Besides the text itself, which goes to a file, a document costs about thirty bytes of memory.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Document = tuple[str, ...]

# On which side the data set itself puts a document; UNDECIDED: the hash of its content decides.
UNDECIDED, TRAINING, HELD_OUT = 0, 1, 2

# characters: BERT reads 512 tokens at most, and the tokenizer spends some hundred bytes on each character
LONGEST_SENTENCE = 2000
_DIGEST_BYTES = hashlib.sha256().digest_size

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Packed:
    """A stretch of D documents as bytes.

    Attributes:
        text: UTF-8, a line feed after each sentence.
        ends: (D,) where each document's text ends.
        sentences: (D,) sentences of each.
        words: (D,) words of each.
        digests: (D, 32) uint8, SHA-256 of each one's content.
        side: Of all of them.
        cut: Sentences that were too long.
    """

    text: bytes
    ends: Ints
    sentences: Ints
    words: Ints
    digests: NDArray[np.uint8]
    side: int
    cut: int


def pack(documents: Iterable[Document], side: int) -> Packed:
    """Packs documents; empty ones are left out.

    What is longer than 2,000 characters (base64, a table, a text without full stops) is no sentence: it is cut, at
    spaces where there are any.
    """
    parts: list[bytes] = []
    sizes: list[tuple[int, int, int]] = []
    digests: list[bytes] = []
    cut = 0
    for document in documents:
        if not document:
            continue
        too_long = sum(len(sentence) > LONGEST_SENTENCE for sentence in document)
        cut += too_long
        sentences = tuple(_cut_long(document)) if too_long else document
        text = "\n".join(sentences)
        content = text.encode("utf-8")
        digests.append(hashlib.sha256(content).digest())
        parts.append(content + b"\n")
        sizes.append((len(content) + 1, len(sentences), len(text.split())))
    lengths, counts, words = np.array(sizes, dtype=np.int64).reshape(-1, 3).T
    return Packed(
        text=b"".join(parts),
        ends=np.cumsum(lengths),
        sentences=counts,
        words=words,
        digests=np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, _DIGEST_BYTES),
        side=side,
        cut=cut,
    )


def _cut_long(document: Document) -> Iterator[str]:
    for sentence in document:
        start = 0
        while len(sentence) - start > LONGEST_SENTENCE:
            space = sentence.rfind(" ", start + 1, start + LONGEST_SENTENCE + 1)
            end = space if space > 0 else start + LONGEST_SENTENCE
            yield sentence[start:end].strip()
            start = end
        yield sentence[start:].strip()


class Gathering:
    """Takes packed documents one stretch after the other.

    Args:
        text: Where their text goes.
    """

    def __init__(self, text: BinaryIO) -> None:
        self._text = text
        self._seen = _Seen()
        self._sha256 = hashlib.sha256()
        self._lengths: list[Ints] = []
        self._hashes: list[NDArray[np.uint64]] = []
        self._sides: list[NDArray[np.int8]] = []
        self.given = self.documents = self.sentences = self.words = self.cut = 0
        self.has_pairs = False  # a document of two sentences or more

    def add(self, packed: Packed) -> None:
        """Takes the next documents; those whose text has come before are dropped."""
        hashes = packed.digests[:, :8].copy().view(">u8")[:, 0].astype(np.uint64)
        new = self._seen.add(hashes)
        lengths = np.diff(packed.ends, prepend=0)
        self._text.write(packed.text if new.all() else _selected(packed, new))
        self._sha256.update(packed.digests[new].tobytes())
        self._lengths.append(lengths[new])
        self._hashes.append(hashes[new])
        self._sides.append(np.full(int(new.sum()), packed.side, dtype=np.int8))
        self.given += len(new)
        self.cut += packed.cut
        self.sentences += int(packed.sentences[new].sum())
        self.words += int(packed.words[new].sum())
        self.documents += int(new.sum())
        self.has_pairs = self.has_pairs or bool((packed.sentences[new] > 1).any())

    def document_ends(self) -> Ints:
        """Returns (documents,): where each one's text ends."""
        return np.cumsum(np.concatenate([np.empty(0, np.int64), *self._lengths]))

    def sha256(self) -> str:
        """Returns the hex digest of all documents' digests, in order."""
        return self._sha256.hexdigest()

    def hashes(self) -> NDArray[np.uint64]:
        """Returns (documents,): the first eight bytes of each one's digest."""
        return np.concatenate([np.empty(0, np.uint64), *self._hashes])

    def sides(self) -> NDArray[np.int8]:
        """Returns (documents,): each one's side."""
        return np.concatenate([np.empty(0, np.int8), *self._sides])


def _selected(packed: Packed, rows: NDArray[np.bool_]) -> bytes:
    starts = np.concatenate([[0], packed.ends[:-1]])
    return b"".join(packed.text[start:end] for start, end in zip(starts[rows], packed.ends[rows], strict=True))


class _Seen:
    """A set of 64-bit hashes in eight bytes each: sorted arrays, each more than twice as long as the next.

    Among ten million documents the chance that any two different ones share a hash is one in a million.
    """

    def __init__(self) -> None:
        self._levels: list[NDArray[np.uint64]] = []

    def add(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Adds them; returns (len(hashes),) whether each was new, the first of equal ones."""
        unique, first = np.unique(hashes, return_index=True)
        known = np.zeros(len(unique), dtype=bool)
        for level in self._levels:
            places = np.minimum(np.searchsorted(level, unique), len(level) - 1)
            known |= level[places] == unique
        new = np.zeros(len(hashes), dtype=bool)
        new[first[~known]] = True
        self._insert(unique[~known])
        return new

    def _insert(self, level: NDArray[np.uint64]) -> None:
        while self._levels and len(self._levels[-1]) <= 2 * len(level):
            level = np.concatenate([self._levels.pop(), level])
            level.sort(kind="stable")  # of two sorted halves: a merge
        if len(level):
            self._levels.append(level)
