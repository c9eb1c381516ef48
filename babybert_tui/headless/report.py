"""What `train` shows: JSON lines on stdout; or a bar and figures on a terminal; or a plain line every few seconds."""

import shlex
import sys
import time
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from babybert_tui.headless.evaluation_table import EvaluationTable
from babybert_tui.headless.streams import prefer_utf8, stdout_width
from babybert_tui.render.figures import clock
from babybert_tui.sanitise import sanitise
from babybert_tui.training.events import (
    Ended,
    Evaluated,
    Event,
    Failed,
    SettingChanged,
    Started,
    Stepped,
)
from babybert_tui.training.metrics import to_line
from babybert_tui.training.opening import FinishedRun

_SECONDS_BETWEEN_LINES = 5.0
_ROOM_FOR_ALL_FIGURES = 76  # columns of a terminal beside a bar of a useful length


class Report(Protocol):
    """Somewhere for a training session's news to go."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def waiting(self, message: str, share: float | None = None, /) -> None:
        """Something takes a while; `share` of it is done."""

    def message(self, message: str) -> None:
        """Something the user should know."""

    def event(self, event: Event, max_steps: int) -> None:
        """The session has news. Raises BrokenPipeError where nobody reads it any more."""

    def finished_before(self, finished: FinishedRun) -> None:
        """There was nothing left to do."""

    def plan(self, facts: dict[str, Any], *, as_json: bool) -> None:
        """What would be done."""


class QuietReport:
    """Errors only."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def waiting(self, message: str, share: float | None = None, /) -> None:
        """Says nothing."""

    def message(self, message: str) -> None:
        """Says it on stderr: it may be a word on how to go on."""
        print(f"babybert-tui: {sanitise(message)}", file=sys.stderr, flush=True)

    def event(self, event: Event, max_steps: int) -> None:  # noqa: ARG002 - the others need it
        """Says nothing but what failed."""
        if isinstance(event, Failed):
            self.message(event.message)

    def finished_before(self, finished: FinishedRun) -> None:
        """Says nothing."""

    def plan(self, facts: dict[str, Any], *, as_json: bool) -> None:
        """The plan is what was asked for: it is printed."""
        if as_json:
            sys.stdout.write(to_line(facts))
            return
        settings = facts.pop("settings")
        for name, value in facts.items():
            print(f"{name.replace('_', ' '):<18} {_shown(value)}")
        print("settings")
        for name, value in settings.items():
            print(f"  {name:<27} {'automatic' if value is None else _shown(value)}")


class JsonReport(QuietReport):
    """The stream of the contract on stdout, each line flushed; progress as plain lines on stderr."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._lines = None if quiet else PlainLines()
        prefer_utf8()

    def waiting(self, message: str, share: float | None = None, /) -> None:
        """A line on stderr, now and then another."""
        if self._lines is not None:
            self._lines.waiting(message, share)

    def event(self, event: Event, max_steps: int) -> None:
        """One object on stdout."""
        sys.stdout.write(to_line(event.as_json()))
        sys.stdout.flush()
        super().event(event, max_steps)
        if self._lines is not None:
            self._lines.event(event, max_steps)

    def finished_before(self, finished: FinishedRun) -> None:
        """Its start and its end."""
        sys.stdout.write(to_line(finished.start) + to_line(finished.end))


class Pace:
    """How fast the run is, and when it will be over."""

    def __init__(self) -> None:
        self._first: Stepped | Evaluated | None = None

    def note(self, event: Event) -> None:
        """Counts from the first event with a time: what came before (reading, tokenizing) does not come again."""
        if self._first is None and isinstance(event, Stepped | Evaluated):
            self._first = event

    def figures(self, event: Stepped, max_steps: int) -> str:
        """Tokens a second, and the time left at the rate of this command, evaluations and saving included."""
        speed = f"{event.tokens_per_second / 1000:.1f}k tok/s"
        if self._first is None or event.step <= self._first.step:
            return speed
        a_step = (event.elapsed_seconds - self._first.elapsed_seconds) / (event.step - self._first.step)
        return f"{speed}  {clock(a_step * (max_steps - event.step))} left"


class PlainLines:
    """Progress where stderr is no terminal: one plain line every few seconds."""

    def __init__(self) -> None:
        self._last = -_SECONDS_BETWEEN_LINES
        self._awaited, self._waited = "", 0.0
        self._pace = Pace()

    def say(self, line: str) -> None:
        """Prints a line on stderr."""
        print(sanitise(line), file=sys.stderr, flush=True)

    def waiting(self, message: str, share: float | None = None) -> None:
        """A line when something begins, and every few seconds how far it is."""
        now = time.monotonic()
        if message != self._awaited:
            self._awaited, self._waited = message, now
            self.say(f"{message} …")
        elif share is not None and now - self._waited >= _SECONDS_BETWEEN_LINES:
            self._waited = now
            self.say(f"{message}: {share:.0%}")

    def event(self, event: Event, max_steps: int) -> None:
        """A line for a step, unless one was printed a moment ago."""
        self._pace.note(event)
        now = time.monotonic()
        if isinstance(event, Stepped) and now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            pace = self._pace.figures(event, max_steps)
            self.say(f"step {event.step:,}/{max_steps:,}  {step_figures(event)}  {pace}")


class TextReport(QuietReport):
    """For a person: evaluations on stdout; progress on stderr, as a bar where it is a terminal."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bar = _Bar(self._console) if self._console.is_terminal and not self._console.is_dumb_terminal else None
        self._lines = PlainLines()
        self._table = EvaluationTable()

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def waiting(self, message: str, share: float | None = None, /) -> None:
        """In the bar's place, or as a line now and then."""
        if self._bar is not None:
            self._bar.waiting(message, share)
        else:
            self._lines.waiting(message, share)

    def message(self, message: str) -> None:
        """On stderr, above the bar."""
        self._console.print(f"babybert-tui: {sanitise(message)}", markup=False, soft_wrap=True)

    def event(self, event: Event, max_steps: int) -> None:
        """Evaluations and the beginning and the end on stdout, steps as progress."""
        (self._bar or self._lines).event(event, max_steps)
        match event:
            case Started():
                if self._bar is not None:
                    self._bar.waiting("evaluating")
                self._table = EvaluationTable(stdout_width(), event.settings["sentence_objective"])
                print(_start_lines(event, max_steps))
                print(self._table.head("held out", event.baselines), flush=True)
            case Evaluated():
                print(self._table.row(f"step {event.step:,}", event.as_json()), flush=True)
            case SettingChanged():
                print(f"{event.setting} is now {event.value}, after step {event.step}", flush=True)
            case Failed():
                self.message(event.message)
            case Ended() if event.checkpoint:
                self._say_end(event, event.checkpoint)
            case _:
                pass

    def _say_end(self, event: Ended, checkpoint: str) -> None:
        print(f"{event.reason} after {clock(event.elapsed_seconds)}; saved in {sanitise(checkpoint)}", flush=True)
        if event.reason == "finished" and sys.stdout.isatty():
            words = ["babybert-tui", "--headless", "inspect", "--checkpoint", checkpoint, "Anna has the [MASK]."]
            print(f"to look inside: {sanitise(shlex.join(words))}", flush=True)

    def finished_before(self, finished: FinishedRun) -> None:
        """Where it is, and that nothing was left to do."""
        print(f"{finished.run.name} is finished: {sanitise(finished.end['checkpoint'])}")


class _Bar:
    """A bar with the figures of the last logged step."""

    def __init__(self, console: Console) -> None:
        description = TextColumn("{task.description}", markup=False)
        figures = TextColumn("{task.fields[figures]}", markup=False)
        columns = (description, BarColumn(bar_width=None), figures)
        # Only a terminal may be written to through the bar: a redirected stdout stays what it is.
        self._progress = Progress(
            *columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty(), expand=True
        )
        self._task: TaskID | None = None
        self._awaited = ""
        self._pace = Pace()

    def start(self) -> None:
        """Draws the bar, from now on."""
        self._progress.start()

    def stop(self) -> None:
        """Takes the bar away."""
        self._progress.stop()

    def waiting(self, message: str, share: float | None = None) -> None:
        """Shows what is being waited for, and how far it is where that is known."""
        if self._task is not None and (message != self._awaited):
            self._progress.remove_task(self._task)
            self._task = None
        if self._task is None:
            self._awaited = message
            self._task = self._progress.add_task(message, total=None, figures="")
        if share is not None:
            self._progress.update(self._task, total=1.0, completed=share, figures=f"{share:.0%}")

    def event(self, event: Event, max_steps: int) -> None:
        """Moves the bar, if the event is a step."""
        self._pace.note(event)
        if not isinstance(event, Stepped):
            return
        if self._task is None:
            self._task = self._progress.add_task("", total=None, figures="")
        wide = self._progress.console.width >= _ROOM_FOR_ALL_FIGURES
        pace = self._pace.figures(event, max_steps)
        figures = f"{step_figures(event)}  {pace}" if wide else step_figures(event, short=True)
        self._progress.update(
            self._task,
            description=f"{event.step:,}/{max_steps:,}",
            completed=event.step,
            total=max_steps,
            figures=figures,
        )


def step_figures(event: Stepped, *, short: bool = False) -> str:
    """Losses and accuracies of one update's own batch."""
    pairs = [("MLM", event.mlm_loss, event.mlm_accuracy)]
    if event.nsp_loss is not None and event.nsp_accuracy is not None:
        pairs.append(("NSP", event.nsp_loss, event.nsp_accuracy))
    return "  ".join(f"{name} {loss:.2f}" + ("" if short else f" {right:.0%}") for name, loss, right in pairs)


def _start_lines(event: Started, max_steps: int) -> str:
    settings = event.settings
    where = f"goes on from step {event.step:,} of {max_steps:,}" if event.step else f"{max_steps:,} steps"
    threads = settings["threads"]
    text = f"{sanitise(settings['corpus'])}: {event.documents:,} documents"
    return "\n".join(
        (
            f"{event.run}: {where}",
            f"  model    {event.parameters:,} parameters, vocabulary of {event.vocabulary_size:,}",
            f"  text     {text}, {event.held_out_documents:,} held out; {event.training_tokens:,} tokens to train on",
            f"  machine  {settings['device']}, {settings['precision']}, {threads} thread{'s' if threads != 1 else ''}",
        )
    )


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else sanitise(str(value))
