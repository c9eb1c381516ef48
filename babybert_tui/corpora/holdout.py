"""Which documents are held out for evaluation, and which corpora are too small to hold any out."""

from dataclasses import replace
from math import isqrt

from babybert_tui.corpora.corpus import Corpus, Document, counted, document_digest, make_corpus
from babybert_tui.errors import RequestError

_MIN_DOCUMENTS = 2  # on either side: a random next sentence comes from another document
_LONGEST_PART = 32  # sentences: a few hundred tokens, enough for several pairs
_HASH_RANGE = 1 << 64


def hold_out(corpus: Corpus, share: float) -> tuple[list[int], list[int]]:
    """Divides documents into training and held-out ones by a hash of their content.

    A document stays on its side when others come or go, and its side is the same on every machine. At least two
    documents fall on either side, those with the smallest (or largest) hashes where the hash alone gives fewer.

    Args:
        corpus: What to divide.
        share: About which fraction of the documents to hold out.

    Returns:
        Indices into `corpus.documents`: for training, held out; both ascending.

    Raises:
        RequestError: The corpus has fewer than four documents.
    """
    total = len(corpus.documents)
    if total < 2 * _MIN_DOCUMENTS:
        raise _too_small(corpus)
    hashes = [int.from_bytes(document_digest(document)[:8], "big") for document in corpus.documents]
    wanted = sum(number < share * _HASH_RANGE for number in hashes)
    held = min(max(wanted, _MIN_DOCUMENTS), total - _MIN_DOCUMENTS)
    by_hash = sorted(range(total), key=lambda index: (hashes[index], index))
    return sorted(by_hash[held:]), sorted(by_hash[:held])


def require_enough(corpus: Corpus) -> Corpus:
    """Returns the corpus, cut into parts where it is one long text (a note then says so).

    Raises:
        RequestError: It is empty, or too small to train on some documents and to evaluate on others.
    """
    if not corpus.documents:
        raise RequestError(f"The corpus {corpus.name!r} holds no text.", "Give it documents of several sentences.")
    if len(corpus.documents) < 2 * _MIN_DOCUMENTS:
        corpus = _cut_into_parts(corpus)
    if len(corpus.documents) < 2 * _MIN_DOCUMENTS or all(len(document) < 2 for document in corpus.documents):
        raise _too_small(corpus)
    return corpus


def _cut_into_parts(corpus: Corpus) -> Corpus:
    """Cuts the few documents there are into parts of consecutive sentences, about as many as each is long."""
    part_length = min(isqrt(corpus.sentence_count), corpus.sentence_count // (2 * _MIN_DOCUMENTS), _LONGEST_PART)
    if part_length < 2:
        return corpus
    parts = [part for document in corpus.documents for part in _parts(document, part_length)]
    whole = "one long text was" if len(corpus.documents) == 1 else f"{len(corpus.documents)} long texts were"
    note = f"{whole} cut into {len(parts)} parts of about {part_length} sentences, so that some can be held out"
    cut = make_corpus(corpus.name, corpus.format, parts, [*corpus.notes, note])
    return replace(cut, duplicates_dropped=cut.duplicates_dropped + corpus.duplicates_dropped)


def _parts(document: Document, length: int) -> list[Document]:
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
