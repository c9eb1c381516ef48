"""A bounded sample of a stored corpus's text, from all over it and the same every time."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.storing import StoredDocuments, read_between

_WINDOWS = 256


def sample_sentences(documents: StoredDocuments, taken: NDArray[np.bool_], most_bytes: int) -> Iterator[str]:
    """Yields all sentences of some documents, or where the corpus is larger than `most_bytes`, those in even windows.

    Args:
        documents: Of the whole corpus.
        taken: (documents,), True for those to sample from.
        most_bytes: Upper bound on the text read.
    """
    total = int(documents.ends[-1]) if len(documents) else 0
    if total <= most_bytes:
        yield from _sentences_between(documents, taken, 0, total)
        return
    length = most_bytes // _WINDOWS
    for window in range(_WINDOWS):
        begin = window * total // _WINDOWS
        yield from _sentences_between(documents, taken, begin, begin + length)


def _sentences_between(documents: StoredDocuments, taken: NDArray[np.bool_], begin: int, end: int) -> Iterator[str]:
    """Yields the sentences that stand whole between two bytes of the text."""
    ends = documents.ends
    first = int(np.searchsorted(ends, begin, side="right"))
    last = min(int(np.searchsorted(ends, end, side="left")) + 1, len(ends))
    text = read_between(documents.path, begin, end)
    start = int(ends[first - 1]) if first else 0
    for number in range(first, last):
        stop = int(ends[number])
        if taken[number]:
            lines = text[max(start, begin) - begin : min(stop, end) - begin].split(b"\n")[:-1]
            yield from (line.decode("utf-8") for line in lines[1 if start < begin else 0 :])
        start = stop
