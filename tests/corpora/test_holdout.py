"""Held-out documents are chosen by their content; what is too small is cut or refused."""

import random

import pytest

from babybert_tui.corpora import Corpus, hold_out
from babybert_tui.corpora.corpus import make_corpus
from babybert_tui.corpora.holdout import require_enough
from babybert_tui.errors import RequestError


def _corpus(count: int, *, first: int = 0) -> Corpus:
    return make_corpus("made", "by hand", [(f"One of {n}.", f"Two of {n}.") for n in range(first, first + count)])


def _held_texts(corpus: Corpus, share: float) -> set[str]:
    return {corpus.documents[index][0] for index in hold_out(corpus, share)[1]}


def test_every_document_is_on_exactly_one_side() -> None:
    training, held = hold_out(_corpus(500), 0.1)
    assert sorted(training + held) == list(range(500))
    assert training == sorted(training)
    assert held == sorted(held)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_about_the_share_is_held_out(share: float) -> None:
    assert len(hold_out(_corpus(4000), share)[1]) == pytest.approx(4000 * share, rel=0.15)


def test_the_choice_stays_when_the_corpus_grows_or_is_shuffled() -> None:
    small, large = _corpus(300), _corpus(900)
    assert _held_texts(small, 0.2) == _held_texts(large, 0.2) & {document[0] for document in small.documents}
    documents = list(small.documents)
    random.Random(1).shuffle(documents)
    assert _held_texts(make_corpus("shuffled", "by hand", documents), 0.2) == _held_texts(small, 0.2)


@pytest.mark.parametrize(("count", "share"), [(4, 0.0), (4, 1.0), (5, 0.01), (50, 0.0), (50, 1.0), (4, 0.5)])
def test_two_documents_at_least_are_on_either_side(count: int, share: float) -> None:
    training, held = hold_out(_corpus(count), share)
    assert min(len(training), len(held)) >= 2
    if share < 0.1:
        assert len(held) == 2


def test_a_smaller_share_holds_out_a_part_of_what_a_larger_one_does() -> None:
    corpus = _corpus(100)
    assert _held_texts(corpus, 0.0) < _held_texts(corpus, 0.1) < _held_texts(corpus, 0.5)


def test_too_few_documents_cannot_be_divided() -> None:
    with pytest.raises(RequestError, match="too small: 3 documents and 6 sentences"):
        hold_out(_corpus(3), 0.5)


@pytest.mark.parametrize("count", [8, 9, 30, 1000, 5000])
def test_one_long_text_is_cut_into_parts_of_consecutive_sentences(count: int) -> None:
    sentences = tuple(f"Sentence number {number}." for number in range(count))
    corpus = require_enough(make_corpus("long", "by hand", [sentences]))
    assert tuple(sentence for part in corpus.documents for sentence in part) == sentences
    assert len(corpus.documents) >= 4
    assert all(2 <= len(part) <= 33 for part in corpus.documents)
    assert f"one long text was cut into {len(corpus.documents)} parts" in corpus.notes[0]


def test_a_few_long_texts_are_cut_too() -> None:
    texts = [tuple(f"Sentence {number} of {name}." for number in range(40)) for name in "abc"]
    corpus = require_enough(make_corpus("long", "by hand", texts))
    assert len(corpus.documents) > 9
    assert corpus.notes[0].startswith("3 long texts were cut")


def test_enough_documents_are_left_as_they_are() -> None:
    corpus = _corpus(4)
    assert require_enough(corpus) is corpus


@pytest.mark.parametrize(
    "documents",
    [
        [tuple(f"Sentence {number}." for number in range(7))],
        [("One.", "Two."), ("Three.", "Four."), ("Five.",)],
        [(f"Lonely sentence {number}.",) for number in range(100)],
    ],
)
def test_what_is_too_small_is_refused(documents: list[tuple[str, ...]]) -> None:
    with pytest.raises(RequestError, match="too small") as caught:
        require_enough(make_corpus("small", "by hand", documents))
    assert "read as by hand" in caught.value.message
    assert caught.value.remedy
