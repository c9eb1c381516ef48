"""The bench: Tune at the left, the rooms beside it, what the run does and which keys work below."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import DescendantBlur, DescendantFocus, Resize
from textual.geometry import Size
from textual.widgets import Input, Static

from babybert_tui.sanitise import sanitise
from babybert_tui.tui.hints import hints_for
from babybert_tui.tui.history import RunView, State
from babybert_tui.tui.rooms import ROOMS
from babybert_tui.tui.screens.bench_classes import HORIZONTAL, LEAST, VERTICAL, classes_of, first_classes
from babybert_tui.tui.screens.rewinding import Rewinding
from babybert_tui.tui.setting_words import explanation
from babybert_tui.tui.widgets.estimate import size_and_time
from babybert_tui.tui.widgets.invitation import Invitation
from babybert_tui.tui.widgets.key_bar import KeyBar
from babybert_tui.tui.widgets.setting_field import ChoiceField, TypedField
from babybert_tui.tui.widgets.setting_row import SettingRow
from babybert_tui.tui.widgets.status_line import StatusLine
from babybert_tui.tui.widgets.tab_bar import TabBar
from babybert_tui.tui.widgets.tune_pane import TunePane
from babybert_tui.tui.widgets.unscrolled import Column, Rooms, Row

if TYPE_CHECKING:
    from textual.widget import Widget


_SECONDS_BETWEEN_LINES = 0.9


class Bench(Rewinding):
    """Shows the run at hand, live or at a recorded step; before the first run, a recording."""

    AUTO_FOCUS = ""  # the first key is a command, not a letter in a field
    HORIZONTAL_BREAKPOINTS = HORIZONTAL
    VERTICAL_BREAKPOINTS = VERTICAL
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"room('{room.id}')", show=False) for number, room in enumerate(ROOMS, start=1)),
        Binding("space", "app.start_or_pause", "start / pause"),
        Binding("full_stop", "forward", "step"),
        Binding("comma", "back", "back"),
        Binding("x", "app.stop_run", "stop and save"),
        Binding("X", "app.stop_when", "stop and save when …"),
        Binding("n", "app.new_run", "new run"),
        Binding("r", "app.again", "the last run again, same seed"),
        Binding("c", "app.continue_run", "go on with a run"),
        Binding("s", "app.slow_motion", "slow motion"),
        Binding("t", "tune", "Tune"),
        Binding("e", "app.edit_probe", "edit the probe"),
        Binding("g", "log_scale", "log scale"),
        Binding("z", "freeze", "freeze the view"),
        Binding("p", "app.play", "play against the baby"),
        Binding("v", "next_figure", "next figure"),
        Binding("enter", "open_probe", "the probe in Inspect", show=False),
        Binding("tab", "move_focus(1)", show=False),
        Binding("shift+tab", "move_focus(-1)", show=False),
        Binding("escape", "live", "back to the newest", show=False),
    ]

    def __init__(self, size: Size, replay: RunView | None) -> None:
        super().__init__(classes=first_classes(size, replay))
        self._frozen: RunView | None = None
        self._cursor = None if replay is None else 0
        self._followed = State.IDLE, 0.0  # what the lines said last, and when
        self._worked = 0.0  # CPU seconds of the screen's thread at the last news
        self._is_tune_beside = False  # in rooms that want the width for themselves
        self._left: Widget | None = None  # what had the focus last

    def compose(self) -> ComposeResult:
        """What it is made of."""
        tuning = self.bench_app.tuning
        with Column(id="bench"):
            yield TabBar(tuple((room.id, room.name) for room in ROOMS), id="tabs")
            with Row(id="body"):
                yield TunePane(tuning.settings, tuning.title, id="tune")
                with Rooms(initial=self._room, id="rooms"):
                    yield ROOMS[0].make()
            yield StatusLine(id="status")
            yield KeyBar(id="keys")
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """As it was left."""
        state = self.bench_app.state
        self._place_tune()
        self.train_pane.is_log = state.is_log
        self.train_pane.choose(state.figure)
        self._start_playing()
        if state.are_all_settings_shown:
            self.call_after_refresh(self.tune_pane.fold, is_open=True)
        if self.bench_app.inspect_request is not None:
            self.call_after_refresh(self.action_room, "inspect")
        self.refresh_view()

    @property
    def tune_pane(self) -> TunePane:
        """The settings."""
        return self.query_one(TunePane)

    # What is shown.

    @property
    def view(self) -> RunView:
        """The run at hand, or before the first one the recording."""
        app = self.bench_app
        if self._frozen is not None:
            return self._frozen
        view = app.trainer.history.view()
        return app.replay if view.state is State.IDLE and app.replay is not None else view

    def follow(self) -> None:
        """News of the run. The lines above and below follow once a second only.

        Drawn together with the charts they have Textual go through all that stands between, at twice the cost.
        """
        self._note_cost()
        now, state = time.monotonic(), self.view.state
        is_due = state is not self._followed[0] or now - self._followed[1] >= _SECONDS_BETWEEN_LINES
        if is_due:
            self._followed = state, now
        self.refresh_view(with_lines=is_due)

    def _note_cost(self) -> None:
        """Of what this thread has done since the news before."""
        worked = time.thread_time()
        self.bench_app.trainer.note_cost_of_news(worked - self._worked)
        self._worked = worked

    def refresh_view(self, *, with_lines: bool = True) -> None:
        """Shows what there is to show now; news may come before the screen stands, and after it was taken down."""
        if self.query_one_optional("#keys") is None:
            return
        app, view = self.bench_app, self.view
        snapshot = self._snapshot(view)
        is_replay = view.state is State.REPLAY
        self.update_classes(classes_of(view))
        ghost = None if is_replay else app.ghost_for(view)
        is_live = self._cursor is None and not is_replay
        self.train_pane.show(view, ghost, snapshot, is_live=is_live)
        if not with_lines:
            return
        self._show_invitation(view)
        self._show_lines(view, ghost)
        self.tune_pane.mark_live(is_training=app.trainer.history.state in (State.TRAINING, State.PAUSED))

    def _show_invitation(self, view: RunView) -> None:
        app = self.bench_app
        estimate = " · ".join(size_and_time(app.previewer.outlook))
        replayed = view.run if view.state is State.REPLAY else ""
        tuning = app.tuning
        self.query_one(Invitation).show(tuning.settings.corpus, tuning.preset, estimate, replayed)

    def _show_lines(self, view: RunView, ghost: RunView | None) -> None:
        app = self.bench_app
        notes = [app.loading] if app.loading and view.state is not State.PREPARING else []
        notes += ["FROZEN (z)"] if self._frozen is not None else []
        rule = app.trainer.stop_rule
        notes += [f"until {rule.name} (X)"] if rule is not None else []
        notes += ["slow motion (s)"] if app.trainer.slow else []
        self.query_one(StatusLine).show(self._as_looked_at(view), tuple(notes))
        self._show_keys()
        run = sanitise(view.run) if view.state is not State.REPLAY else ""
        parts = [f"run {run}" if run else "", f"grey: {sanitise(ghost.run)}" if ghost is not None else ""]
        tune = "" if self.is_wide else "open" if self._covers else "shut"
        self.query_one(TabBar).show(self._room, tune=tune, note=" · ".join(part for part in parts if part))

    def _as_looked_at(self, view: RunView) -> RunView:
        """A recording stands at the step that is looked at."""
        snapshot = self._snapshot(view)
        return view if view.state is not State.REPLAY or snapshot is None else replace(view, step=snapshot.step)

    def _show_keys(self) -> None:
        state = self.bench_app.trainer.history.state
        is_live = self._cursor is None
        in_field = isinstance(self.focused, Input)
        hints = hints_for(state, self.focused, is_live=is_live, in_field=in_field)
        if hasattr(self.room_widget, "hints") and not self._covers:
            hints = self.room_widget.hints()
        self.query_one(KeyBar).show(hints, self._about_field())

    def _about_field(self) -> str:
        """The setting that has the focus, in a sentence."""
        field = self.focused
        return explanation(field.setting) if isinstance(field, TypedField | ChoiceField) else ""

    @property
    def is_wide(self) -> bool:
        """Whether Tune stands beside the rooms."""
        return self.has_class("-wide")

    def on_resize(self, event: Resize) -> None:
        """Says so where there is too little room."""
        words = f"{event.size.width} × {event.size.height} is too small."
        words += f"\nAt least {LEAST.width} × {LEAST.height}, please."
        self.query_one("#too-small", Static).update(Content(words))
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        """The classes of the new size are there."""
        self._place_tune()
        self.refresh_view()

    @on(DescendantFocus)
    def _focus_came(self) -> None:
        self.call_after_refresh(self._show_keys)

    @on(DescendantBlur)
    def _focus_left(self, event: DescendantBlur) -> None:
        self._left = event.widget
        self.call_after_refresh(self._show_keys)

    def action_move_focus(self, by: int) -> None:
        """Tab goes on from where the focus was, also when a field has given it back."""
        if self.focused is None and self._left is not None and self._left.is_on_screen:
            self.set_focus(self._left, scroll_visible=False)
        if by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    def run_begins(self) -> None:
        """A new run is at hand: live, and no replay any more."""
        self._cursor = self._frozen = None
        self._stop_playing()
        self.train_pane.show_batch()
        self.refresh_view()

    def action_live(self) -> None:
        """Back to the newest: out of a field, out of the batch, out of the past."""
        if self.focused is not None:
            self.set_focus(None)
        elif self._cursor is not None and self.view.state is not State.REPLAY:
            self._cursor = None
        elif self.view.state is State.REPLAY:
            self._go_on_playing()
        else:
            self.train_pane.hide_batch()
        self.refresh_view()

    # Keys that only change what is seen.

    async def action_room(self, room: str) -> None:
        """Opens a room, which is made when it is opened first."""
        rooms = self.query_one("#rooms", Rooms)
        if not rooms.query(f"#{room}"):
            await rooms.add_content(next(one for one in ROOMS if one.id == room).make())
        self._room = room
        self._cover_rooms(covers=False)
        self.set_focus(None)
        rooms.current = room
        self._focus_room()
        self.refresh_view()
        self.call_after_refresh(self.refresh_view)  # what is not on the screen yet was passed over

    def _focus_room(self) -> None:
        """At once: the next key may be here already, and means something else on the bench."""
        take_focus = getattr(self.room_widget, "take_focus", None)
        if take_focus is not None:
            take_focus()

    async def action_in_room(self, action: str) -> None:
        """Does what the room at hand has to offer."""
        await self.app.run_action(action, default_namespace=self.room_widget)

    @property
    def room_widget(self) -> "Any":
        """The room at hand."""
        return self.query_one(f"#{self._room}")

    def action_tune(self) -> None:
        """Shows or hides the settings."""
        state = self.bench_app.state
        if self.is_wide and self._room != ROOMS[0].id:
            self._is_tune_beside = not self._is_tune_beside
        elif self.is_wide:
            state.is_tune_shown = not state.is_tune_shown
        self._cover_rooms(covers=not self.is_wide and not self._covers)
        self.call_after_refresh(self.refresh_view)

    @on(TunePane.Folded)
    def _tune_folded(self, event: TunePane.Folded) -> None:
        self.bench_app.state.are_all_settings_shown = event.is_open

    def _place_tune(self) -> None:
        """Shows the settings or not. By hand: with a class for it, each time every widget would be styled anew."""
        in_first = self._room == ROOMS[0].id
        beside = self.bench_app.state.is_tune_shown if in_first else self._is_tune_beside
        self.tune_pane.display = beside if self.is_wide else self._covers
        self.query_one("#rooms").display = self.is_wide or not self._covers

    def _cover_rooms(self, *, covers: bool) -> None:
        self._covers = covers
        self._place_tune()
        if not covers and isinstance(self.focused, Input):
            self.set_focus(None)

    def action_log_scale(self) -> None:
        """Losses on a logarithmic scale, or back."""
        self.train_pane.is_log = self.bench_app.state.is_log = not self.train_pane.is_log
        self.refresh_view()

    def action_freeze(self) -> None:
        """The view stands still while training goes on, or catches up."""
        self._frozen = None if self._frozen is not None else self.view
        self.refresh_view()

    def action_next_figure(self) -> None:
        """Charts the next figure."""
        self.train_pane.choose_next()
        self._figure_chosen()

    def action_figure(self, metric: str) -> None:
        """Charts a figure."""
        self.train_pane.choose(metric)
        self._figure_chosen()

    def _figure_chosen(self) -> None:
        self.bench_app.state.figure = self.train_pane.chosen
        self.call_after_refresh(self.refresh_view)

    def help_text(self) -> str:
        """About the setting and the pane that have the focus, or the pane that matters most."""
        node: Any = self.focused or (self.tune_pane if self._covers else self.query_one("#probe"))
        parts: list[str] = []
        is_pane = False
        while node is not None and not is_pane:
            words = str(getattr(node, "learner_help", ""))
            parts += [words] if words else []
            is_pane = bool(words) and not isinstance(node, SettingRow)
            node = node.parent
        return "\n\n".join(parts)
