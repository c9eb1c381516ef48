"""Train: the four figures over the steps, and the probe under them."""

from textual.app import ComposeResult

from babybert_tui.training.recording import Snapshot
from babybert_tui.tui.figures import METRICS, chart_of
from babybert_tui.tui.history import RunView, State
from babybert_tui.tui.widgets.batch_pane import BatchPane
from babybert_tui.tui.widgets.chart_panel import ChartPanel
from babybert_tui.tui.widgets.figures_line import FiguresLine
from babybert_tui.tui.widgets.invitation import Invitation
from babybert_tui.tui.widgets.probe_pane import ProbePane
from babybert_tui.tui.widgets.unscrolled import Column, Quarters


class TrainPane(Column):
    """Shows a run as it stands, or as it stood at a recorded step."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.is_log = False
        self.chosen = METRICS[0].name
        self._is_batch_hidden = False

    def compose(self) -> ComposeResult:
        """What it is made of."""
        yield Invitation(id="invitation")
        yield FiguresLine(id="figures")
        with Quarters(id="charts"):
            for metric in METRICS:
                yield ChartPanel(metric.name, metric.shown, metric.learner_help, id=f"chart-{metric.name}")
        yield ProbePane(id="probe")
        yield BatchPane(id="batch")

    def on_mount(self) -> None:
        """One chart is chosen from the start."""
        self.choose(self.chosen)

    def choose(self, metric: str) -> None:
        """Charts this metric where there is room for one only."""
        self.chosen = metric
        for panel in self.query(ChartPanel):
            panel.set_class(panel.metric == metric, "-chosen")

    def choose_next(self) -> None:
        """The metric after the one that is charted."""
        names = [metric.name for metric in METRICS]
        self.choose(names[(names.index(self.chosen) + 1) % len(names)])

    def hide_batch(self) -> bool:
        """Back to the probe; whether there was a way back."""
        was_shown = self.query_one(BatchPane).display
        self._is_batch_hidden = True
        return was_shown

    def show_batch(self) -> None:
        """The next batch takes the probe's place."""
        self._is_batch_hidden = False

    def show(self, view: RunView, ghost: RunView | None, snapshot: Snapshot | None, *, is_live: bool) -> None:
        """Shows a run.

        Args:
            view: The run.
            ghost: An earlier run, behind it.
            snapshot: The recorded look at the probe to show; None is the newest.
            is_live: Whether the newest look is shown because it is the newest.
        """
        cursor = None if is_live or snapshot is None else snapshot.step
        for metric in METRICS:
            panel = self.query_one(f"#chart-{metric.name}", ChartPanel)
            if not view.has_curves_to_come and (panel.is_on_screen or not self.is_attached):
                panel.show(chart_of(metric, view, ghost, cursor, is_log=self.is_log))
        self.query_one(FiguresLine).show(view, cursor, self.chosen)
        looked_at = snapshot or (view.probe.newest if view.probe else None)
        failure = view.message if view.state is State.FAILED else ""
        self.query_one(ProbePane).show(view.probe, looked_at, _when(view, looked_at, is_live=is_live), failure)
        self._show_batch(view, is_live=is_live)

    def _show_batch(self, view: RunView, *, is_live: bool) -> None:
        batch, probe = self.query_one(BatchPane), self.query_one(ProbePane)
        batch.show(view.batch)
        wanted = view.batch is not None and view.state is State.PAUSED and is_live and not self._is_batch_hidden
        batch.display, probe.display = wanted, not wanted


def _when(view: RunView, snapshot: Snapshot | None, *, is_live: bool) -> str:
    if snapshot is None:
        return ""
    if view.state is State.REPLAY:
        return f"as {view.run} saw it at step {snapshot.step:,}"
    if is_live:
        return f"at step {snapshot.step:,} (e types your own)"
    return f"back at step {snapshot.step:,} (, . walk · Esc live)"
