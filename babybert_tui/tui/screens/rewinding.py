"""Walking through what was recorded of the probe: the replay of the first screen, `,` and `.`, a click on a chart."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.screen import Screen

from babybert_tui.training.recording import Snapshot
from babybert_tui.tui.history import RunView, State
from babybert_tui.tui.rooms import ROOMS
from babybert_tui.tui.widgets.chart_panel import ChartPanel
from babybert_tui.tui.widgets.probe_pane import ProbePane
from babybert_tui.tui.widgets.train_pane import TrainPane

if TYPE_CHECKING:
    from textual.timer import Timer

    from babybert_tui.tui.app import BabyBertApp

_REPLAY_SECONDS = 0.12  # a snapshot
_REPLAY_REST = 25  # snapshots' time, at its end


class Rewinding(Screen[None]):
    """Knows which snapshot is looked at, and moves it."""

    def __init__(self, *, classes: str) -> None:
        super().__init__(classes=classes)
        self._room = ROOMS[0].id
        self._covers = False  # Tune, where there is no room beside
        self._cursor: int | None = None  # the index of the snapshot that is looked at; None is the newest
        self._player: Timer | None = None
        self._rest = 0

    @property
    def bench_app(self) -> "BabyBertApp":
        """The app, with its own type."""
        return cast("BabyBertApp", self.app)

    @property
    def train_pane(self) -> TrainPane:
        """The room with the charts."""
        return self.query_one(TrainPane)

    @property
    @abstractmethod
    def view(self) -> RunView:
        """The run at hand."""

    @property
    @abstractmethod
    def room_widget(self) -> Any:
        """The room at hand."""

    @abstractmethod
    def refresh_view(self, *, with_lines: bool = True) -> None:
        """Shows what there is to show now."""

    @abstractmethod
    async def action_room(self, room: str) -> None:
        """Opens a room."""

    def _snapshot(self, view: RunView) -> Snapshot | None:
        if self._cursor is None or view.probe is None or not view.probe.snapshots:
            return None
        return view.probe.snapshots[min(self._cursor, len(view.probe.snapshots) - 1)]

    def _start_playing(self) -> None:
        self._player = self.set_interval(_REPLAY_SECONDS, self._play)

    def _stop_playing(self) -> None:
        if self._player is not None:
            self._player.pause()

    def _go_on_playing(self) -> None:
        if self._player is not None:
            self._player.resume()

    def _play(self) -> None:
        view = self.view
        is_seen = self.app.screen is self and self.train_pane.display
        if view.state is not State.REPLAY or view.probe is None or not is_seen:
            return
        last = len(view.probe.snapshots) - 1
        if self._cursor is not None and self._cursor >= last:
            self._rest += 1
            if self._rest < _REPLAY_REST:
                return
            self._cursor = None
        self._rest = 0
        self._cursor = 0 if self._cursor is None else self._cursor + 1
        self.refresh_view()

    def action_back(self) -> None:
        """One snapshot back."""
        self._walk(-1)

    def action_forward(self) -> None:
        """One snapshot forward; paused at the live end, one step of training."""
        trainer = self.bench_app.trainer
        if self._cursor is None and trainer.history.state is State.PAUSED:
            self.train_pane.show_batch()
            trainer.single_step()
            return
        self._walk(1)

    def _walk(self, by: int) -> None:
        view = self.view
        if view.probe is None or not view.probe.snapshots:
            return
        self._stop_playing()
        last = len(view.probe.snapshots) - 1
        cursor = (last + 1 if self._cursor is None else self._cursor) + by
        is_live = cursor > last and view.state is not State.REPLAY
        self._cursor = None if is_live else max(0, min(cursor, last))
        self.refresh_view()

    @on(ChartPanel.StepPicked)
    def _go_to_step(self, event: ChartPanel.StepPicked) -> None:
        """A click on a chart: the snapshot nearest to that step."""
        view = self.view
        if view.probe is None or not view.probe.snapshots:
            return
        self._stop_playing()
        steps = [abs(one.step - event.step) for one in view.probe.snapshots]
        self._cursor = steps.index(min(steps))
        self.refresh_view()

    @on(ProbePane.Opened)
    async def _probe_opened(self, event: ProbePane.Opened) -> None:
        await self.action_open_probe(event.place)

    async def action_open_probe(self, place: tuple[int, int] | None = None) -> None:
        """The probe in Inspect, at the step that is looked at here; `place`: a layer and a head, from 1."""
        view = self.view
        if self._room != ROOMS[0].id or self._covers or view.probe is None or not view.probe.snapshots:
            return
        snapshot = self._snapshot(view) or view.probe.snapshots[-1]
        await self.action_room("inspect")
        from babybert_tui.tui.inspect.recorded import recording_of

        self.room_widget.open_probe(recording_of(view.probe), view.run, snapshot.step, place)
