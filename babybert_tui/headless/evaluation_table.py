"""Held-out figures as a table: what a model is measured against on top, one row for each evaluation below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babybert_tui.render.figures import clock
from babybert_tui.training.events import Baselines

_LABEL_WIDTH, _COLUMN_WIDTH, _TIME_WIDTH = 16, 10, 8
_NARROW_COLUMN_WIDTH, _NARROW_TIME_WIDTH = 9, 7  # where nats per word are left out, too
_WIDE = _LABEL_WIDTH + 5 * _COLUMN_WIDTH + _TIME_WIDTH

MEASURED_AGAINST = {
    "without learning": {
        "mlm_loss": "mlm_loss_unigram",
        "mlm_accuracy": "mlm_accuracy_unigram",
        "nsp_accuracy": "nsp_accuracy_majority",
    },
    "cheap rivals": {"mlm_accuracy": "mlm_accuracy_count", "nsp_accuracy": "nsp_accuracy_overlap"},
    "best possible": {"mlm_accuracy": "mlm_accuracy_oracle", "nsp_accuracy": "nsp_accuracy_oracle"},
    "  give or take": {"mlm_accuracy": "mlm_accuracy_oracle_error", "nsp_accuracy": "nsp_accuracy_oracle_error"},
}
"""By row and column, the baseline that stands there."""


@dataclass(frozen=True)
class EvaluationTable:
    """How the rows are laid out; all of them are plain text.

    Args:
        width: Columns at hand.
        objective: "nsp", "sop" or "none": what the sentence columns are called, if they are there at all.
        with_time: Whether a last column says how long the run has taken.
    """

    width: int = 80
    objective: str = "nsp"
    with_time: bool = True

    def head(self, title: str, baselines: Baselines) -> str:
        """The column titles, and below them a row for each thing that a model is measured against."""
        titles = dict(self._columns)
        top = f"{title:<{_LABEL_WIDTH}}" + "".join(f"{one:>{self._column_width}}" for one in titles.values())
        top += f"{'time':>{self._time_width}}" * self.with_time
        rows = [(label, _of(baselines, names)) for label, names in MEASURED_AGAINST.items()]
        return "\n".join([top, *(self.row(label, figures) for label, figures in rows if figures)])

    def row(self, label: str, figures: Mapping[str, Any]) -> str:
        """One evaluation; what is None or not there stays blank."""
        cells = "".join(f"{_figure(figures.get(name)):>{self._column_width}}" for name, _ in self._columns)
        seconds = figures.get("elapsed_seconds")
        time = clock(seconds) if self.with_time and seconds is not None else ""
        return f"{label:<{_LABEL_WIDTH}}{cells}{time:>{self._time_width}}".rstrip()

    @property
    def _column_width(self) -> int:
        return _COLUMN_WIDTH if self.width >= _WIDE else _NARROW_COLUMN_WIDTH

    @property
    def _time_width(self) -> int:
        return _TIME_WIDTH if self.width >= _WIDE else _NARROW_TIME_WIDTH

    @property
    def _columns(self) -> list[tuple[str, str]]:
        columns = [("mlm_loss", "MLM loss"), ("mlm_accuracy", "accuracy")]
        if self.width >= _WIDE:
            columns.append(("mlm_nats_per_word", "nats/word"))
        if self.objective != "none":
            columns += [("nsp_loss", f"{self.objective.upper()} loss"), ("nsp_accuracy", "accuracy")]
        return columns


def _of(baselines: Baselines, names: Mapping[str, str]) -> dict[str, float]:
    """What is known, by column."""
    values = {column: getattr(baselines, name) for column, name in names.items()}
    return {column: value for column, value in values.items() if value is not None}


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else ""
