"""The cheap rival in masked language modelling: it has counted which words stood between which neighbours.

A back-off model (Katz 1987) with a neighbour on either side in place of two before: the word that was commonest between
these two neighbours; where they were never seen together, the favourite of the one that is surer of its favourite;
where neither was seen, the commonest word of all. It is shown the corrupted input, as BERT is: a neighbour may be
hidden, and is then left out, or random, and is then believed. What stands at the place itself it does not look at.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.pretraining.batches import Batch, SpecialIds
from babybert_tui.pretraining.masking import NOT_SELECTED
from babybert_tui.tokenization import TokenizedDocuments

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Favourites:
    """The commonest word of each of C contexts."""

    contexts: Ints  # (C,) ascending
    words: Ints  # (C,)
    shares: Floats  # (C,): how much of all that stood in the context it is

    def find(self, contexts: Ints) -> tuple[Ints, Floats]:
        """The favourites of `contexts` and their shares; 0 and 0 where a context was never seen."""
        places = np.minimum(np.searchsorted(self.contexts, contexts), len(self.contexts) - 1)
        known = self.contexts[places] == contexts
        return np.where(known, self.words[places], 0), np.where(known, self.shares[places], 0.0)


class CountModel:
    """Predicts a word from its two neighbours.

    A sentence is counted where it stands in its document, and its first and last word once more as the edge of a text:
    beside [CLS] and [SEP] is mostly where a sentence begins or ends.

    Args:
        documents: The training documents.
        vocabulary_size: V.
        special: What stands at the edge of a text.
    """

    def __init__(self, documents: TokenizedDocuments, vocabulary_size: int, special: SpecialIds) -> None:
        # Words are numbered by how common they are: the smaller number wins a tie.
        self._by_rank = np.argsort(-documents.counts(vocabulary_size), kind="stable")  # (V,)
        self._numbers = np.empty(vocabulary_size, np.int64)  # (V,)
        self._numbers[self._by_rank] = np.arange(vocabulary_size)
        words = self._numbers[documents.ids]
        self._edge, self._size = vocabulary_size, vocabulary_size + 1
        self._count(words, *_neighbours(words, documents, self._edge), documents)
        self._numbers[[special.cls, special.sep, special.pad]] = self._edge

    def _count(self, words: Ints, before: Ints, after: Ints, documents: TokenizedDocuments) -> None:
        first, last = documents.sentence_offsets[:-1], documents.sentence_offsets[1:] - 1
        first, last = first[before[first] != self._edge], last[after[last] != self._edge]  # the others are edges as is
        first_words, last_words = words[first], words[last]
        first_edges, last_edges = np.full(len(first), self._edge), np.full(len(last), self._edge)
        self._left = self._favourites([before, first_edges], [words, first_words])
        self._right = self._favourites([after, last_edges], [words, last_words])
        self._both = self._favourites(
            [
                self._pair(before, after),
                self._pair(first_edges, after[first]),
                self._pair(before[last], last_edges),
            ],
            [words, first_words, last_words],
        )

    def _pair(self, before: Ints, after: Ints) -> Ints:
        return before * self._size + after

    def _favourites(self, contexts: list[Ints], words: list[Ints]) -> _Favourites:
        return _favourites(np.concatenate(contexts), np.concatenate(words), self._size)

    def predict(self, batch: Batch) -> Ints:
        """(N,): the word that it expects at each selected place, in the order of `batch.targets`."""
        return self.guess(batch.input_ids.numpy(), batch.fates != NOT_SELECTED)

    def guess(self, ids: Ints, places: Bools) -> Ints:
        """The word that it expects at each of N places.

        Args:
            ids: (B, T), as a model is given them: [MASK] where a word is hidden.
            places: (B, T), where to guess; never at a row's first or last token.

        Returns:
            (N,) ids, row by row.
        """
        numbers = self._numbers[ids]
        rows, columns = np.nonzero(places)
        before, after = numbers[rows, columns - 1], numbers[rows, columns + 1]
        by_left, left_share = self._left.find(before)  # [MASK] stands in no document: it is never found
        by_right, right_share = self._right.find(after)
        by_both, both_share = self._both.find(self._pair(before, after))
        by_one = np.where(left_share >= right_share, by_left, by_right)
        return np.asarray(self._by_rank[np.where(both_share > 0, by_both, by_one)])


def _neighbours(words: Ints, documents: TokenizedDocuments, edge: int) -> tuple[Ints, Ints]:
    """(tokens,) twice: the word before and the word after each one; the edge at the ends of a document."""
    ends = documents.sentence_offsets[documents.document_offsets]
    before, after = np.empty_like(words), np.empty_like(words)
    before[1:], after[:-1] = words[:-1], words[1:]
    before[ends[:-1]] = after[ends[1:] - 1] = edge
    return before, after


def _favourites(contexts: Ints, words: Ints, size: int) -> _Favourites:
    """Counts how often each word stood in each context; of equally common words the one with the smaller number wins.

    Args:
        contexts: (tokens,)
        words: (tokens,)
        size: Upper bound of the words; (largest context + 1) · size must fit 63 bits.
    """
    keys = np.sort(contexts * size + words)
    firsts = _first_of_runs(keys)  # one for each word of each context
    counts = np.diff(firsts, append=len(keys))
    contexts, words = np.divmod(keys[firsts], size)
    firsts = _first_of_runs(contexts)  # one for each context
    most, all_of_it = np.maximum.reduceat(counts, firsts), np.add.reduceat(counts, firsts)
    context = np.repeat(np.arange(len(firsts)), np.diff(firsts, append=len(contexts)))
    favourites = np.flatnonzero(counts == most[context])
    favourites = favourites[_first_of_runs(context[favourites])]
    return _Favourites(contexts[firsts], words[favourites], most / all_of_it)


def _first_of_runs(ascending: Ints) -> Ints:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(ascending, prepend=ascending[0] - 1))
