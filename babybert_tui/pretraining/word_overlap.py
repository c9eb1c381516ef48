"""The cheap rival in next sentence prediction: it says that B follows A where the two share enough words.

A shared piece counts by how rare it is among the training documents (inverse document frequency, Spärck Jones 1972).
The classifier is shown the corrupted input, as BERT is; the threshold is the one that was best on pairs from the
training documents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.pretraining.batches import Batch, SpecialIds, lay_out, make_batch
from babybert_tui.pretraining.masking import EVALUATION_MASKING, MaskingVocabulary
from babybert_tui.pretraining.pairs import DOES_NOT_FOLLOW, FOLLOWS, PairSettings, draw_some
from babybert_tui.randomness import generator
from babybert_tui.tokenization import TokenizedDocuments

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_MOST_PAIRS = 4096
_MOST_TOKENS = 1 << 19
_BATCH_TOKENS = 1 << 16
_SEED = 0


@dataclass(frozen=True)
class OverlapClassifier:
    """Says "B follows A" from a threshold of shared weight on."""

    weights: Floats  # (V,), 0 for special tokens
    threshold: float

    def scores(self, batch: Batch) -> Floats:
        """(B,): the weight of the pieces that stand in both segments of each row, each counted once."""
        shared = np.intersect1d(self._pieces(batch, 0), self._pieces(batch, 1), assume_unique=True)
        rows, pieces = np.divmod(shared, len(self.weights))
        return np.bincount(rows, self.weights[pieces], len(batch.labels)).astype(np.float64)  # no row shares: integers

    def _pieces(self, batch: Batch, segment: int) -> Ints:
        """One number for each different piece in a segment of each row, special ones included."""
        rows, columns = np.nonzero(batch.segment_ids.numpy() == segment)
        return _distinct(rows * len(self.weights) + batch.input_ids.numpy()[rows, columns])

    def predict(self, batch: Batch) -> Ints:
        """(B,): FOLLOWS or DOES_NOT_FOLLOW for each row."""
        return np.where(self.scores(batch) >= self.threshold, FOLLOWS, DOES_NOT_FOLLOW)


def fit_overlap(
    documents: TokenizedDocuments, pairs: PairSettings, vocabulary: MaskingVocabulary, special: SpecialIds
) -> OverlapClassifier:
    """Weighs the pieces, and finds the threshold that is best on pairs of the same making as those to be judged.

    Where no pair can be made of the documents, it never says that B follows.
    """
    weights = rarity(documents, len(vocabulary.continuation))
    weights[[special.cls, special.sep, special.pad, vocabulary.mask_id]] = 0
    unfitted = OverlapClassifier(weights, np.inf)
    batches = list(_training_pairs(documents, pairs, vocabulary, special))
    if not batches:
        return unfitted
    scores = np.concatenate([unfitted.scores(batch) for batch in batches])
    labels = np.concatenate([batch.labels.numpy() for batch in batches])
    return OverlapClassifier(weights, best_threshold(scores, labels))


def rarity(documents: TokenizedDocuments, vocabulary_size: int) -> Floats:
    """(V,): ln of one over the share of documents that a piece is in, as if one more document held all pieces."""
    count = len(documents.document_offsets) - 1
    lengths = np.diff(documents.sentence_offsets[documents.document_offsets])
    keys = _distinct(np.repeat(np.arange(count) * vocabulary_size, lengths) + documents.ids)
    holding = np.bincount(keys % vocabulary_size, minlength=vocabulary_size)
    return np.asarray(np.log((count + 1) / (holding + 1)))


def best_threshold(scores: Floats, labels: Ints) -> float:
    """The score from which on to say FOLLOWS so that most labels are right; infinity where it is best never to say it.

    Args:
        scores: (N,)
        labels: (N,), FOLLOWS or DOES_NOT_FOLLOW.
    """
    order = np.argsort(-scores)
    scores, gains = scores[order], np.where(labels[order] == FOLLOWS, 1, -1)
    right = np.cumsum(gains)  # against never saying it, if the threshold were just here
    right[:-1][scores[1:] == scores[:-1]] = -len(labels)  # equal scores cannot be told apart
    best = int(right.argmax())
    return float(scores[best]) if right[best] > 0 else float("inf")


def _training_pairs(
    documents: TokenizedDocuments, pairs: PairSettings, vocabulary: MaskingVocabulary, special: SpecialIds
) -> Iterator[Batch]:
    random = generator(_SEED, "overlap pairs")
    examples = draw_some(documents, pairs, random, generator(_SEED, "overlap documents"), least=0)
    count = min(len(examples), _MOST_PAIRS, max(1, _MOST_TOKENS // pairs.max_length))
    rows = max(1, _BATCH_TOKENS // pairs.max_length)
    for first in range(0, count, rows):
        part = examples.take(np.arange(first, min(first + rows, count)))
        yield make_batch(lay_out(documents.ids, part, special), part.label, EVALUATION_MASKING, vocabulary, random)


def _distinct(numbers: Ints) -> Ints:
    """Each number once, ascending; ten times as fast as `np.unique`, which hashes."""
    ascending = np.sort(numbers)
    return np.asarray(ascending[np.diff(ascending, prepend=-1) != 0])
