"""A corpus whose every token id is unlike all others, so that where a token comes from can be read off it."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from babybert_tui.pretraining.batches import SpecialIds
from babybert_tui.tokenization import TokenizedDocuments

PAD, CLS, SEP, MASK = 0, 2, 3, 4
FIRST = 10  # the id of the corpus's first token; the n-th one has FIRST + n
SPECIAL = SpecialIds(pad=PAD, cls=CLS, sep=SEP)


@dataclass(frozen=True)
class Telltale:
    """The corpus in both forms, and for each token its origin."""

    tokenized: TokenizedDocuments
    documents: list[list[list[int]]]
    document_of: NDArray[np.int64]  # by token number, as all below
    sentence_of: NDArray[np.int64]  # in the whole corpus
    position_of: NDArray[np.int64]  # in its sentence
    sentence_length: NDArray[np.int64]  # by sentence
    last_sentence: NDArray[np.int64]  # by document


def make_telltale(documents: int, seed: int, *, shortest: int = 1, longest: int | None = None) -> Telltale:
    """Documents of 1 to 30 sentences of `shortest` to `longest` tokens, 11 on average where neither is given."""
    random = np.random.default_rng(seed)
    counts = np.where(random.random(documents) < 0.15, 1, random.integers(2, 31, documents))
    lengths = shortest - 1 + random.geometric(1 / 11, counts.sum())
    if longest is not None:
        lengths = np.minimum(lengths, longest)
    sentence_offsets = np.concatenate([[0], np.cumsum(lengths)])
    document_offsets = np.concatenate([[0], np.cumsum(counts)])
    ids = np.arange(FIRST, FIRST + sentence_offsets[-1], dtype=np.uint32)
    nested = [
        [ids[sentence_offsets[s] : sentence_offsets[s + 1]].tolist() for s in range(first, end)]
        for first, end in pairwise(document_offsets)
    ]
    sentence_of = np.repeat(np.arange(len(lengths)), lengths)
    return Telltale(
        tokenized=TokenizedDocuments(ids, sentence_offsets, document_offsets),
        documents=nested,
        document_of=np.repeat(np.repeat(np.arange(documents), counts), lengths),
        sentence_of=sentence_of,
        position_of=np.arange(len(ids)) - sentence_offsets[sentence_of],
        sentence_length=lengths,
        last_sentence=document_offsets[1:] - 1,
    )
