"""A chart of one metric over the steps of a run: what to draw, scaled and laid into cells."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.figures import fraction
from babybert_tui.tui.curve import EMPTY, Points
from babybert_tui.tui.pictures.braille import COLUMNS, ROWS, Dots, band, characters, joined

GUTTER = 6  # columns for the scale's labels
_LEAST_PLOT = 4  # cells
_MARK = ord("●")
_BASELINE = ord("┈")
_CURSOR = ord("│")
_CHANGE = ord("╎")


class Kind(IntEnum):
    """What a cell shows, for its colour; later ones lie on top."""

    BLANK = 0
    AXIS = 1
    BASELINE = 2
    BASELINE_LABEL = 3
    GHOST = 4
    BAND = 5
    CHANGE = 6
    CURSOR = 7
    TRAINING = 8
    HELD_OUT = 9


class Run(NamedTuple):
    """Neighbouring cells of one kind."""

    text: str
    kind: Kind


@dataclass(frozen=True)
class Baseline:
    """A level that is reached without learning."""

    value: float
    label: str


@dataclass(frozen=True, eq=False)
class Chart:
    """What to draw."""

    training: Points = EMPTY
    held_out: Points = EMPTY
    ghost: Points = EMPTY
    baselines: tuple[Baseline, ...] = ()
    changes: tuple[int, ...] = ()  # steps after which a setting changed
    cursor: int | None = None  # the step that is looked at
    last_step: int = 1  # at the right edge
    is_share: bool = False  # an accuracy, from 0 to 1
    is_log: bool = False

    @property
    def version(self) -> tuple[object, ...]:
        """Charts of one version look alike: curves only grow, so their ends stand for the whole."""
        curves = (self.training, self.held_out, self.ghost)
        ends = tuple((len(points.steps), points.steps[-1:].sum(), points.last) for points in curves)
        flags = self.cursor, self.last_step, self.is_share, self.is_log, self.changes, self.baselines
        return ends + flags


@dataclass(frozen=True)
class Scale:
    """From values to dots."""

    low: float
    high: float
    is_log: bool
    rows: int
    columns: int
    last_step: int

    def down(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Dots from the top."""
        low, high = self._at(np.array(self.low)), self._at(np.array(self.high))
        share = (self._at(values) - low) / (high - low)
        return np.asarray(np.clip((1 - share) * (self.rows - 1), 0, self.rows - 1))

    def across(self, steps: NDArray[np.float64]) -> NDArray[np.int64]:
        """Dots from the left."""
        return np.minimum(steps / max(1, self.last_step) * (self.columns - 1), self.columns).astype(np.int64)

    def _at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.log(np.maximum(values, 1e-12)) if self.is_log else values


def scale_of(chart: Chart, width: int, height: int) -> Scale:
    """Everything in view, and round figures at both ends."""
    found = [points.values for points in (chart.training, chart.held_out, chart.ghost) if points]
    levels = [one.value for one in chart.baselines]
    highest = max([float(values.max()) for values in found] + levels, default=1.0)
    lowest = min([float(values.min()) for values in found] + levels, default=0.0)
    if chart.is_share:
        low, high = 0.0, next(top for top in (0.25, 0.5, 0.75, 1.0) if top >= min(1.0, highest))
    elif chart.is_log:
        low, high = max(lowest, 1e-3) * 0.9, max(highest, 2e-3) * 1.1
    else:
        high = _round_up(highest)
        low = 0.0 if lowest < high / 2 else _round_down(lowest)
    return Scale(low, high, chart.is_log and not chart.is_share, height * ROWS, width * COLUMNS, chart.last_step)


def draw_chart(chart: Chart, width: int, height: int) -> list[list[Run]]:
    """The chart in `width` by `height` cells, the scale at its left and the steps below it."""
    plot_width, plot_height = max(_LEAST_PLOT, width - GUTTER), max(1, height - 1)
    scale = scale_of(chart, plot_width, plot_height)
    canvas = _Canvas(plot_width, plot_height)
    _draw_baselines(canvas, chart, scale)
    canvas.put(_mean_line(chart.ghost, scale), Kind.GHOST)
    canvas.put(_spread(chart.training, scale), Kind.BAND)
    for step in chart.changes:
        canvas.vertical(step, scale, _CHANGE, Kind.CHANGE)
    if chart.cursor is not None:
        canvas.vertical(chart.cursor, scale, _CURSOR, Kind.CURSOR)
    canvas.put(_mean_line(chart.training, scale), Kind.TRAINING)
    _draw_marks(canvas, chart.held_out, scale)
    _label_baselines(canvas, chart, scale)
    labels = _row_labels(scale, plot_height)
    rows = [[Run(label, Kind.AXIS), *canvas.runs(row)] for row, label in enumerate(labels)]
    return [*rows, [Run(_step_labels(chart.last_step, plot_width), Kind.AXIS)]][:height]


class _Canvas:
    """Characters, and what each of them shows."""

    def __init__(self, width: int, height: int) -> None:
        self.codes = np.full((height, width), ord(" "), dtype=np.int64)
        self.kinds = np.zeros((height, width), dtype=np.int64)
        self.shape = height * ROWS, width * COLUMNS

    def put(self, dots: Dots, kind: Kind) -> None:
        """Lays dots over what is there."""
        codes = characters(dots)
        self.codes = np.where(codes > 0, codes, self.codes)
        self.kinds = np.where(codes > 0, int(kind), self.kinds)

    def vertical(self, step: int, scale: Scale, code: int, kind: Kind) -> None:
        """A line from top to bottom, behind what is drawn later."""
        column = int(scale.across(np.array([step], dtype=np.float64))[0]) // COLUMNS
        if 0 <= column < self.codes.shape[1]:
            self.codes[:, column], self.kinds[:, column] = code, int(kind)

    def text(self, row: int, column: int, text: str, kind: Kind) -> None:
        """Words."""
        end = min(column + len(text), self.codes.shape[1])
        self.codes[row, column:end] = [ord(letter) for letter in text[: end - column]]
        self.kinds[row, column:end] = int(kind)

    def runs(self, row: int) -> list[Run]:
        """One line."""
        text = "".join(map(chr, self.codes[row].tolist()))
        found, start = [], 0
        for kind, cells in groupby(self.kinds[row].tolist()):
            end = start + len(list(cells))
            found.append(Run(text[start:end], Kind(kind)))
            start = end
        return found


def _places(points: Points, scale: Scale) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return scale.across(points.steps), scale.down(points.values)


def _in_columns(
    points: Points, scale: Scale, *reductions: Callable[..., NDArray[np.float64]]
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]], NDArray[np.int64]]:
    """The columns that have values, a reduction of each one's values, and how many there are."""
    columns = scale.across(points.steps)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    counts = np.diff(starts, append=len(columns))
    return columns[starts], [reduce(points.values, starts) for reduce in reductions], counts


def _mean_line(points: Points, scale: Scale) -> Dots:
    if not points:
        return np.zeros((scale.rows, scale.columns), dtype=bool)
    columns, (sums,), counts = _in_columns(points, scale, np.add.reduceat)
    return joined(columns, scale.down(_smoothed(sums / counts, columns)), (scale.rows, scale.columns))


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
    columns, (lowest, highest), _ = _in_columns(points, scale, np.minimum.reduceat, np.maximum.reduceat)
    return band(columns, scale.down(highest), scale.down(lowest), (scale.rows, scale.columns))


def _draw_marks(canvas: _Canvas, points: Points, scale: Scale) -> None:
    columns, down = _places(points, scale)
    for column, row in zip((columns // COLUMNS).tolist(), (np.rint(down) // ROWS).astype(int).tolist(), strict=True):
        if column < canvas.codes.shape[1]:
            canvas.codes[row, column], canvas.kinds[row, column] = _MARK, int(Kind.HELD_OUT)


def _draw_baselines(canvas: _Canvas, chart: Chart, scale: Scale) -> None:
    for baseline in chart.baselines:
        row = _row_of(baseline.value, scale)
        canvas.codes[row], canvas.kinds[row] = _BASELINE, int(Kind.BASELINE)


def _label_baselines(canvas: _Canvas, chart: Chart, scale: Scale) -> None:
    """At the right end, where nothing else is drawn over it yet."""
    for baseline in chart.baselines:
        row, text = _row_of(baseline.value, scale), f" {baseline.label} {short_number(baseline.value)}"
        column = canvas.codes.shape[1] - len(text)
        if column > 0 and (canvas.kinds[row, column:] <= int(Kind.BASELINE)).all():
            canvas.text(row, column, text, Kind.BASELINE_LABEL)


def _row_of(value: float, scale: Scale) -> int:
    return int(np.rint(scale.down(np.array([value])))[0]) // ROWS


def _row_labels(scale: Scale, height: int) -> list[str]:
    """The scale: top, bottom, and the middle where there is room for it."""
    labels = [" " * (GUTTER - 1) + "│"] * height
    middle = math.sqrt(scale.low * scale.high) if scale.is_log else (scale.low + scale.high) / 2
    shown = {0: scale.high, height - 1: scale.low} | ({height // 2: middle} if height >= 5 and height % 2 else {})
    for row, value in shown.items():
        labels[row] = f"{short_number(value):>{GUTTER - 1}}┤"
    return labels


def _step_labels(last_step: int, width: int) -> str:
    middle, end = f"{last_step // 2:,}", f"{last_step:,}"
    line = "0".ljust(width)
    if len(end) >= width:
        return " " * GUTTER + line
    place = width // 2 - len(middle) // 2
    if place > 2 and place + len(middle) + 1 < width - len(end):
        line = line[:place] + middle + line[place + len(middle) :]
    return " " * GUTTER + line[: width - len(end)] + end


def short_number(value: float) -> str:
    """At most five characters."""
    if value == 0:
        return "0"
    if 0 < value < 0.095:
        return fraction(value, 3)
    return fraction(value) if value < 9.95 else f"{value:.1f}"


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 2.5, 3, 4, … at the number's own scale."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10) if step * size >= value * 0.999)


def _round_down(value: float) -> float:
    """Down to two digits."""
    size = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / size - 0.5) * size


def last_step_of_axis(step: int, max_steps: int) -> int:
    """Where the axis ends: at the end of the run, or, in a long one, where doubling keeps the past in view."""
    if max_steps <= 5_000:
        return max_steps
    end = 1_000
    while end < step * 1.05:
        end *= 2
    return min(end, max_steps)
