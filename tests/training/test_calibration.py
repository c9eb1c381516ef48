"""How many updates go into so many minutes, by a clock that the test moves."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from babybert_tui.training import calibration
from babybert_tui.training.calibration import steps_until
from babybert_tui.training.hardware import machine_for
from babybert_tui.training.preparation import prepare
from babybert_tui.training.shape import random_model, shape_of
from training.small_runs import small_settings

if TYPE_CHECKING:
    from babybert_tui.training.evaluation import Evaluation

UPDATE, EVALUATION, MEASURING = 0.5, 2.0, 4.0


class Clock:
    """Stands still but for what the faked work takes."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def measured(self, *_: object) -> float:
        self.now += MEASURING
        return UPDATE

    def run(self, *_: object) -> None:
        self.now += EVALUATION


@pytest.mark.parametrize(
    ("minutes", "eval_every"), [(10, None), (1, None), (10, 100), (10, 3), (0.2, None), (0.001, None), (0.001, 1)]
)
def test_a_run_ends_when_its_minutes_are_over(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, minutes: float, eval_every: int | None
) -> None:
    clock, settings = Clock(), small_settings(corpus, eval_every=eval_every)
    monkeypatch.setattr(calibration, "time", clock)
    monkeypatch.setattr(calibration, "_seconds_per_update", clock.measured)
    prepared = prepare(settings)
    steps = steps_until(
        clock.now + 60 * minutes,
        settings,
        prepared,
        random_model(shape_of(settings, len(prepared.vocabulary)), 0),
        machine_for(settings),
        cast("Evaluation", clock),
    )
    run = replace(settings, max_steps=steps)
    evaluations = 1 + math.ceil(steps / run.evaluation_interval)  # the last update is always judged
    took = MEASURING + EVALUATION + steps * UPDATE + evaluations * EVALUATION
    if steps > 1:
        assert 0.98 * 60 * minutes - 2 * EVALUATION - UPDATE < took <= 60 * minutes
    else:
        assert 60 * minutes < MEASURING + EVALUATION + 11 * EVALUATION + 2 * UPDATE, "there is no room for two"
