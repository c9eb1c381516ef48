"""The training thread: it imports what computes, runs one session after another, and never waits for the screen."""

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Any

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.settings import Settings
from babybert_tui.training.events import Ended, Evaluated, Event, Stepped
from babybert_tui.training.metrics import iterate_metrics
from babybert_tui.tui import computing
from babybert_tui.tui.history import ACTIVE, ProbeView, RunHistory, State
from babybert_tui.tui.messages import RunChanged, RunEnded, TorchLoaded, Warned
from babybert_tui.tui.prepared import PreparedTexts
from babybert_tui.tui.typed_probe import ProbeText, probe_from_text
from babybert_tui.tui.watching import ScreenWatcher

if TYPE_CHECKING:
    from babybert_tui.training.opening import FinishedRun
    from babybert_tui.training.session import TrainingSession
    from babybert_tui.tui.stop_rules import StopRule

Post = Callable[[Message], object]

_SECONDS_BETWEEN_NEWS = 0.5, 1.5  # at least; at most, however much there is to draw
_MOST_FOR_NEWS = 0.01  # of the time, for the screen to draw; training loses two to three times as much by it
_SECONDS_BETWEEN_GLANCES = 1.0
_MOST_FOR_GLANCES = 0.02  # of the training thread's time
_SLOW_STEP_SECONDS = 0.5
_BATCH_ROWS = 4


@dataclass(frozen=True)
class RunOrder:
    """What to train."""

    settings: Settings
    preset: str
    policy: str = "auto"
    single_steps: bool = False  # begin paused


class _AbandonedError(Exception):
    """The run was called off before its first update."""


class Trainer:
    """Owns the thread on which models learn, and takes orders from any other.

    Args:
        checkpoints_dir: Where runs are kept.
        post: Posts a message to the app; safe on any thread.
        texts: Corpora that were read before.
    """

    def __init__(self, checkpoints_dir: Path, post: Post, texts: PreparedTexts) -> None:
        self.checkpoints_dir = checkpoints_dir
        self.history = RunHistory()
        self.slow = False
        self.probe_text: ProbeText | None = None
        self.stop_rule: StopRule | None = None  # holds once
        self._post = post
        self._texts = texts
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._session: TrainingSession | None = None
        self._abandoned = Flag()
        self._free = Flag()
        self._free.set()
        self._told = self._glanced = 0.0
        self._seconds_between_news = _SECONDS_BETWEEN_NEWS[0]
        self._glance_cost = 0.0
        self._stop_reason = "stopped"
        self._thread = Thread(target=self._work, name="training", daemon=True)
        self._thread.start()

    # Orders, from the screen.

    def load(self) -> None:
        """Imports what computes."""
        self._jobs.put(self._load)

    def start(self, order: RunOrder) -> None:
        """Trains, once the run before has left."""
        self._free.clear()
        self._abandoned.clear()
        history = self.history = RunHistory(State.PREPARING, "loading PyTorch", order.settings.max_steps)
        self._jobs.put(lambda: self._run(order, history))

    def pause(self) -> None:
        """No further update until `resume` or `single_step`."""
        if (session := self._session) is not None and self.history.state is State.TRAINING:
            session.orders.pause()
            self.history.enter(State.PAUSED)
            session.orders.call(lambda: self._glance_and_tell(session))

    def resume(self) -> None:
        """Goes on after a pause."""
        if (session := self._session) is not None and self.history.state is State.PAUSED:
            self.history.enter(State.TRAINING)
            session.orders.resume()

    def single_step(self) -> None:
        """While paused: one update, and a look at its batch before and after."""
        session = self._session
        if session is None or self.history.state is not State.PAUSED:
            return

        def look_and_step() -> None:
            from babybert_tui.training.batch_look import look_before

            self.history.note_batch(look_before(session, session.step + 1, _BATCH_ROWS))
            session.orders.single_step()

        session.orders.call(look_and_step)

    def stop(self, reason: str = "stopped") -> None:
        """Ends the run and saves it; before its first update it is called off."""
        self._stop_reason = reason
        self._abandoned.set()
        if self.history.state in ACTIVE:
            self.history.enter(State.SAVING)
        if (session := self._session) is not None:
            session.orders.stop(reason)

    def change(self, name: str, value: Any) -> None:
        """Changes a live setting. Raises RequestError where the session does."""
        if (session := self._session) is not None:
            session.change(name, value)

    def pin(self, text: ProbeText | None) -> None:
        """Looks at another text from now on, in this run and the next; None is the run's own choice."""
        self.probe_text = text
        session = self._session
        if session is not None and text is not None:

            def pin_and_look() -> None:
                try:
                    self._pin(session, text)
                except BabyBertError as error:
                    self._post(Warned(str(error), "error"))
                self._glance_and_tell(session)

            session.orders.call(pin_and_look)

    def note_cost_of_news(self, seconds: float) -> None:
        """Has news come as often as the screen can show them in passing; `seconds` is what the last took it."""
        least, most = _SECONDS_BETWEEN_NEWS
        self._seconds_between_news = min(max(least, seconds / _MOST_FOR_NEWS), most)

    @property
    def session(self) -> "TrainingSession | None":
        """The run in progress, for those who ask it something through its `call`."""
        return self._session

    @property
    def is_busy(self) -> bool:
        """Whether a run is being prepared, trained or saved."""
        return not self._free.is_set()

    def wait_until_free(self, seconds: float) -> bool:
        """Waits for the run to leave; whether it did. For whoever is leaving the program."""
        return self._free.wait(seconds)

    # On the training thread.

    def _work(self) -> None:
        computing.give_way()
        while True:
            self._jobs.get()()

    def _load(self) -> None:
        try:
            computing.load()
            self._post(TorchLoaded())
        except Exception as error:  # noqa: BLE001 - the screen says so; the thread lives on
            traceback.print_exc()
            self._post(TorchLoaded(f"{type(error).__name__}: {error}"))

    def _run(self, order: RunOrder, history: RunHistory) -> None:
        try:
            self._train(order, history)
        except _AbandonedError:
            history.enter(State.STOPPED, "stopped before the first step")
        except BabyBertError as error:
            history.enter(State.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - the screen says so; the thread lives on
            traceback.print_exc()
            history.enter(State.FAILED, f"{type(error).__name__}: {error}")
        finally:
            self._session = None
            self._free.set()
            self._tell(at_once=True)
            self._post(RunEnded())

    def _train(self, order: RunOrder, history: RunHistory) -> None:
        computing.load()
        from babybert_tui.training.opening import FinishedRun, RunRequest, open_session

        def progress(message: str, share: float | None = None, /) -> None:
            if self._abandoned.is_set():
                raise _AbandonedError
            history.enter(State.PREPARING, message if share is None else f"{message}: {share:.0%}")
            self._tell(at_once=True)

        def warn(text: str) -> None:
            self._post(Warned(text))

        prepare = partial(self._texts.obtained, say=warn)
        request = RunRequest(order.settings, order.preset, self.checkpoints_dir, order.policy, prepare=prepare)
        progress("opening the run")
        with open_session(request, progress=progress, warn=warn) as session:
            if isinstance(session, FinishedRun):
                self._show_finished(session, history)
                return
            self._begin(order, session, history)
            for event in session.events():
                history.note(event)
                self._after(event, session)
            self._session = None

    def _begin(self, order: RunOrder, session: "TrainingSession", history: RunHistory) -> None:
        history.note_past(iterate_metrics(session.run.path))
        history.enter(State.PREPARING, "first look")
        if self.probe_text is not None and session.step == 0:  # a run that goes on keeps its probe, and its past
            with suppress(BabyBertError):
                self._pin(session, self.probe_text)
        session.watcher = ScreenWatcher(history, self._tell, partial(self._after_update, session))
        if order.single_steps:
            session.orders.pause()
        self._session = session
        if self._abandoned.is_set():
            session.orders.stop(self._stop_reason)
        self._note_probe(session, None)
        self._tell(at_once=True)

    def _after(self, event: Event, session: "TrainingSession") -> None:
        """What follows each event."""
        self._look_after_single_step(event, session)
        if isinstance(event, Evaluated):
            self._obey_stop_rule(event.step)
        if isinstance(event, Stepped):
            self._after_update(session)
        else:
            self._look_if_due(session, at_once=isinstance(event, Ended))
            self._tell(at_once=True)

    def _after_update(self, session: "TrainingSession") -> None:
        """Costs next to nothing unless a second has gone by."""
        is_slow = self.slow and not session.orders.is_paused
        self._look_if_due(session, at_once=is_slow)
        self._tell(at_once=is_slow)
        if is_slow:
            self._abandoned.wait(_SLOW_STEP_SECONDS)

    def _obey_stop_rule(self, step: int) -> None:
        rule = self.stop_rule
        if rule is not None and rule.is_reached(self.history.view()):
            self.stop_rule = None
            self._post(Warned(f"Stopped at step {step:,}: {rule.name}.", "information"))
            self.stop()

    def _look_after_single_step(self, event: Event, session: "TrainingSession") -> None:
        batch = self.history.view().batch if session.orders.is_paused and isinstance(event, Stepped) else None
        if batch is not None and batch.step == event.step:
            from babybert_tui.training.batch_look import look_after

            self.history.note_batch(look_after(session, batch))
            self._glance_and_tell(session)

    def _look_if_due(self, session: "TrainingSession", *, at_once: bool = False) -> None:
        due = max(_SECONDS_BETWEEN_GLANCES, self._glance_cost / _MOST_FOR_GLANCES)
        if at_once or time.monotonic() - self._glanced >= due:
            self._glance(session)

    def _glance(self, session: "TrainingSession") -> None:
        began = time.monotonic()
        self._note_probe(session, session.glance_at_probe())
        self._glanced = time.monotonic()
        self._glance_cost = self._glanced - began

    def _glance_and_tell(self, session: "TrainingSession") -> None:
        self._glance(session)
        self._tell(at_once=True)

    def _note_probe(self, session: "TrainingSession", glance: Any) -> None:
        recorder, before = session.probe, self.history.view().probe
        known = before.snapshots if before is not None and before.probe is recorder.probe else ()
        pieces = before.pieces if before is not None else dict(enumerate(recorder.pieces))
        snapshots = (*known, *recorder.taken_since(len(known)))
        self.history.note_probe(ProbeView(recorder.probe, snapshots, glance, pieces))

    def _pin(self, session: "TrainingSession", text: ProbeText) -> None:
        probe = probe_from_text(text, session.vocabulary.tokenizer, session.model.config)
        if probe.tokens != session.probe.probe.tokens:
            session.probe.pin(probe)

    def _show_finished(self, finished: "FinishedRun", history: RunHistory) -> None:
        history.note_past(iterate_metrics(finished.run.path))
        history.enter(State.FINISHED, "this run was finished before")

    def _tell(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._told >= self._seconds_between_news:
            self._told = now
            self._post(RunChanged())
