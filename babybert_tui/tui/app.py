"""The app: what the keys do, what the threads' news lead to, and how it is left."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from pathlib import Path, PurePath
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.screen import Screen

from babybert_tui.configuration import Configuration
from babybert_tui.inspection.request import InspectRequest
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.history import ACTIVE, RunView, State
from babybert_tui.tui.messages import PastRead, PreviewChanged, RunChanged, RunEnded, TorchLoaded, Warned
from babybert_tui.tui.palette import system_commands
from babybert_tui.tui.past import find_ghost, find_replay, first_look
from babybert_tui.tui.prepared import PreparedTexts
from babybert_tui.tui.previewer import Previewer
from babybert_tui.tui.saved_state import SavedState, load_state, save_state, state_file
from babybert_tui.tui.screens.bench import Bench
from babybert_tui.tui.speeds import Speeds
from babybert_tui.tui.themes import DARK, EXTRA_VARIABLES, OFFERED, THEMES
from babybert_tui.tui.trainer import RunOrder, Trainer
from babybert_tui.tui.tuning import Tuning
from babybert_tui.tui.typed_probe import ProbeText, text_of
from babybert_tui.tui.widgets.field import Field
from babybert_tui.tui.widgets.setting_field import ChoiceField, SettingApplied

if TYPE_CHECKING:  # dialogs are imported when they are opened: the first frame waits for none of them
    from babybert_tui.tui.run_control import RunControl
    from babybert_tui.tui.tune_control import TuneControl

_STEPS_TO_MEASURE = 100  # the first updates are slow
_LEAVING_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@dataclass(frozen=True)
class Opening:
    """How the app opens.

    Attributes:
        configuration: The settings that it opens with.
        checkpoints_dir: Where runs are kept.
        order: What to train at once, if anything.
        state_path: Where the app's memory is.
        takes_signals: Whether SIGTERM and the like leave through the app's own door.
        inspect: What to look at first, where Inspect is to be open.
    """

    configuration: Configuration
    checkpoints_dir: Path
    order: RunOrder | None = None
    state_path: Path = field(default_factory=state_file)
    takes_signals: bool = False
    inspect: InspectRequest | None = None


def _while_open(handler: Callable[..., None]) -> Callable[..., None]:
    """Passes over what a thread says while the app is being taken down: the screens may be gone, or what they held."""

    @wraps(handler)
    def guarded(app: "BabyBertApp", *arguments: Any) -> None:
        if app.is_running:
            handler(app, *arguments)

    return guarded


class BabyBertApp(App[int]):
    """Returns the exit code."""

    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ["app.tcss", "inspect/inspect.tcss"]
    TITLE = "BabyBERT"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "explain", "explain this"),
        Binding("colon", "command_palette", "commands"),
        Binding("q", "quit", "quit"),
        Binding("ctrl+q", "quit", show=False, priority=True),
    ]

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self._opening = opening
        self.state: SavedState = load_state(opening.state_path)
        self.inspect_request = opening.inspect
        configuration = opening.configuration
        tuning = Tuning(configuration.settings, configuration.preset)
        self.tuning = tuning if opening.order else tuning.recall(self.state, configuration.named)
        self.texts = PreparedTexts()
        self.trainer = Trainer(opening.checkpoints_dir, self.post_message, self.texts)
        self.previewer = Previewer(self.post_message, self.texts, lambda: not self.trainer.is_busy)
        self.previewer.speeds = Speeds(self.state.speeds)
        self.replay: RunView | None = None if opening.order else first_look()
        self.loading = "loading PyTorch …"
        self._ghost: RunView | None = None
        self._order: RunOrder | None = None
        self._next: RunOrder | None = None
        self._exit_code: int | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self._dress()
        pinned = ProbeText(self.state.probe_a, self.state.probe_b)
        self.trainer.probe_text = pinned or None

    @cached_property
    def _tune(self) -> "TuneControl":
        from babybert_tui.tui.tune_control import TuneControl

        return TuneControl(self)

    @cached_property
    def _runs(self) -> "RunControl":
        from babybert_tui.tui.run_control import RunControl

        return RunControl(self)

    # Beginning and end.

    def get_default_screen(self) -> Screen[Any]:
        """The bench is all there is."""
        return Bench(self.size, self.replay)

    def _dress(self) -> None:
        """Takes on a dark theme before there is anything to style; others need the screen, and come with it."""
        theme = self.get_theme(self.state.theme if self.state.theme in OFFERED else DARK)
        if theme is not None and theme in THEMES and theme.dark:
            self.set_reactive(BabyBertApp.theme, theme.name)
            self.stylesheet.set_variables(self.get_css_variables())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of ours, for themes that know nothing of them."""
        return EXTRA_VARIABLES

    @property
    def bench(self) -> Bench:
        """The screen under all dialogs."""
        found = self.screen_stack[0]
        assert isinstance(found, Bench)
        return found

    def on_load(self) -> None:
        """Before the terminal is taken over."""
        if self._opening.takes_signals:
            loop = asyncio.get_running_loop()
            for number in _LEAVING_SIGNALS:
                loop.add_signal_handler(number, self.leave, 128 + number, "interrupted")

    def on_mount(self) -> None:
        """Paints first, and only then reads and imports."""
        self.theme = self.state.theme if self.state.theme in OFFERED else DARK
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        gc.enable()  # `open_app` switched it off: nothing becomes garbage while modules are imported
        if self._opening.order is not None:
            self._load()
            self.start(self._opening.order)
        Thread(target=self._read_past, name="past", daemon=True).start()

    def _load(self) -> None:
        self.trainer.load()
        self.previewer.ask(self.tuning.settings)

    def _read_past(self) -> None:
        try:
            self.replay = find_replay(self._opening.checkpoints_dir)
        finally:
            self.post_message(PastRead())
        self._ghost = find_ghost(self._opening.checkpoints_dir)

    def on_key(self, event: Key) -> None:
        """Of a burst: what came behind the key that opened a field, and was sent to what had the focus before."""
        focused = self.screen.focused
        if isinstance(focused, Field):
            event.stop()
            event.prevent_default()
            focused.take(event)

    async def action_quit(self) -> None:
        """Asks while a run is at work, and leaves."""
        if self.trainer.history.state in ACTIVE and self._exit_code is None:
            run = sanitise(self.trainer.history.view().run) or "The run"
            from babybert_tui.tui.screens.confirm import Confirm

            doing = "is paused" if self.trainer.history.state is State.PAUSED else "is in training"
            question = f"{run} {doing}. It is saved first, and can go on another time."
            self.push_screen(Confirm(question, yes="save and quit", no="stay", key="q"), self._quit_answered)
        else:
            self.leave(0, "stopped", at_once=self._exit_code is not None)

    def _quit_answered(self, answer: bool | None) -> None:  # noqa: FBT001 - a dialog's result
        if answer:
            self.leave(0, "stopped")

    def leave(self, code: int, reason: str, *, at_once: bool = False) -> None:
        """The one door: the run is saved, the app's memory written, the terminal restored.

        Args:
            code: The exit code.
            reason: Why the run ends, as its last event says it.
            at_once: Without waiting for the run.
        """
        self.remember()
        state, self._exit_code = self.trainer.history.state, code
        if at_once or not self.trainer.is_busy or state is State.PREPARING:
            self.exit(code)
            return
        self.trainer.stop(reason)
        self.bench.refresh_view()

    @property
    def is_leaving(self) -> bool:
        """Whether it was told to leave."""
        return self._exit_code is not None

    @property
    def exit_code(self) -> int:
        """What it leaves with."""
        return self._exit_code or 0

    def remember(self) -> None:
        """Writes down what is to come back at the next start."""
        self.state.theme = self.theme
        save_state(self.state, self._opening.state_path)

    # Orders.

    def action_start_or_pause(self) -> None:
        """Space: what comes next, whatever the state is."""
        state = self.trainer.history.state
        if state is State.TRAINING:
            self.trainer.pause()
        elif state is State.PAUSED:
            self.trainer.resume()
        elif state is State.STOPPED and self._can_go_on:
            self._go_on()
        elif state not in ACTIVE:
            self.action_new_run()
        self.bench.refresh_view()

    @property
    def _can_go_on(self) -> bool:
        return self._order is not None and bool(self.trainer.history.view().run)

    def _go_on(self) -> None:
        assert self._order is not None
        run = self.trainer.history.view().run
        self.start(replace(self._order, settings=replace(self._order.settings, run=run), policy="auto"))

    def action_new_run(self) -> None:
        """A new run with the settings in Tune; one in training is stopped and saved first."""
        if self.tuning.wrong:
            self.say(self.tuning.wrong, "error")
        else:
            self._runs.start_after(RunOrder(self.tuning.for_run(), self.tuning.preset), "n")

    def action_again(self) -> None:
        """The last run once more, from its seed."""
        self._runs.again(self._order)

    def start_when_free(self, order: RunOrder) -> None:
        """Stops and saves the run in training, and then starts another."""
        self._next = order
        self.trainer.stop()

    def start(self, order: RunOrder) -> None:
        """Starts a run; none is in training."""
        before = self.trainer.history.view()
        if before.points("mlm_loss") and before.run != order.settings.run:
            self._ghost = before
        self._order = order
        self.trainer.start(order)
        self.bench.run_begins()

    def ghost_for(self, view: RunView) -> RunView | None:
        """The run to draw behind `view`: the one before, if its figures are of the same text."""
        ghost = self._ghost
        if ghost is None or ghost.run == view.run or view.state is State.IDLE:
            return None
        return ghost if view.compares_with(ghost) else None

    def action_stop_run(self) -> None:
        """Stops and saves."""
        if self.trainer.history.state in (State.TRAINING, State.PAUSED, State.PREPARING):
            self.trainer.stop()
            self.bench.refresh_view()

    def action_stop_when(self) -> None:
        """What may end the run before its last step."""
        self._runs.choose_stop_rule()

    def action_slow_motion(self) -> None:
        """Half a second between steps, so that each can be watched."""
        self.trainer.slow = not self.trainer.slow
        self.bench.refresh_view()

    async def action_edit_probe(self) -> None:
        """Another sentence to ask."""
        from babybert_tui.tui.screens.edit_probe import EditProbe

        view = self.bench.view.probe
        text = self.trainer.probe_text or (text_of(view.probe) if view is not None else ProbeText(""))
        await self.push_screen(EditProbe(text), self._pin)  # what is typed behind the key is for it

    def _pin(self, text: ProbeText | None) -> None:
        if text is None:
            return
        self.state.probe_a, self.state.probe_b = text.text_a, text.text_b
        self.trainer.pin(text or None)
        if not self.trainer.is_busy:
            self.say("It is asked from the first step of the next run on.")

    def action_play(self) -> None:
        """You against the baby."""
        from babybert_tui.tui.game.opening import open_game  # not before the first screen stands

        open_game(self)

    def action_explain(self) -> None:
        """The pane that has the focus, in words."""
        from babybert_tui.tui.screens.help import KEYS, Help

        if not isinstance(self.screen, Help):
            keys = getattr(self.bench.room_widget, "help_keys", KEYS)
            self.push_screen(Help(self.bench.help_text(), keys))

    def action_choose_theme(self) -> None:
        """Colours."""
        from babybert_tui.tui.screens.choose import Choose, Offer

        offers = [Offer(name, words) for name, words in OFFERED.items()]
        self.push_screen(Choose("Theme", offers, self.theme), self._theme_chosen)

    def _theme_chosen(self, name: str | None) -> None:
        if name is not None:
            self.theme = name
            self.remember()

    def action_continue_run(self) -> None:
        """A list of runs to go on with."""
        self._runs.choose_run()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Every key's action, and those that have no key."""
        yield from system_commands(self)

    def say(self, text: str, severity: Any = "information") -> None:
        """Tells the user something, safely."""
        self.notify(sanitise(text), severity=severity, markup=False)

    # News from the threads.

    @on(RunChanged)
    @_while_open
    def _run_changed(self) -> None:
        self.bench.follow()

    @on(RunEnded)
    @_while_open
    def _run_ended(self) -> None:
        self._measure_speed()
        view = self.trainer.history.view()
        if self._exit_code is not None:
            self.exit(self._exit_code)
            return
        if view.state is State.FAILED:
            self.say(view.message, "error")
        order, self._next = self._next, None
        if order is not None:
            self.start(order)
        self.bench.refresh_view()

    def _measure_speed(self) -> None:
        view = self.trainer.history.view()
        is_long = view.step - view.first_step >= _STEPS_TO_MEASURE
        if self._order is None or not is_long or not view.tokens_per_second or not view.vocabulary_size:
            return
        from babybert_tui.training.preview import operations_per_token  # torch is there: it has just trained

        speed = view.tokens_per_second * operations_per_token(self._order.settings, view.vocabulary_size)
        self.previewer.speeds.learn(self._order.settings, speed)
        self.remember()
        self.previewer.ask(self.tuning.settings)

    @on(TorchLoaded)
    @_while_open
    def _torch_loaded(self, event: TorchLoaded) -> None:
        self.loading = ""
        if event.failure:
            self.say(f"PyTorch cannot be loaded: {event.failure}", "error")
        self.bench.refresh_view()

    @on(PastRead)
    @_while_open
    def _past_read(self) -> None:
        self.bench.refresh_view()
        if self._opening.order is None:
            self.call_after_refresh(self._load)  # importing slows all other threads down: the recording comes first

    @on(PreviewChanged)
    @_while_open
    def _preview_changed(self) -> None:
        self.bench.tune_pane.show_outlook(self.previewer.outlook)
        self.bench.refresh_view()

    @on(Warned)
    @_while_open
    def _warned(self, event: Warned) -> None:
        self.say(event.text, event.severity)

    # Tune.

    @on(ChoiceField.Opened)
    def _choose(self, event: ChoiceField.Opened) -> None:
        self._tune.choose(event.name)

    @on(SettingApplied)
    def _applied(self, event: SettingApplied) -> None:
        self._tune.apply(event.name, event.value)
