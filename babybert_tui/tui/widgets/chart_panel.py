"""One metric over the steps, with its figures in the title."""

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.tui.pictures.chart import Chart, Kind, short_number
from babybert_tui.tui.widgets.lines import Lines

_COMPONENTS = {
    Kind.BLANK: "chart--blank",
    Kind.AXIS: "chart--axis",
    Kind.FLOOR: "chart--floor",
    Kind.RIVAL: "chart--rival",
    Kind.CEILING: "chart--ceiling",
    Kind.GHOST: "chart--ghost",
    Kind.BAND: "chart--band",
    Kind.CHANGE: "chart--change",
    Kind.CURSOR: "chart--cursor",
    Kind.TRAINING: "chart--training",
    Kind.HELD_OUT: "chart--held-out",
    Kind.PASSED: "chart--passed",
}

_NOTHING = Chart()  # while the curves are being read


class ChartPanel(Lines, can_focus=True):
    """Draws a `Chart`.

    Args:
        metric: Its name in the history.
        name_shown: Its name for a person.
        learner_help: What `?` says of it.
        id: Of the widget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(_COMPONENTS.values())

    @dataclass
    class StepPicked(Message):
        """A step was clicked."""

        step: int

    def __init__(self, metric: str, name_shown: str, learner_help: str, *, id: str) -> None:
        super().__init__(id=id)
        self.metric = metric
        self.name_shown = name_shown
        self.learner_help = learner_help
        self.chart = _NOTHING

    def show(self, chart: Chart) -> None:
        """Shows something else from now on."""
        if chart.version != self.chart.version:
            self.chart = chart
            self.redraw_lines()

    def title(self) -> list[tuple[str, str]]:
        """The name, the newest training figure, the newest held-out one."""
        parts = [(f"{self.name_shown} ", "lines--title")]
        cursor = self.chart.cursor
        for points, word, name in (
            (self.chart.training, "", "chart--training"),
            (self.chart.held_out, "held out ", "chart--held-out"),
        ):
            value = points.last if cursor is None else points.at(cursor)
            if value is not None:
                parts.append((f"{word}{short_number(value)} ", name))
        if self.chart.is_log and not self.chart.is_share:
            parts.append(("log ", "lines--rule"))
        return parts

    def on_click(self, event: Click) -> None:
        """Goes to that step."""
        from babybert_tui.tui.pictures.line_chart import step_at

        width, height = self.size
        step = step_at(self.chart, width - 1, height - 1, event.x)
        if step is not None and event.y > 0:
            self.post_message(self.StepPicked(step))

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Not used: a chart is made of runs of a kind, and its colours are the theme's."""
        raise NotImplementedError

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        base = self.ink()
        strips = [self._title_strip(self.title(), width)]
        if self.chart is _NOTHING:
            return strips
        from babybert_tui.tui.pictures.line_chart import draw_chart  # NumPy comes after the first paint

        styles = {kind: self.ink(name) for kind, name in _COMPONENTS.items()}
        for row in draw_chart(self.chart, width - 1, height - 1):
            parts = [Segment(run.text, styles[run.kind]) for run in row]
            strips.append(Strip(parts).adjust_cell_length(width, base))
        return strips[:height]
