"""Curves: exact while short, bounded when long, and what was taken of them stays as it was."""

import numpy as np
import pytest

from babybert_tui.training.events import Stepped
from babybert_tui.tui.curve import EMPTY, Curve
from babybert_tui.tui.history import RunHistory


def curve_of(count: int, most: int = 64) -> Curve:
    curve = Curve(most)
    for step in range(1, count + 1):
        curve.append(step, float(step % 7))
    return curve


def test_a_short_curve_is_every_value() -> None:
    points = curve_of(60).points
    assert points.steps.tolist() == list(range(1, 61))
    assert points.values.tolist() == [float(step % 7) for step in range(1, 61)]
    assert points.least is points.values
    assert points.most is points.values


@pytest.mark.parametrize("count", [65, 1_000, 12_345])
def test_a_long_curve_is_no_longer_than_it_may_be(count: int) -> None:
    curve = curve_of(count)
    points = curve.points
    stretch = max(1, int(points.steps[1] - points.steps[0]))
    assert len(points.steps) <= 64 + stretch
    assert curve.last_step == points.steps[-1] == count
    assert points.last == count % 7, "the newest value is exact"
    assert np.all(np.diff(points.steps) > 0)


def test_a_stretch_has_the_mean_the_least_and_the_most_of_its_values() -> None:
    points = curve_of(1_000).points
    starts = points.steps.astype(int)
    for number in range(len(starts) - 1):
        values = [float(step % 7) for step in range(starts[number], starts[number + 1])]
        assert points.values[number] == pytest.approx(np.mean(values))
        assert (points.least[number], points.most[number]) == (min(values), max(values))


def test_what_was_taken_stays_as_it_was() -> None:
    curve = curve_of(63)
    taken = curve.points
    steps, values = taken.steps.tolist(), taken.values.tolist()
    for step in range(64, 400):
        curve.append(step, 100.0)
    assert (taken.steps.tolist(), taken.values.tolist()) == (steps, values)


def test_the_value_at_a_step_is_the_last_one_before_it() -> None:
    points = curve_of(10).points
    assert points.at(0) is None
    assert points.at(3) == 3
    assert points.at(99) == 10 % 7
    assert EMPTY.at(3) is None
    assert EMPTY.last is None
    assert not EMPTY


def test_a_history_of_many_steps_takes_no_more_room_than_one_of_a_few_thousand() -> None:
    history = RunHistory()
    for step in range(1, 20_001):
        history.note(Stepped(step, 3.0, 2.0, 1.0, 0.5, 0.5, 1e-3, step, 1.0, 0.01 * step))
    points = history.view().points("mlm_loss")
    assert len(points.steps) < 5_000
    assert points.steps[-1] == 20_000
