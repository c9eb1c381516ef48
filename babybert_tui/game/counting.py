"""Guessing without learning: by how often words stand between two others in the text that the model was trained on."""

import numpy as np
from numpy.typing import NDArray

from babybert_tui.tokenization import TokenizedDocuments

Ints = NDArray[np.int64]

_MOST_TOKENS = 5_000_000  # of the text: enough to count in, and counted in a few hundredths of a second


class NeighbourCounts:
    """Counts which words stood between two neighbours; asked anew each time, so there is nothing to prepare.

    Args:
        documents: The text to count in; of a very long one, its beginning.
        vocabulary_size: The number of ids.
    """

    def __init__(self, documents: TokenizedDocuments, vocabulary_size: int) -> None:
        self._ids = documents.ids[:_MOST_TOKENS]
        self._size = vocabulary_size
        self.frequencies: Ints = np.bincount(self._ids, minlength=vocabulary_size).astype(np.int64)

    def best_between(self, left: int, right: int) -> Ints:
        """(V,): all ids, the best guess first.

        By how often each stood between both neighbours, then by how often beside either, then by how often at all.
        """
        middle = self._ids[1:-1]
        after_left, before_right = self._ids[:-2] == left, self._ids[2:] == right
        both = self._counted(middle[after_left & before_right])
        either = self._counted(middle[after_left]) + self._counted(middle[before_right])
        ranking: Ints = np.lexsort((self.frequencies, either, both))[::-1]
        return ranking

    def _counted(self, found: NDArray[np.unsignedinteger]) -> Ints:
        return np.bincount(found, minlength=self._size).astype(np.int64)
