"""The four figures in one line, where there is room for one chart only; the chosen one is charted."""

from typing import ClassVar

from babybert_tui.tui.figures import METRICS
from babybert_tui.tui.history import RunView
from babybert_tui.tui.pictures.chart import short_number
from babybert_tui.tui.widgets.clickable import ClickableLine, Word

_SHORT = {"mlm_accuracy": "MLM acc", "nsp_accuracy": "NSP acc", "mlm_loss": "MLM loss", "nsp_loss": "NSP loss"}


_WIDE = 100


class FiguresLine(ClickableLine):
    """A click on a figure charts it; so does `v`, one after another."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"figures--chosen", "figures--other", "figures--held-out"}

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._view = RunView()
        self._cursor: int | None = None
        self._chosen = METRICS[0].name

    def show(self, view: RunView, cursor: int | None, chosen: str) -> None:
        """Shows a run's figures."""
        before = self.words()
        self._view, self._cursor, self._chosen = view, cursor, chosen
        if before != self.words():
            self.refresh()

    def words(self) -> list[Word]:
        """Training, and held out after a stroke."""
        found = []
        for metric in METRICS:
            training = self._value(metric.name, held_out=False)
            text = f" {_SHORT[metric.name]} {training} "
            component = "figures--chosen" if metric.name == self._chosen else "figures--other"
            found.append(Word(text, component, f"screen.figure('{metric.name}')"))
            found.append(Word(f" {self._value(metric.name, held_out=True):<5}", "figures--held-out"))
        return found

    def words_right(self) -> list[Word]:
        """What the two figures are."""
        if self.size.width < _WIDE:
            return []
        return [Word("train "), Word("held out ", "figures--held-out")]

    def _value(self, metric: str, *, held_out: bool) -> str:
        points = self._view.points(metric, held_out=held_out)
        value = points.last if self._cursor is None else points.at(self._cursor)
        return "–" if value is None else short_number(value)
