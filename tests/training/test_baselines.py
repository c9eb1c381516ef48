"""What a model is measured against: the rivals learn from training text only, and the oracle speaks of its own kind."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pretraining.telltale_corpus import FIRST, SPECIAL
from pretraining.test_count_model import PlainCounts
from pretraining.toy_corpus import Nested, random_documents, tokenized, vocabulary

from babybert_tui.corpora.stories.ceiling import MEASURED
from babybert_tui.pretraining.pairs import PairSettings
from babybert_tui.settings import Settings, build
from babybert_tui.training.baselines import find_baselines
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.events import Baselines
from babybert_tui.training.preparation import Prepared, pair_settings, prepare

WORDS = 60
SIZE = FIRST + WORDS
OWN_WORD = [[[FIRST + d] * 5 for _ in range(4)] for d in range(WORDS - 2)]  # segments of a document share its word
OTHERS_WORD = [[[SIZE - 1 - s % 2] * 5 for s in range(2)] for _ in range(40)]  # only other documents' segments do


def evaluation_of(held_out: Nested, objective: str = "nsp") -> Evaluation:
    return Evaluation(tokenized(held_out), PairSettings(24, objective), vocabulary(SIZE), SPECIAL)


def baselines_of(training: Nested, held_out: Nested) -> Baselines:
    return evaluation_of(held_out).baselines(tokenized(training), SIZE)


def test_the_count_model_answers_the_evaluation_s_own_targets() -> None:
    training, held_out = random_documents(1, words=WORDS), random_documents(2, words=WORDS, documents=60)
    evaluation, plain, right = evaluation_of(held_out), PlainCounts(training), []
    for batch in evaluation.batches:
        shown, answers = batch.input_ids.tolist(), batch.original_ids.tolist()
        for row, column in zip(*np.nonzero(batch.fates), strict=True):
            guess = plain.predict(shown[row][column - 1], shown[row][column + 1])
            right.append(guess == answers[row][column])
    found = evaluation.baselines(tokenized(training), SIZE).mlm_accuracy_count
    assert found == pytest.approx(np.mean(right))
    assert 0.1 < np.mean(right) < 0.9


def test_rivals_have_counted_the_training_text_and_nothing_of_the_held_out() -> None:
    alternating, other = ([[[FIRST, second] * 4] * 3] * 9 for second in (FIRST + 1, FIRST + 2))
    known, strange = baselines_of(alternating, alternating), baselines_of(alternating, other)
    assert known.mlm_accuracy_count is not None
    assert known.mlm_accuracy_count > 0.9
    assert strange.mlm_accuracy_count is not None
    assert strange.mlm_accuracy_count < 0.6  # the second word was never seen; the first is known at the edges


def test_the_overlap_s_threshold_is_that_of_training_pairs() -> None:
    """It has learned that who shares a word follows, and goes wrong where the opposite holds."""
    right, wrong = baselines_of(OWN_WORD, OWN_WORD), baselines_of(OWN_WORD, OTHERS_WORD)
    assert right.nsp_accuracy_overlap is not None
    assert right.nsp_accuracy_overlap > 0.95  # now and then all that is shared is hidden
    assert wrong.nsp_accuracy_overlap is not None
    assert wrong.nsp_accuracy_overlap < 0.5


def test_rivals_are_not_judged_on_text_that_they_have_counted() -> None:
    documents = random_documents(1, words=WORDS)
    known = evaluation_of(documents).baselines(tokenized(documents), SIZE, is_held_out=False)
    assert known.mlm_accuracy_count is known.nsp_accuracy_overlap is None
    assert known.mlm_loss_unigram > 0


def test_without_pairs_nothing_is_said_of_them() -> None:
    documents = random_documents(1, words=WORDS)
    known = evaluation_of(documents, "none").baselines(tokenized(documents), SIZE)
    assert known.nsp_accuracy_overlap is known.nsp_accuracy_majority is None
    assert known.mlm_accuracy_count is not None


def test_baselines_of_an_earlier_version_can_be_read() -> None:
    old = {
        "mlm_loss_uniform": 7.5,
        "mlm_loss_unigram": 5.1,
        "mlm_accuracy_unigram": 0.1,
        "nsp_accuracy_majority": 0.6,
    }
    assert Baselines(**old).mlm_accuracy_count is None


@pytest.fixture(scope="module")
def stories() -> tuple[Settings, Prepared]:
    settings = build({"corpus": "stories"})
    return settings, prepare(settings)


def measured(settings: Settings, prepared: Prepared) -> Baselines:
    special = prepared.vocabulary.special
    evaluation = Evaluation(prepared.held_out, pair_settings(settings), prepared.vocabulary.masking, special)
    return find_baselines(evaluation, prepared, settings)


def test_stories_are_too_hard_for_cheap_rivals(stories: tuple[Settings, Prepared]) -> None:
    known = measured(*stories)
    assert known.mlm_accuracy_count is not None
    assert known.nsp_accuracy_overlap is not None
    assert known.nsp_accuracy_majority is not None
    assert known.mlm_accuracy_unigram < known.mlm_accuracy_count < 0.65 * MEASURED.mlm
    assert known.nsp_accuracy_majority < known.nsp_accuracy_overlap < 0.75 * MEASURED.nsp


def test_the_default_run_is_measured_against_the_oracle(stories: tuple[Settings, Prepared]) -> None:
    known = measured(*stories)
    assert (known.mlm_accuracy_oracle, known.mlm_accuracy_oracle_error) == (MEASURED.mlm, MEASURED.mlm_error)
    assert (known.nsp_accuracy_oracle, known.nsp_accuracy_oracle_error) == (MEASURED.nsp, MEASURED.nsp_error)


@pytest.mark.parametrize(
    "changes",
    [
        {"max_length": 32},
        {"max_length": 128},
        {"sentence_objective": "sop"},
        {"sentence_objective": "none"},
        {"short_sequence_probability": 0.5},
        {"cased": True},
        {"corpus": "stories.txt"},
    ],
)
def test_the_oracle_is_silent_on_what_it_was_not_measured_on(
    changes: dict[str, Any], stories: tuple[Settings, Prepared]
) -> None:
    settings, prepared = stories
    known = measured(replace(settings, **changes), prepared)
    assert known.mlm_accuracy_oracle is known.nsp_accuracy_oracle is None
    assert known.mlm_accuracy_oracle_error is known.nsp_accuracy_oracle_error is None
    assert known.mlm_accuracy_count is not None


def test_the_oracle_speaks_of_whole_words_only(stories: tuple[Settings, Prepared]) -> None:
    settings, prepared = stories
    ids = prepared.held_out.ids.copy()
    ids[7] = np.flatnonzero(prepared.vocabulary.masking.continuation)[0]
    in_pieces = replace(prepared, held_out=replace(prepared.held_out, ids=ids))
    assert measured(settings, in_pieces).mlm_accuracy_oracle is None
