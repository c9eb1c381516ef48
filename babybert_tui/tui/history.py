"""What is known of a run, gathered on the training thread and looked at from the screen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any

from babybert_tui.training.events import (
    Baselines,
    Ended,
    Evaluated,
    Event,
    Failed,
    Saved,
    SettingChanged,
    Started,
    Stepped,
)
from babybert_tui.tui.curve import EMPTY, Curve, Points

if TYPE_CHECKING:
    from babybert_tui.training.batch_look import BatchLook
    from babybert_tui.training.gradients import Losses
    from babybert_tui.training.recording import Probe, Snapshot

METRICS = ("mlm_accuracy", "nsp_accuracy", "mlm_loss", "nsp_loss")


class State(StrEnum):
    """What is going on, in the word that the status line shows."""

    IDLE = "ready"
    REPLAY = "replay"
    PREPARING = "preparing"
    TRAINING = "training"
    PAUSED = "paused"
    SAVING = "saving"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


ACTIVE = frozenset({State.PREPARING, State.TRAINING, State.PAUSED, State.SAVING})


@dataclass(frozen=True)
class Change:
    """A live change, in force from the update after `step`."""

    step: int
    name: str
    value: Any


@dataclass(frozen=True, eq=False)
class ProbeView:
    """The pinned probe and what the model made of it so far."""

    probe: "Probe"
    snapshots: tuple["Snapshot", ...]  # recorded with the run, oldest first
    glance: "Snapshot | None"  # newer than those, not recorded
    pieces: Mapping[int, str]

    @property
    def newest(self) -> "Snapshot | None":
        """The last look at it."""
        return self.glance or (self.snapshots[-1] if self.snapshots else None)


@dataclass(frozen=True, eq=False)
class RunView:
    """A run as it stood at one moment. Nothing in it changes any more."""

    state: State = State.IDLE
    run: str = ""
    message: str = ""  # what is being waited for, or what failed
    step: int = 0
    max_steps: int = 1
    first_step: int = 0  # where this opening of the run went on from
    parameters: int = 0
    vocabulary_size: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    baselines: Baselines | None = None
    training: Mapping[str, Points] = field(default_factory=dict)  # by metric
    held_out: Mapping[str, Points] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    probe: ProbeView | None = None
    batch: "BatchLook | None" = None
    tokens: int = 0
    tokens_per_second: float = 0.0
    elapsed_seconds: float = 0.0
    seconds_left: float | None = None
    saved: int | None = None  # step of the last checkpoint
    has_curves_to_come: bool = False  # they stand on the disk, and are being read

    def points(self, metric: str, *, held_out: bool = False) -> Points:
        """One of its curves."""
        return (self.held_out if held_out else self.training).get(metric, EMPTY)

    def compares_with(self, other: "RunView") -> bool:
        """Whether figures of both mean the same, as far as is known: losses do not, between texts and vocabularies."""
        names = ("corpus", "vocab_size", "tokenizer", "cased", "sentence_objective")
        return not (self.settings and other.settings) or all(
            self.settings.get(name) == other.settings.get(name) for name in names
        )


class _Pace:
    """Seconds an update takes, as a mean that forgets: over about the last twenty events."""

    def __init__(self) -> None:
        self._last: tuple[int, float] | None = None
        self._seconds: float | None = None
        self.tokens_per_second = 0.0

    def note(self, event: Stepped) -> None:
        """Learns from an event."""
        if self._last is not None and event.step > self._last[0]:
            took = (event.elapsed_seconds - self._last[1]) / (event.step - self._last[0])
            self._seconds = took if self._seconds is None else 0.95 * self._seconds + 0.05 * took
        self._last = event.step, event.elapsed_seconds
        speed = event.tokens_per_second
        self.tokens_per_second = speed if not self.tokens_per_second else 0.9 * self.tokens_per_second + 0.1 * speed

    def forget_time(self) -> None:
        """Time passed that was not training's own."""
        self._last = None

    def left(self, steps: int) -> float | None:
        """How long `steps` more updates take."""
        return None if self._seconds is None else self._seconds * steps


class RunHistory:
    """Gathers a run's events, on whatever thread they arrive, and gives out immutable views of them.

    Args:
        state: What is going on while nothing has arrived.
        message: What is being waited for.
        max_steps: The length of the run, as far as it is known.
    """

    def __init__(self, state: State = State.IDLE, message: str = "", max_steps: int = 1) -> None:
        self._lock = Lock()
        self._pace = _Pace()
        self._training = {metric: Curve() for metric in METRICS}
        self._held_out = {metric: Curve() for metric in METRICS}
        self._foretold: Mapping[str, Points] = {}  # the first point, until there is a real one
        self._view = RunView(state, message=message, max_steps=max_steps)

    def view(self) -> RunView:
        """All of it, as it stands now."""
        with self._lock:
            return replace(
                self._view,
                training={
                    metric: curve.points or self._foretold.get(metric, EMPTY)
                    for metric, curve in self._training.items()
                },
                held_out={metric: curve.points for metric, curve in self._held_out.items()},
            )

    @property
    def state(self) -> State:
        """What is going on."""
        return self._view.state

    def enter(self, state: State, message: str = "") -> None:
        """Something else is going on from now on."""
        with self._lock:
            self._pace.forget_time()
            self._view = replace(self._view, state=state, message=message)

    def note(self, event: Event) -> None:
        """Takes an event in."""
        with self._lock:
            self._view = replace(self._view, **self._taken_in(event))

    def note_foretold(self, losses: "Losses") -> None:
        """What the first update would find, as things stand."""
        with self._lock:
            first = {metric: Curve() for metric in METRICS}
            self._append(first, 1, vars(losses))
            self._foretold = {metric: curve.points for metric, curve in first.items()}

    def note_updated(self, step: int) -> None:
        """An update was made, of which no more is told."""
        with self._lock:
            self._view = replace(self._view, step=step)

    def note_evaluating(self, share: float) -> None:
        """The run is not learning for a moment: so much of an evaluation is done."""
        with self._lock:
            self._view = replace(self._view, message=f"evaluating: {share:.0%}")

    def note_past(self, entries: Iterable[dict[str, Any]]) -> None:
        """Takes in what `metrics.jsonl` holds of the time before."""
        for entry in entries:
            with self._lock:  # not around all of them: the screen looks at what there is
                self._take_in_entry(entry)

    def note_probe(self, probe: ProbeView) -> None:
        """There is a new look at the probe."""
        with self._lock:
            self._view = replace(self._view, probe=probe)

    def note_batch(self, batch: "BatchLook") -> None:
        """A single update's batch was looked at."""
        with self._lock:
            self._view = replace(self._view, batch=batch)

    def _taken_in(self, event: Event) -> dict[str, Any]:
        match event:
            case Started():
                return {
                    "state": State.TRAINING,
                    "message": "",
                    "run": event.run,
                    "step": event.step,
                    "first_step": event.step,
                    "max_steps": event.settings["max_steps"],
                    "parameters": event.parameters,
                    "vocabulary_size": event.vocabulary_size,
                    "settings": event.settings,
                    "baselines": event.baselines,
                }
            case Stepped():
                self._append(self._training, event.step, vars(event))
                self._pace.note(event)
                return {
                    "step": event.step,
                    "tokens": event.tokens,
                    "tokens_per_second": self._pace.tokens_per_second,
                    "elapsed_seconds": event.elapsed_seconds,
                    "seconds_left": self._pace.left(self._view.max_steps - event.step),
                }
            case Evaluated():
                self._append(self._held_out, event.step, vars(event))
                return {"step": event.step, "elapsed_seconds": event.elapsed_seconds, "message": ""}
            case SettingChanged():
                return self._changed(event.step, event.setting, event.value)
            case Saved():
                return {"saved": event.step}
            case Failed():
                return {"message": event.message}
            case Ended():
                state = {"finished": State.FINISHED, "failed": State.FAILED}.get(event.reason, State.STOPPED)
                self._foretold = {}
                found = {"state": state, "step": event.step, "elapsed_seconds": event.elapsed_seconds}
                return found if state is State.FAILED else found | {"message": ""}
            case _:
                return {}

    def _changed(self, step: int, name: str, value: Any) -> dict[str, Any]:
        change = {"changes": (*self._view.changes, Change(step, name, value))}
        return change | ({"max_steps": value} if name == "max_steps" else {})

    def _take_in_entry(self, entry: dict[str, Any]) -> None:
        kind, step = entry.get("event"), entry.get("step", 0)
        if kind == "step":
            self._append(self._training, step, entry)
            self._view = replace(self._view, step=step)
        elif kind == "evaluation":
            self._append(self._held_out, step, entry)
        elif kind == "setting":
            self._view = replace(self._view, **self._changed(step, entry["name"], entry["value"]))
        elif kind == "start":
            settings = entry.get("settings", {})
            self._view = replace(
                self._view,
                run=str(entry.get("run", "")),
                settings=settings,
                max_steps=max(int(settings.get("max_steps", 1)), self._view.max_steps),
                parameters=entry.get("parameters", 0),
                baselines=Baselines(**entry["baselines"]) if "baselines" in entry else None,
            )
        elif kind == "checkpoint":
            self._view = replace(self._view, saved=step)

    @staticmethod
    def _append(curves: dict[str, Curve], step: int, values: Mapping[str, Any]) -> None:
        for metric, curve in curves.items():
            value = values.get(metric)
            if value is not None and step > curve.last_step:
                curve.append(step, value)
