"""Texts of a few words, and rows of them as a model is given them."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from babybert_tui.pretraining.batches import Batch
from babybert_tui.pretraining.masking import MASKED, NOT_SELECTED, MaskingVocabulary
from babybert_tui.tokenization import TokenizedDocuments
from pretraining.telltale_corpus import CLS, FIRST, MASK, PAD, SEP

Nested = Sequence[Sequence[Sequence[int]]]  # documents of sentences of ids


class Words:
    """Numbers words from `FIRST` on, in the order in which they come up."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {"[CLS]": CLS, "[SEP]": SEP, "[MASK]": MASK, "[PAD]": PAD}

    def ids(self, text: str) -> list[int]:
        return [self.known.setdefault(word, FIRST + len(self.known) - 4) for word in text.split()]

    def documents(self, *texts: str) -> Nested:
        """A document is sentences between bars."""
        return [[self.ids(sentence) for sentence in text.split("|")] for text in texts]


def vocabulary(size: int) -> MaskingVocabulary:
    return MaskingVocabulary(MASK, np.arange(FIRST, size), np.zeros(size, dtype=bool))


def tokenized(documents: Nested) -> TokenizedDocuments:
    sentences = [sentence for document in documents for sentence in document]
    return TokenizedDocuments(
        np.array([number for sentence in sentences for number in sentence], dtype=np.uint16),
        np.cumsum([0, *map(len, sentences)]),
        np.cumsum([0, *map(len, documents)]),
    )


def random_documents(seed: int, *, words: int, documents: int = 30) -> Nested:
    """Sentences of 1 to 7 words, some of which are much commoner than others."""
    random = np.random.default_rng(seed)
    return [
        [
            (FIRST + np.minimum(random.geometric(0.2, random.integers(1, 8)), words) - 1).tolist()
            for _ in range(random.integers(1, 9))
        ]
        for _ in range(documents)
    ]


def batch_of(rows: Iterable[Sequence[int]], *, labels: Sequence[int] = ()) -> Batch:
    """Rows with their special tokens, of equal length; every [MASK] in them is asked for, its answer being unknown."""
    ids = np.array(list(rows), dtype=np.int64)
    after_first_end = np.cumsum(ids == SEP, axis=1) - (ids == SEP) > 0
    masked = ids == MASK
    return Batch(
        input_ids=torch.from_numpy(ids),
        segment_ids=torch.from_numpy((after_first_end & (ids != PAD)).astype(np.int64)),
        attention_mask=None,
        positions=torch.zeros(0),
        selected=torch.zeros(0),
        targets=torch.zeros(int(masked.sum()), dtype=torch.int64),
        labels=torch.tensor(labels if len(labels) else [0] * len(ids)),
        fates=np.where(masked, MASKED, NOT_SELECTED).astype(np.uint8),
        original_ids=ids,
        tokens=int((ids != PAD).sum()),
    )
