"""A corpus on the disk is the one that would be in memory."""

from pathlib import Path

import numpy as np
import pytest

from babybert_tui.corpora.corpus import Corpus, make_corpus
from babybert_tui.corpora.gathering import HELD_OUT, TRAINING, UNDECIDED, Document
from babybert_tui.corpora.holdout import held_out_mask, hold_out, require_enough
from babybert_tui.corpora.sampling import sample_excerpts
from babybert_tui.corpora.source import Documents, Generated, Progress, Source
from babybert_tui.corpora.storing import StoredDocuments, load_corpus, store_corpus
from babybert_tui.errors import RequestError
from babybert_tui.parallel import Team

DOCUMENTS = [tuple(f"Sentence {s} of döcument {d}." for s in range(1 + d % 5)) for d in range(300)]


class Divided(Source):
    """A data set with a test split of its own."""

    name = "divided"
    format = "by hand"

    def __init__(self, training: list[Document], held_out: list[Document]) -> None:
        self._sides = training, held_out

    def fingerprint(self, progress: Progress) -> str:
        return "x"

    def blocks(self, progress: Progress):  # type: ignore[no-untyped-def]
        yield Documents(self._sides[0], held_out=False)
        yield Documents(self._sides[1], held_out=True)


def stored(source: Source, folder: Path) -> Corpus:
    store_corpus(source, folder, team=Team(1), progress=lambda _: None)
    return load_corpus(folder, source.name)


def generated(documents: list[Document]) -> Source:
    return Generated("made", "by hand", lambda: documents, lambda: "")


@pytest.mark.parametrize(
    "documents",
    [
        DOCUMENTS,
        [*DOCUMENTS, (), *DOCUMENTS[::3]],
        [tuple(f"Sentence {n}." for n in range(50))],
        [("x" * 4500, "b")] * 2 + DOCUMENTS,
    ],
    ids=["plain", "repeated and empty", "one long text", "endless sentence"],
)
def test_stored_and_in_memory_are_the_same(tmp_path: Path, documents: list[Document]) -> None:
    here, there = require_enough(make_corpus("made", "by hand", documents)), stored(generated(documents), tmp_path)
    assert tuple(there.documents) == here.documents
    for name in ("name", "format", "duplicates_dropped", "sha256", "notes", "sentence_count", "word_count"):
        assert getattr(here, name) == getattr(there, name), name
    np.testing.assert_array_equal(here.hashes, there.hashes)
    assert hold_out(here, 0.2) == hold_out(there, 0.2)


def test_documents_are_read_where_they_are_asked_for(tmp_path: Path) -> None:
    documents = stored(generated(DOCUMENTS), tmp_path).documents
    assert (documents[0], documents[7], documents[-1]) == (DOCUMENTS[0], DOCUMENTS[7], DOCUMENTS[-1])
    assert documents[5:9] == DOCUMENTS[5:9]
    for beyond in (300, -301):
        with pytest.raises(IndexError):
            documents[beyond]


def test_what_is_too_small_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="too small"):
        stored(generated([("One.", "Two.")]), tmp_path)


def test_a_data_set_is_divided_as_it_says(tmp_path: Path) -> None:
    corpus = stored(Divided(DOCUMENTS[:250], DOCUMENTS[240:]), tmp_path)
    assert corpus.duplicates_dropped == 10  # what stands on both sides is for training
    for share in (0.0, 0.5, 1.0):
        np.testing.assert_array_equal(held_out_mask(corpus, share), [False] * 250 + [True] * 50)
    in_memory = make_corpus("divided", "by hand", DOCUMENTS[:250], held_out=DOCUMENTS[250:])
    np.testing.assert_array_equal(in_memory.sides, [TRAINING] * 250 + [HELD_OUT] * 50)
    assert (make_corpus("made", "by hand", DOCUMENTS).sides == UNDECIDED).all()


def test_a_data_set_with_one_held_out_document_is_too_small(tmp_path: Path) -> None:
    corpus = stored(Divided(DOCUMENTS[:250], DOCUMENTS[251:252]), tmp_path)
    with pytest.raises(RequestError, match="too small"):
        held_out_mask(corpus, 0.1)


def test_long_texts_that_a_data_set_divides_are_cut_within_their_sides() -> None:
    long = [tuple(f"Sentence {n} of {name}." for n in range(200)) for name in ("training", "validation")]
    corpus = require_enough(make_corpus("long", "by hand", long[:1], held_out=long[1:]))
    training, held_out = hold_out(corpus, 0.1)
    assert all("training" in corpus.documents[index][0] for index in training)
    assert all("validation" in corpus.documents[index][0] for index in held_out)
    assert len(held_out) > 4


def documents_of(corpus: Corpus) -> StoredDocuments:
    assert isinstance(corpus.documents, StoredDocuments)
    return corpus.documents


def sample_of(corpus: Corpus, taken: np.ndarray, most_bytes: int) -> list[str]:
    excerpts = sample_excerpts(documents_of(corpus), taken, most_bytes)
    return [sentence for excerpt in excerpts for sentence in excerpt.sentences()]


def test_a_small_corpus_is_sampled_whole(tmp_path: Path) -> None:
    corpus = stored(generated(DOCUMENTS), tmp_path)
    taken = ~held_out_mask(corpus, 0.3)
    expected = [
        sentence for document, is_taken in zip(DOCUMENTS, taken, strict=True) if is_taken for sentence in document
    ]
    assert sample_of(corpus, taken, 1 << 20) == expected


@pytest.mark.parametrize("length", [3, 200])
def test_a_large_corpus_is_sampled_all_over_within_the_bound(tmp_path: Path, length: int) -> None:
    documents = [tuple(f"Sentence {s} of document {d} here." for s in range(length)) for d in range(30_000 // length)]
    corpus = stored(generated(documents), tmp_path)
    taken = ~held_out_mask(corpus, 0.3)
    known = {sentence for index in np.flatnonzero(taken) for sentence in documents[index]}
    sample = sample_of(corpus, taken, 100_000)
    assert set(sample) <= known  # whole sentences, none of them held out
    assert len(set(sample)) == len(sample)
    assert 15_000 < sum(map(len, sample)) <= 50_000  # of more than the bound, half as much
    numbers = [int(sentence.split()[4]) for sentence in sample]
    assert numbers == sorted(numbers)
    assert np.histogram(numbers, bins=5, range=(0, len(documents)))[0].min() > len(sample) / 10
