"""Of a long corpus the rivals count an excerpt."""

from itertools import pairwise

import numpy as np
import pytest

from babybert_tui.pretraining import rivals
from babybert_tui.pretraining.pairs import PairSettings
from babybert_tui.pretraining.rivals import excerpt, fit_rivals
from babybert_tui.tokenization import TokenizedDocuments
from pretraining.telltale_corpus import FIRST, SPECIAL, make_telltale
from pretraining.toy_corpus import Nested, tokenized, vocabulary

CORPUS = make_telltale(documents=200, seed=3)


def nested(documents: TokenizedDocuments) -> Nested:
    sentences = [documents.ids[a:b].tolist() for a, b in pairwise(documents.sentence_offsets)]
    return [sentences[a:b] for a, b in pairwise(documents.document_offsets)]


def test_a_short_corpus_is_taken_as_it_is() -> None:
    assert excerpt(CORPUS.tokenized, len(CORPUS.tokenized.ids)) is CORPUS.tokenized


@pytest.mark.parametrize("share", [2, 3, 7, 20])
def test_an_excerpt_is_whole_documents_from_all_over_the_corpus(share: int) -> None:
    most = len(CORPUS.tokenized.ids) // share
    taken = nested(excerpt(CORPUS.tokenized, most))
    numbers = [CORPUS.documents.index(document) for document in taken[:-1]]  # the last one may be cut
    assert most // 2 < sum(len(sentence) for document in taken for sentence in document) <= most
    assert max(numbers) > 150
    assert len(numbers) > 0.6 * 200 / share


def test_of_very_long_documents_the_beginning_is_taken() -> None:
    documents = [[[FIRST + d] * 10 for _ in range(100)] for d in range(3)]
    taken = nested(excerpt(tokenized(documents), 500))
    assert [(document[0][0], len(document)) for document in taken] == [(FIRST, 25), (FIRST + 1, 25)]


def test_two_documents_are_left_however_little_is_wanted() -> None:
    documents = [[[FIRST + d] * 10 for _ in range(5)] for d in range(30)]
    taken = nested(excerpt(tokenized(documents), 4))
    assert [len(document) for document in taken] == [1, 1]


def test_rivals_of_a_long_corpus_are_those_of_its_excerpt(monkeypatch: pytest.MonkeyPatch) -> None:
    size = FIRST + len(CORPUS.tokenized.ids)
    pairs = PairSettings(24)
    part = fit_rivals(excerpt(CORPUS.tokenized, 3000), pairs, vocabulary(size), SPECIAL)
    monkeypatch.setattr(rivals, "MOST_TOKENS", 3000)
    found = fit_rivals(CORPUS.tokenized, pairs, vocabulary(size), SPECIAL)
    assert found.pairs is not None
    assert part.pairs is not None
    np.testing.assert_array_equal(found.pairs.weights, part.pairs.weights)
    assert len(np.unique(found.pairs.weights)) > 1


def test_without_pairs_there_is_only_the_count_model() -> None:
    size = FIRST + len(CORPUS.tokenized.ids)
    assert fit_rivals(CORPUS.tokenized, PairSettings(24, "none"), vocabulary(size), SPECIAL).pairs is None
