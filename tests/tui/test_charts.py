"""Charts: what is compared with what, and that nothing is written over anything else."""

from dataclasses import replace

import numpy as np
import pytest

from babybert_tui.training.events import Baselines
from babybert_tui.tui.curve import Curve, Points
from babybert_tui.tui.figures import METRICS, chart_of, levels_of, passed_at
from babybert_tui.tui.pictures.chart import Chart, Kind, Level, Mark
from babybert_tui.tui.pictures.line_chart import draw_chart, step_at
from tui.made_up_run import BASELINES, made_up_history

ACCURACY = METRICS[0]
RIVAL, CEILING = Level(0.54, "counting", Kind.RIVAL), Level(0.94, "best possible", Kind.CEILING)
FLOOR = Level(0.13, "commonest word")


def points(*pairs: tuple[int, float]) -> Points:
    curve = Curve()
    for step, value in pairs:
        curve.append(step, value)
    return curve.points


def text(chart: Chart, width: int = 60, height: int = 12) -> str:
    return "\n".join("".join(run.text for run in row) for row in draw_chart(chart, width, height))


def row_with(chart: Chart, words: str, width: int = 60, height: int = 12) -> int:
    return next(number for number, line in enumerate(text(chart, width, height).split("\n")) if words in line)


def kinds(chart: Chart, width: int = 60, height: int = 12) -> list[list[Kind]]:
    return [[kind for part, kind in row for _ in part] for row in draw_chart(chart, width, height)]


def test_every_level_has_its_name_at_its_height() -> None:
    chart = Chart(levels=(RIVAL, CEILING, FLOOR), last_step=100, is_share=True)
    drawn = text(chart)
    assert all(words in drawn for words in ("counting .54", "best possible .94", "commonest word .13"))
    assert row_with(chart, "best") < row_with(chart, "counting") < row_with(chart, "commonest")


def test_levels_close_together_do_not_write_over_each_other() -> None:
    near = Level(0.55, "a neighbour")
    drawn = text(Chart(levels=(RIVAL, near), last_step=100, is_share=True), width=40, height=9)
    assert "counting .54" in drawn
    assert "a neighbour .55" in drawn


def test_a_name_gives_way_to_the_curve() -> None:
    flat = points(*((step, 0.54) for step in range(60, 101)))
    without, chart = (Chart(flat, levels=levels, last_step=100, is_share=True) for levels in ((), (RIVAL,)))
    assert "counting .54" in text(chart)

    def curve(chart: Chart) -> list[list[bool]]:
        return [[kind is Kind.TRAINING for kind in row] for row in kinds(chart)]

    assert curve(chart) == curve(without), "all of the curve is there"


def test_a_name_without_room_is_left_out_and_its_line_is_not() -> None:
    chart = Chart(levels=(RIVAL,), last_step=100, is_share=True)
    assert "counting" not in text(chart, width=16)
    assert any(Kind.RIVAL in row for row in kinds(chart, width=16))


def test_levels_differ_without_colour() -> None:
    def line(level: Level) -> str:
        rows = draw_chart(Chart(levels=(level,), last_step=1, is_share=True), 60, 12)
        return "".join(run.text for row in rows for run in row if run.kind is level.kind).split(level.name)[0].strip()

    assert len({line(Level(0.5, "x", kind)) for kind in (Kind.FLOOR, Kind.RIVAL, Kind.CEILING)}) == 3


@pytest.mark.parametrize(
    ("values", "step"),
    [([], None), ([0.1, 0.5], None), ([0.1, 0.6, 0.7], 10), ([0.6, 0.5, 0.7], 20), ([0.6, 0.54], None), ([0.6], 0)],
)
def test_a_rival_is_passed_once_every_later_evaluation_is_better(values: list[float], step: int | None) -> None:
    assert passed_at(0.54, points(*((10 * number, value) for number, value in enumerate(values)))) == step


def test_the_name_of_a_rival_says_when_it_was_passed() -> None:
    chart = chart_of(ACCURACY, made_up_history(1200).view(), None, None, is_log=False)
    assert chart.levels[0].passed == 750
    assert "counting .54, passed at 750" in text(chart, width=80)
    assert any(Kind.PASSED in row for row in kinds(chart, width=80))
    before = chart_of(ACCURACY, made_up_history(300).view(), None, None, is_log=False)
    assert "passed" not in text(before, width=80)


def test_what_is_not_known_is_left_out() -> None:
    old = Baselines(7.4, 5.1, 0.13, None)
    assert [level.name for level in levels_of("mlm_accuracy", old, points())] == ["commonest word"]
    assert levels_of("nsp_accuracy", old, points()) == ()
    assert levels_of("nsp_loss", old, points()) == ()
    assert levels_of("mlm_accuracy", None, points()) == ()
    assert [level.name for level in levels_of("nsp_accuracy", BASELINES, points())] == [
        "shared words",
        "best possible",
        "majority",
    ]


def test_a_changed_setting_is_named_beside_its_mark() -> None:
    for step in (10, 90):
        chart = Chart(changes=(Mark(step, "learning rate 0.0005"),), last_step=100)
        assert "learning rate 0.0005╎" in text(chart) or "╎learning rate 0.0005" in text(chart)


def test_the_ghost_lies_behind_and_ends_where_the_axis_does() -> None:
    run, ghost = made_up_history(600).view(), made_up_history(1500, speed=0.8, run="before").view()
    chart = chart_of(ACCURACY, run, ghost, None, is_log=False)
    drawn = kinds(chart, 80, 16)
    assert any(Kind.GHOST in row for row in drawn)
    shorter = chart_of(ACCURACY, replace(run, max_steps=1000), ghost, None, is_log=False)
    assert (shorter.last_step, shorter.ghost.steps[-1]) == (1000, 1000)
    alone = chart_of(ACCURACY, run, None, None, is_log=False)
    training = [[kind is Kind.TRAINING for kind in row] for row in drawn]
    assert training == [[kind is Kind.TRAINING for kind in row] for row in kinds(alone, 80, 16)]


def test_a_log_scale_gives_small_losses_more_room() -> None:
    falling = points(*((step, 10.0 ** (-step / 50)) for step in range(101)))
    rows = {is_log: row_of_value(Chart(falling, last_step=100, is_log=is_log), 50) for is_log in (True, False)}
    assert rows[True] < rows[False], "in the middle of the scale, and not near its end"


def row_of_value(chart: Chart, step: int) -> int:
    drawn = kinds(chart, 66, 21)
    column = 6 + round(step / 100 * 59)
    return next(number for number, row in enumerate(drawn) if row[column] is Kind.TRAINING)


def test_a_column_stands_for_the_step_that_is_drawn_there() -> None:
    chart = Chart(changes=(Mark(740, ""),), last_step=1500)
    column = text(chart, 80, 12).split("\n")[0].index("╎")
    found = step_at(chart, 80, 12, column)
    assert found == pytest.approx(740, abs=1500 / 74)
    assert step_at(chart, 80, 12, 2) is None, "the scale is no step"
    assert step_at(chart, 80, 12, 79) == 1500


def test_a_long_curve_shows_its_extremes() -> None:
    values = np.ones(20_000)
    values[10_000] = 5.0
    curve = Curve()
    for step, value in enumerate(values, start=1):
        curve.append(step, float(value))
    chart = Chart(curve.points, last_step=20_000)
    assert text(chart).split("\n")[0].strip().startswith("5.0"), "the scale reaches the one large value"
    assert Kind.BAND in kinds(chart)[0]
