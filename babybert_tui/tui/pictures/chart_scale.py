"""From values and steps to dots, with round figures at both ends of the scale, and its labels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.tui.pictures.braille import COLUMNS, ROWS
from babybert_tui.tui.pictures.chart import Chart, short_number

GUTTER = 6  # columns for the scale's labels
_LEAST = 1e-12  # on a logarithmic scale


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
        low, high = self._at(self.low), self._at(self.high)
        placed = np.log(np.maximum(values, _LEAST)) if self.is_log else values
        return np.asarray(np.clip((high - placed) / (high - low) * (self.rows - 1), 0, self.rows - 1))

    def across(self, steps: NDArray[np.float64]) -> NDArray[np.int64]:
        """Dots from the left."""
        return np.minimum(steps / max(1, self.last_step) * (self.columns - 1), self.columns).astype(np.int64)

    def row_of(self, value: float) -> int:
        """The dot's row of one value."""
        low, high = self._at(self.low), self._at(self.high)
        return round(min(max((high - self._at(value)) / (high - low), 0.0), 1.0) * (self.rows - 1))

    def column_of(self, step: int) -> int:
        """The cell's column of one step."""
        return int(min(step / max(1, self.last_step) * (self.columns - 1), self.columns)) // COLUMNS

    def step_at(self, column: int) -> int:
        """The step in the middle of a cell's column."""
        return round((column * COLUMNS + COLUMNS / 2) / max(1, self.columns - 1) * self.last_step)

    def _at(self, value: float) -> float:
        return math.log(max(value, _LEAST)) if self.is_log else value


def scale_of(chart: Chart, width: int, height: int) -> Scale:
    """Everything in view, and round figures at both ends; `width` and `height` count cells."""
    curves = [points for points in (chart.training, chart.held_out, chart.ghost) if points]
    levels = [one.value for one in chart.levels]
    highest = max([float(points.most.max()) for points in curves] + levels, default=1.0)
    lowest = min([float(points.least.min()) for points in curves] + levels, default=0.0)
    if chart.is_share:
        low, high = 0.0, next(top for top in (0.25, 0.5, 0.75, 1.0) if top >= min(1.0, highest))
    elif chart.is_log:
        low, high = max(lowest, 1e-3) * 0.9, max(highest, 2e-3) * 1.1
    else:
        high = _round_up(highest)
        low = 0.0 if lowest < high / 2 else _round_down(lowest)
    return Scale(low, high, chart.is_log and not chart.is_share, height * ROWS, width * COLUMNS, chart.last_step)


def row_labels(scale: Scale, height: int) -> list[str]:
    """The scale: top, bottom, and the middle where there is room for it."""
    labels = [" " * (GUTTER - 1) + "│"] * height
    middle = math.sqrt(scale.low * scale.high) if scale.is_log else (scale.low + scale.high) / 2
    shown = {0: scale.high, height - 1: scale.low} | ({height // 2: middle} if height >= 5 and height % 2 else {})
    for row, value in shown.items():
        labels[row] = f"{short_number(value):>{GUTTER - 1}}┤"
    return labels


def step_labels(last_step: int, width: int) -> str:
    """The steps at both ends, and in the middle where there is room."""
    middle, end = f"{last_step // 2:,}", f"{last_step:,}"
    line = "0".ljust(width)
    if len(end) >= width:
        return " " * GUTTER + line
    place = width // 2 - len(middle) // 2
    if place > 2 and place + len(middle) + 1 < width - len(end):
        line = line[:place] + middle + line[place + len(middle) :]
    return " " * GUTTER + line[: width - len(end)] + end


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
