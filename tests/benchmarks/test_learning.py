"""Both sides learn for the same time, and are judged by the same evaluation."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from transformers import BertForPreTraining

from babybert_tui.benchmarks import learning
from babybert_tui.benchmarks.learning import (
    OURS,
    THEIRS,
    LearningResult,
    compare_learning,
    share_of_peak_at,
    with_usual_recipe,
)
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.preparation import pair_settings
from babybert_tui.weights import load_pretrained

SECONDS, UPDATES = 3.0, 60


@pytest.fixture(autouse=True)
def _every_update_takes_a_twentieth_of_a_second(monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    ticks = count(step=SECONDS / UPDATES)
    monkeypatch.setattr(learning, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr("babybert_tui.training.opening.steps_until", lambda *_: UPDATES)


def compared(workload: Workload, directory: Path, is_over: Callable[[], bool] = lambda: False) -> LearningResult:
    learner = replace(workload, settings=replace(workload.settings, log_every=1, learning_rate=5e-3))
    return compare_learning(
        learner,
        "baby",
        directory,
        "fp32",
        minutes=SECONDS / 60,
        learning_rate=5e-3,
        is_over=is_over,
        progress=lambda *_: None,
    )


def test_both_learn_something_and_are_kept(workload: Workload, tmp_path: Path) -> None:
    result = compared(workload, tmp_path)
    assert result.baselines is not None
    for side in (result.ours, result.theirs):
        assert side is not None
        assert side.updates == pytest.approx(UPDATES, abs=1)
        assert side.tokens > side.updates * workload.settings.batch_size
        assert side.figures.mlm_loss < result.baselines.mlm_loss_uniform - 0.1
    assert result.theirs is not None
    assert result.theirs.seconds == pytest.approx(SECONDS, rel=0.05)
    figures = judged(workload, tmp_path / THEIRS)
    assert figures == pytest.approx(vars(result.theirs.figures), rel=1e-4)
    assert isinstance(BertForPreTraining.from_pretrained(tmp_path / OURS / "latest"), BertForPreTraining)


def judged(workload: Workload, directory: Path) -> dict[str, float]:
    """The figures of a saved model."""
    vocabulary, pairs = workload.prepared.vocabulary, pair_settings(workload.settings)
    evaluation = Evaluation(workload.prepared.held_out, pairs, vocabulary.masking, vocabulary.special)
    return vars(evaluation.run(load_pretrained(directory).model, torch.device("cpu")))


def test_stopped_at_once_ours_is_judged_and_theirs_not_begun(workload: Workload, tmp_path: Path) -> None:
    result = compared(workload, tmp_path, lambda: True)
    assert result.theirs is None
    assert result.baselines is not None


def test_the_usual_recipe_is_not_ours(workload: Workload) -> None:
    short = workload.settings.max_length // 2
    changed = {"mask_probability": 0.4, "masking": "span", "dropout": 0.0, "initial_max_length": short}
    ours = replace(workload, settings=replace(workload.settings, **changed))
    usual = with_usual_recipe(ours)
    assert (usual.settings.dropout, usual.settings.mask_probability, usual.settings.masking) == (0.1, 0.15, "token")
    assert usual.shape.vocab_size == len(workload.prepared.vocabulary)
    (batch,) = next(usual.updates())
    rows = [max(1, round(0.15 * int(tokens))) for tokens in (batch.original_ids != usual.pad_id).sum(axis=1)]
    assert len(batch.targets) == sum(rows)
    assert batch.input_ids.shape[1] > short


@pytest.mark.parametrize(("time", "share"), [(0.0, 0.0), (0.05, 0.5), (0.1, 1.0), (0.55, 0.5), (1.0, 0.0), (1.2, 0.0)])
def test_the_rate_rises_for_a_tenth_of_the_time_and_falls_to_nothing(time: float, share: float) -> None:
    assert share_of_peak_at(time) == pytest.approx(share)
