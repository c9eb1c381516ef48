"""Which documents are held out for evaluation, and which corpora are too small to hold any out."""

from dataclasses import replace
from math import ceil, isqrt

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.corpus import Corpus, counted, make_corpus
from babybert_tui.corpora.gathering import HELD_OUT, UNDECIDED, Document
from babybert_tui.errors import RequestError

_MIN_DOCUMENTS = 2  # on either side: a random next sentence comes from another document
LONGEST_PART = 32  # sentences: a few hundred tokens, enough for several pairs
_HASH_RANGE = 1 << 64


def hold_out(corpus: Corpus, share: float) -> tuple[list[int], list[int]]:
    """Returns the indices into `corpus.documents` for training and held out, both ascending; see `held_out_mask`."""
    mask = held_out_mask(corpus, share)
    return np.flatnonzero(~mask).tolist(), np.flatnonzero(mask).tolist()


def held_out_mask(corpus: Corpus, share: float) -> NDArray[np.bool_]:
    """Divides documents into training and held-out ones: as the data set does, else by a hash of their content.

    A document stays on its side when others come or go, and its side is the same on every machine. At least two
    documents fall on either side: those with the smallest (or largest) hashes where the hash alone gives fewer, so that
    in a very small corpus the side of a document may change when others come.

    Args:
        corpus: What to divide.
        share: About which fraction of the documents that the data set does not divide itself to hold out.

    Returns:
        (documents,), True for the held-out ones.

    Raises:
        RequestError: The corpus has fewer than four documents, or the data set itself has fewer than two on a side.
    """
    total = len(corpus.hashes)
    if total < 2 * _MIN_DOCUMENTS:
        raise _too_small(corpus)
    undecided = corpus.sides == UNDECIDED
    mask: NDArray[np.bool_] = (corpus.sides == HELD_OUT) | (undecided & _below(corpus.hashes, share))
    if not undecided.all():
        if min(mask.sum(), (~mask).sum()) < _MIN_DOCUMENTS:
            raise _too_small(corpus)
        return mask
    held = int(mask.sum())
    wanted = min(max(held, _MIN_DOCUMENTS), total - _MIN_DOCUMENTS)
    if wanted != held:
        mask = np.zeros(total, dtype=bool)
        mask[np.argsort(corpus.hashes, kind="stable")[:wanted]] = True
    return mask


def has_own_split(corpus: Corpus) -> bool:
    """Tells whether the data set itself says what is held out."""
    return bool((corpus.sides == HELD_OUT).any())


def _below(hashes: NDArray[np.uint64], share: float) -> NDArray[np.bool_]:
    bound = ceil(share * _HASH_RANGE)  # exact: a float may be multiplied by a power of two
    return np.ones(len(hashes), dtype=bool) if bound >= _HASH_RANGE else np.asarray(hashes < np.uint64(bound))


def require_enough(corpus: Corpus) -> Corpus:
    """Returns the corpus, cut into parts where it is one long text (a note then says so).

    Raises:
        RequestError: It is empty, or too small to train on some documents and to evaluate on others.
    """
    if not corpus.documents:
        raise RequestError(f"The corpus {corpus.name!r} holds no text.", "Give it documents of several sentences.")
    if len(corpus.documents) < 2 * _MIN_DOCUMENTS:
        corpus = _cut_into_parts(corpus)
    if _lacks_pairs(corpus):
        raise _too_small(corpus)
    return corpus


def _cut_into_parts(corpus: Corpus) -> Corpus:
    """Cuts the few documents there are into parts of consecutive sentences, about as many as each is long."""
    part_length = min(isqrt(corpus.sentence_count), corpus.sentence_count // (2 * _MIN_DOCUMENTS), LONGEST_PART)
    if part_length < 2:
        return corpus
    sides = corpus.sides.tolist()
    parts = [
        [part for document in documents for part in parts_of(document, part_length)]
        for documents in (
            [document for document, side in zip(corpus.documents, sides, strict=True) if side != HELD_OUT],
            [document for document, side in zip(corpus.documents, sides, strict=True) if side == HELD_OUT],
        )
    ]
    whole = "one long text was" if len(corpus.documents) == 1 else f"{len(corpus.documents)} long texts were"
    count = sum(map(len, parts))
    note = f"{whole} cut into {count} parts of about {part_length} sentences, so that some can be held out"
    held_out = parts[1] if any(sides) else None
    cut = make_corpus(corpus.name, corpus.format, parts[0], [*corpus.notes, note], held_out=held_out)
    return replace(cut, duplicates_dropped=cut.duplicates_dropped + corpus.duplicates_dropped)


def _lacks_pairs(corpus: Corpus) -> bool:
    few = len(corpus.documents) < 2 * _MIN_DOCUMENTS
    return few or corpus.sentence_count == len(corpus.documents)  # no document of two sentences


def parts_of(document: Document, length: int) -> list[Document]:
    """Cuts a document into parts of `length` consecutive sentences."""
    parts = [document[start : start + length] for start in range(0, len(document), length)]
    if len(parts) > 1 and len(parts[-1]) == 1:  # a lone last sentence has no next one: it joins the part before
        parts[-2:] = [parts[-2] + parts[-1]]
    return parts


def _too_small(corpus: Corpus) -> RequestError:
    size = f"{counted(len(corpus.documents), 'document')} and {counted(corpus.sentence_count, 'sentence')}"
    repeated = f", {counted(corpus.duplicates_dropped, 'repeated one')} left out" if corpus.duplicates_dropped else ""
    return RequestError(
        f"The corpus {corpus.name!r} is too small: {size}{repeated}, read as {corpus.format}.",
        "At least four different documents are needed (two to train on, two held out), one of them with two "
        "sentences; or one text of at least eight sentences.",
    )
