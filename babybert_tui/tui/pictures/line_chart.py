"""A chart of one metric over the steps of a run, laid into cells."""

import numpy as np
from numpy.typing import NDArray

from babybert_tui.tui.curve import Points
from babybert_tui.tui.pictures.braille import COLUMNS, ROWS, Dots, band, joined
from babybert_tui.tui.pictures.chart import Chart, Kind, Level, Run
from babybert_tui.tui.pictures.chart_canvas import Canvas
from babybert_tui.tui.pictures.chart_scale import GUTTER, Scale, row_labels, scale_of, step_labels

_LEAST_PLOT = 4  # cells
_MARK, _CURSOR, _CHANGE = ord("●"), ord("│"), ord("╎")
_HIDDEN_BY_NAMES = (Kind.FLOOR, Kind.RIVAL, Kind.CEILING, Kind.CHANGE, Kind.CURSOR)
# Of so many dots in a row, how many are drawn: told apart without colour, too.
_DOTTED = {Kind.FLOOR: (4, 1), Kind.RIVAL: (2, 1), Kind.CEILING: (6, 4)}


def plot_size(width: int, height: int) -> tuple[int, int]:
    """Cells for the curves, where the whole chart has `width` by `height`."""
    return max(_LEAST_PLOT, width - GUTTER), max(1, height - 1)


def draw_chart(chart: Chart, width: int, height: int) -> list[list[Run]]:
    """The chart in `width` by `height` cells, the scale at its left and the steps below it."""
    plot_width, plot_height = plot_size(width, height)
    scale = scale_of(chart, plot_width, plot_height)
    canvas = Canvas(plot_width, plot_height)
    for level in chart.levels:
        canvas.put(_dotted(level, scale), level.kind, top=scale.row_of(level.value) // ROWS)
    canvas.put(_mean_line(chart.ghost, scale), Kind.GHOST)
    canvas.put(_spread(chart.training, scale), Kind.BAND)
    for change in chart.changes:
        canvas.upright(scale.column_of(change.step), _CHANGE, Kind.CHANGE)
    if chart.cursor is not None:
        canvas.upright(scale.column_of(chart.cursor), _CURSOR, Kind.CURSOR)
    canvas.put(_mean_line(chart.training, scale), Kind.TRAINING)
    _draw_marks(canvas, chart.held_out, scale)
    _name_levels(canvas, chart, scale)
    _name_changes(canvas, chart, scale)
    labels = row_labels(scale, plot_height)
    rows = [[Run(label, Kind.AXIS), *canvas.runs(row)] for row, label in enumerate(labels)]
    return [*rows, [Run(step_labels(chart.last_step, plot_width), Kind.AXIS)]][:height]


def step_at(chart: Chart, width: int, height: int, column: int) -> int | None:
    """The step that a column of the whole chart stands for; None left of the curves."""
    plot_width, plot_height = plot_size(width, height)
    place = column - GUTTER
    if not 0 <= place < plot_width:
        return None
    return min(chart.last_step, scale_of(chart, plot_width, plot_height).step_at(place))


def _in_columns(points: Points, scale: Scale) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The columns that have values, where in `points` each begins, and how many values it has."""
    columns = scale.across(points.steps)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    return columns[starts], starts, np.diff(starts, append=len(columns))


def _mean_line(points: Points, scale: Scale) -> Dots:
    if not points:
        return np.zeros((scale.rows, scale.columns), dtype=bool)
    columns, starts, counts = _in_columns(points, scale)
    means = np.add.reduceat(points.values, starts) / counts
    return joined(columns, scale.down(_smoothed(means, columns)), (scale.rows, scale.columns))


def _smoothed(values: NDArray[np.float64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """A running mean over about a twentieth of the width; shorter at both ends, so that it begins and ends in time."""
    reach = min(max(1, int(columns[-1] + 1) // 40), 3)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    half = np.minimum(np.minimum(index, len(values) - 1 - index), reach)
    smooth: NDArray[np.float64] = (sums[index + half + 1] - sums[index - half]) / (2 * half + 1)
    return smooth


def _spread(points: Points, scale: Scale) -> Dots:
    if not points:
        return np.zeros((scale.rows, scale.columns), dtype=bool)
    columns, starts, _ = _in_columns(points, scale)
    lowest, highest = np.minimum.reduceat(points.least, starts), np.maximum.reduceat(points.most, starts)
    return band(columns, scale.down(highest), scale.down(lowest), (scale.rows, scale.columns))


def _dotted(level: Level, scale: Scale) -> Dots:
    """One row of cells, a level at its own row of dots: a cell is too coarse to see who is above."""
    every, drawn = _DOTTED[level.kind]
    dots = np.zeros((ROWS, scale.columns), dtype=bool)
    dots[scale.row_of(level.value) % ROWS] = np.arange(scale.columns) % every < drawn
    return dots


def _draw_marks(canvas: Canvas, points: Points, scale: Scale) -> None:
    if not points:
        return
    columns = scale.across(points.steps) // COLUMNS
    rows = np.rint(scale.down(points.values)).astype(int) // ROWS
    for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
        canvas.cell(row, column, _MARK, Kind.HELD_OUT)


def _name_levels(canvas: Canvas, chart: Chart, scale: Scale) -> None:
    for level in chart.levels:
        _name_level(canvas, level, scale.row_of(level.value) // ROWS)


def _name_level(canvas: Canvas, level: Level, own: int) -> None:
    """In its own row at the right, or where that is taken, further left, above or below; never over the run's curve."""
    kind = level.kind if level.passed is None else Kind.PASSED
    places = ((own, _HIDDEN_BY_NAMES), (own - 1, ()), (own + 1, ()), (own, (*_HIDDEN_BY_NAMES, Kind.GHOST)))
    for label in level.labels:
        for row, hidden in places:
            column = canvas.last_room(row, len(label), hidden)
            if column is not None:
                canvas.text(row, column, label, kind)
                return


def _name_changes(canvas: Canvas, chart: Chart, scale: Scale) -> None:
    """What was changed, beside its mark, as low as there is room."""
    for change in chart.changes:
        mark, size = scale.column_of(change.step), len(change.label)
        places = ((row, column) for row in reversed(range(canvas.height)) for column in (mark + 1, mark - size))
        found = next((place for place in places if canvas.is_blank(*place, size)), None)
        if found is not None:
            canvas.text(*found, change.label, Kind.CHANGE)
