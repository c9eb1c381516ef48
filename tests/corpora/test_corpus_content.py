"""A corpus holds no empty or repeated documents, and no endless sentences."""

import dataclasses

import pytest

from babybert_tui.corpora.corpus import make_corpus
from babybert_tui.corpora.gathering import LONGEST_SENTENCE


def test_empty_documents_are_dropped_and_repeated_ones_counted() -> None:
    corpus = make_corpus("made", "by hand", [("a",), (), ("b", "c"), ("a",), ("b", "c"), ("b",)])
    assert corpus.documents == (("a",), ("b", "c"), ("b",))
    assert corpus.duplicates_dropped == 2


def test_endless_sentences_are_cut_at_spaces_and_noted() -> None:
    words = "lorem ipsum " * 1000
    corpus = make_corpus("made", "by hand", [("Short.", words.strip(), "x" * 4500)])
    pieces = corpus.documents[0]
    assert max(map(len, pieces)) <= LONGEST_SENTENCE
    assert " ".join(pieces[1:-3]) == words.strip()
    assert [len(piece) for piece in pieces[-3:]] == [2000, 2000, 500]
    assert corpus.notes == ("2 sentences of more than 2,000 characters cut to that",)


def test_where_a_sentence_ends_is_part_of_the_content() -> None:
    corpora = [make_corpus("made", "by hand", [sentences]) for sentences in (("ab", "c"), ("a", "bc"), ("abc",))]
    assert len({corpus.sha256 for corpus in corpora}) == 3


def test_a_corpus_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_corpus("made", "by hand", [("a",)]).name = "other"  # type: ignore[misc]
