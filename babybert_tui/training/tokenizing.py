"""A stored corpus as token files, made on several cores. Imports nothing that is slow to: each process does so anew."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.sampling import Excerpt
from babybert_tui.corpora.storing import StoredDocuments, read_documents
from babybert_tui.parallel import Team
from babybert_tui.tokenization import DocumentEncoder, TokenizedDocuments, TokenWriter, count_words, load_tokens

_SIDES = ("training", "held_out")
_STRETCH_BYTES = 1 << 21

_Stretch = tuple[int, NDArray[np.int64], NDArray[np.bool_]]  # where it begins; where its documents end; held out?


def words_of(excerpt: Excerpt, *, lowercase: bool) -> Counter[str]:
    """Counts the words of a part of the corpus, for a vocabulary."""
    return count_words(excerpt.sentences(), lowercase=lowercase)


def tokenize(
    documents: StoredDocuments,
    held_out: NDArray[np.bool_],
    encoder: DocumentEncoder,
    folder: Path,
    *,
    team: Team,
    progress: Callable[[int], None],
) -> None:
    """Writes the tokens of both sides of a corpus into files, which `load_sides` maps.

    Args:
        documents: The whole corpus.
        held_out: (documents,), True for those of the held-out side.
        encoder: What makes ids of them.
        folder: Where the files go.
        team: Who encodes.
        progress: Told how many bytes of the text are done.
    """
    work = _StretchEncoder(documents.path, encoder)
    training, rest = (TokenWriter(folder, side, encoder.dtype) for side in _SIDES)
    with training, rest:
        for end, for_training, for_rest in team.in_order(work, _stretches(documents, held_out)):
            training.add(for_training)
            rest.add(for_rest)
            progress(end)


def load_sides(folder: Path, dtype: np.dtype) -> tuple[TokenizedDocuments, TokenizedDocuments]:
    """Returns the training and the held-out side of what `tokenize` has written, mapped into memory."""
    return load_tokens(folder, _SIDES[0], dtype), load_tokens(folder, _SIDES[1], dtype)


def _stretches(documents: StoredDocuments, held_out: NDArray[np.bool_]) -> Iterator[_Stretch]:
    """Cuts the corpus between documents, about every two megabytes."""
    ends = documents.ends
    bounds = np.searchsorted(ends, np.arange(_STRETCH_BYTES, int(ends[-1]), _STRETCH_BYTES)) + 1
    for first, end in pairwise(np.unique([0, *bounds.tolist(), len(ends)]).tolist()):
        yield int(ends[first - 1]) if first else 0, np.array(ends[first:end]), held_out[first:end]


@dataclass(frozen=True)
class _StretchEncoder:
    """Encodes consecutive documents, training and held-out ones apart; travels to other processes."""

    path: Path
    encoder: DocumentEncoder

    def __call__(self, stretch: _Stretch) -> tuple[int, TokenizedDocuments, TokenizedDocuments]:
        """Returns where the stretch ends, and its tokens."""
        begin, ends, held_out = stretch
        documents = list(read_documents(self.path, begin, ends.tolist()))
        training = [one for one, out in zip(documents, held_out.tolist(), strict=True) if not out]
        rest = [one for one, out in zip(documents, held_out.tolist(), strict=True) if out]
        return int(ends[-1]), self.encoder.encode(training), self.encoder.encode(rest)
