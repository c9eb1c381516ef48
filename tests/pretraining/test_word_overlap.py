"""The overlap classifier weighs shared words by their rarity, and finds its threshold on training pairs."""

import math

import numpy as np
import pytest

from babybert_tui.pretraining.batches import lay_out, make_batch
from babybert_tui.pretraining.masking import Masking
from babybert_tui.pretraining.pairs import DOES_NOT_FOLLOW, FOLLOWS, PairSettings, draw_examples
from babybert_tui.pretraining.word_overlap import OverlapClassifier, best_threshold, fit_overlap, rarity
from babybert_tui.randomness import generator
from pretraining.telltale_corpus import FIRST, SPECIAL
from pretraining.toy_corpus import Nested, Words, batch_of, random_documents, tokenized, vocabulary

WORDS = 40
SIZE = FIRST + WORDS
PAIRS = PairSettings(24)


def fitted(documents: Nested, size: int = SIZE) -> OverlapClassifier:
    return fit_overlap(tokenized(documents), PAIRS, vocabulary(size), SPECIAL)


def test_rarity_is_the_inverse_document_frequency() -> None:
    words = Words()
    documents = words.documents("a b a | a c", "a d", "a b")
    found = rarity(tokenized(documents), SIZE)
    for word, holding in {"a": 3, "b": 2, "c": 1, "d": 1}.items():
        assert found[words.known[word]] == pytest.approx(math.log(4 / (holding + 1)))


def test_scores_are_summed_by_hand() -> None:
    words = Words()
    model = fitted(words.documents("a b c | a d", "a e | f e", "a g | h b"))
    weight = dict(zip(words.known, model.weights[list(words.known.values())], strict=True))
    rows = [
        "[CLS] a b b [SEP] b a a [SEP]",  # a and b, each once
        "[CLS] c d e [SEP] f g h [SEP]",  # nothing
        "[CLS] [MASK] c a [SEP] c [MASK] [MASK] [SEP]",  # c; what is hidden is not shared
        "[CLS] h [SEP] h [SEP] [PAD] [PAD] [PAD] [PAD]",  # h; nor are special tokens
    ]
    scores = model.scores(batch_of(words.ids(row) for row in rows))
    assert weight["a"] < weight["b"] < weight["c"]
    assert scores.tolist() == pytest.approx([weight["a"] + weight["b"], 0, weight["c"], weight["h"]])


def test_scores_are_those_of_a_plain_computation() -> None:
    documents = random_documents(3, words=WORDS)
    corpus, random = tokenized(documents), generator(0, "test")
    examples = draw_examples(corpus, PAIRS, random)
    batch = make_batch(lay_out(corpus.ids, examples, SPECIAL), examples.label, Masking(), vocabulary(SIZE), random)
    model = fitted(random_documents(4, words=WORDS))
    ids, segments = batch.input_ids.tolist(), batch.segment_ids.tolist()
    for row, score in enumerate(model.scores(batch)):
        parts = [{one for one, where in zip(ids[row], segments[row], strict=True) if where == part} for part in (0, 1)]
        shared = [one for one in parts[0] & parts[1] if one >= FIRST]
        assert score == pytest.approx(sum(model.weights[one] for one in shared))


@pytest.mark.parametrize("seed", range(20))
def test_no_other_threshold_is_right_more_often(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, 30)
    scores = random.integers(0, 6, 30) / 2 + (labels == FOLLOWS) * random.integers(0, 2)

    def right(threshold: float) -> int:
        return int(((scores >= threshold) == (labels == FOLLOWS)).sum())

    assert right(best_threshold(scores, labels)) == max(map(right, [*scores.tolist(), math.inf]))


def test_where_sharing_says_nothing_it_never_says_follows() -> None:
    assert best_threshold(np.array([1.0, 2.0, 2.0]), np.array([DOES_NOT_FOLLOW] * 3)) == math.inf
    assert best_threshold(np.array([1.0, 1.0, 1.0]), np.array([FOLLOWS, *[DOES_NOT_FOLLOW] * 2])) == math.inf


def test_the_threshold_parts_training_pairs_that_share_from_those_that_do_not() -> None:
    documents = [[[FIRST + number] * 6 for _ in range(4)] for number in range(WORDS)]  # a word for each document
    model = fitted(documents)
    own = batch_of([[2, FIRST, FIRST, 3, FIRST, 3], [2, FIRST, FIRST, 3, FIRST + 1, 3]])
    assert 0 < model.threshold < math.inf
    assert model.predict(own).tolist() == [FOLLOWS, DOES_NOT_FOLLOW]


def test_without_a_pair_to_learn_from_it_never_says_follows() -> None:
    lone_sentences = [[[FIRST + number] * 6] for number in range(5)]
    model = fit_overlap(tokenized(lone_sentences), PairSettings(24, "sop"), vocabulary(SIZE), SPECIAL)
    assert model.predict(batch_of([[2, FIRST, FIRST, 3, FIRST, 3]])).tolist() == [DOES_NOT_FOLLOW]
