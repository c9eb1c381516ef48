"""Held-out figures as a table: what is reached without learning on top, one row for each evaluation below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babybert_tui.training.events import Baselines

_LABEL_WIDTH, _COLUMN_WIDTH, _TIME_WIDTH = 16, 10, 8
_NARROW_COLUMN_WIDTH, _NARROW_TIME_WIDTH = 9, 7  # where nats per word are left out, too
_WIDE = _LABEL_WIDTH + 5 * _COLUMN_WIDTH + _TIME_WIDTH


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
        """The column titles, and below them the row of what is reached without learning."""
        titles = dict(self._columns)
        known = {
            "mlm_loss": baselines.mlm_loss_unigram,
            "mlm_accuracy": baselines.mlm_accuracy_unigram,
            "nsp_accuracy": baselines.nsp_accuracy_majority,
        }
        top = f"{title:<{_LABEL_WIDTH}}" + "".join(f"{one:>{self._column_width}}" for one in titles.values())
        top += f"{'time':>{self._time_width}}" * self.with_time
        return f"{top}\n{self.row('without learning', known)}"

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


def clock(seconds: float) -> str:
    """0:07, 12:34, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else ""
