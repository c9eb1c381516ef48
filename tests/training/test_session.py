"""A session takes orders from another thread, and says how it ended."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import torch

from babybert_tui.training import gradients
from babybert_tui.training.dropout import CounterDropout
from babybert_tui.training.events import Ended, Event, Failed, Saved, Stepped
from babybert_tui.training.gradients import Losses
from babybert_tui.training.metrics import MetricsLog
from babybert_tui.training.session import TrainingSession
from babybert_tui.training.watching import Watcher
from training.small_runs import RUN, digest_of, metrics_of, opened, small_settings, train

pytestmark = pytest.mark.usefixtures("one_thread")

PATIENCE = 60  # seconds until a test gives up


class Runner:
    """A session on a thread of its own; its events come through a queue."""

    def __init__(self, session: TrainingSession) -> None:
        self.session = session
        self.events: Queue[Event] = Queue()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        for event in self.session.events():
            self.events.put(event)

    def next(self, wanted: Callable[[Event], bool]) -> Event:
        while not wanted(event := self.events.get(timeout=PATIENCE)):
            pass
        return event

    def next_step(self) -> int:
        return self.next(lambda event: event.name == "step").step


@contextmanager
def running(settings: Any, directory: Path) -> Iterator[Runner]:
    with opened(settings, directory) as session:
        runner = Runner(session)
        try:
            yield runner
        finally:
            session.orders.stop()
            runner.thread.join(PATIENCE)
            assert not runner.thread.is_alive()


def test_paused_stepped_and_resumed_a_run_ends_in_the_same_state(
    corpus: Path, tmp_path: Path, uninterrupted: str
) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        session.orders.pause()
        runner = Runner(session)
        runner.next(lambda event: event.name == "evaluation")
        assert session.orders.call(lambda: session.step).result(PATIENCE) == 0  # it listens while it is paused
        assert session.orders.is_paused
        for step in (1, 2, 3):
            session.orders.single_step()
            assert runner.next_step() == step
            assert session.orders.call(lambda: session.step).result(PATIENCE) == step  # and has gone no further
        session.orders.resume()
        end = runner.next(lambda event: event.name == "end")
        runner.thread.join(PATIENCE)
    assert isinstance(end, Ended)
    assert (end.reason, end.step, end.state_sha256) == ("finished", 12, uninterrupted)


def test_a_stop_from_another_thread_saves_and_says_so(corpus: Path, tmp_path: Path) -> None:
    with running(small_settings(corpus, max_steps=100_000, save_every=100_000), tmp_path) as runner:
        runner.next_step()
        runner.session.orders.stop()
        saved = runner.next(lambda event: event.name == "checkpoint")
        end = runner.next(lambda event: event.name == "end")
    assert isinstance(saved, Saved)
    assert isinstance(end, Ended)
    assert (end.reason, end.step, end.checkpoint) == ("stopped", saved.step, saved.path)
    assert (Path(saved.path) / "manifest.json").is_file()


def test_a_paused_run_can_be_stopped(corpus: Path, tmp_path: Path) -> None:
    with running(small_settings(corpus), tmp_path) as runner:
        runner.session.orders.pause()
        runner.session.orders.call(lambda: None).result(PATIENCE)
        runner.session.orders.stop("interrupted")
        end = runner.next(lambda event: event.name == "end")
    assert isinstance(end, Ended)
    assert end.reason in ("interrupted", "finished")


def test_a_change_while_paused_is_in_force_at_the_next_step(corpus: Path, tmp_path: Path) -> None:
    with running(small_settings(corpus), tmp_path) as runner:
        runner.session.orders.pause()
        at = runner.session.orders.call(lambda: runner.session.step).result(PATIENCE)
        runner.session.change("learning_rate", 1e-6)
        changed = runner.next(lambda event: event.name == "setting")
        assert changed.step == at
        runner.session.orders.single_step()
        step = runner.next(lambda event: event.name == "step" and event.step > at)
        assert isinstance(step, Stepped)
        assert step.learning_rate <= 1e-6


def test_calls_run_on_the_training_thread_and_their_errors_come_back(corpus: Path, tmp_path: Path) -> None:
    def fail() -> None:
        raise LookupError("on purpose")

    with running(small_settings(corpus, max_steps=100_000, save_every=100_000), tmp_path) as runner:
        assert runner.session.orders.call(threading.get_ident).result(PATIENCE) == runner.thread.ident
        with pytest.raises(LookupError, match="on purpose"):
            runner.session.orders.call(fail).result(PATIENCE)
        first = runner.next_step()
        assert runner.next_step() > first  # training goes on


def test_looking_at_the_weights_changes_nothing(corpus: Path, tmp_path: Path, uninterrupted: str) -> None:
    def look(session: TrainingSession, event: Event) -> None:
        if event.name == "step":
            session.orders.call(lambda: {name: value.clone() for name, value in session.model.state_dict().items()})

    assert digest_of(train(small_settings(corpus), tmp_path, look)) == uninterrupted


def test_a_call_that_comes_too_late_is_not_waited_for_in_vain(corpus: Path, tmp_path: Path) -> None:
    """Whoever asks a session that ends, or has ended, is told, and does not hang."""
    waiting = []

    def ask_at_the_end(session: TrainingSession, event: Event) -> None:
        if event.name in ("checkpoint", "end"):
            waiting.append(session.orders.call(lambda: 1))

    with opened(small_settings(corpus), tmp_path) as session:
        for event in session.events():
            ask_at_the_end(session, event)
        waiting.append(session.orders.call(lambda: 1))
    assert len(waiting) >= 3
    assert all(future.done() for future in waiting)


def test_a_loss_that_is_not_finite_ends_the_run_as_failed(corpus: Path, tmp_path: Path) -> None:
    def poison(session: TrainingSession, event: Event) -> None:
        def spoil() -> None:
            with torch.no_grad():
                session.model.embeddings.norm.weight[0] = float("nan")

        if event.name == "step" and event.step == 7:
            session.orders.call(spoil)

    events = train(small_settings(corpus), tmp_path, poison)
    error, end = events[-2:]
    assert isinstance(error, Failed)
    assert "not finite" in error.message
    assert "step 8" in error.message
    assert isinstance(end, Ended)
    assert (end.reason, end.step) == ("failed", 7)
    assert end.checkpoint is not None
    assert end.checkpoint.endswith("step-000005")  # nothing was saved of what is spoilt
    assert [entry["event"] for entry in metrics_of(tmp_path)][-2:] == ["error", "end"]


def test_a_gradient_that_is_not_finite_leaves_the_weights_alone(corpus: Path, tmp_path: Path) -> None:
    before: dict[str, torch.Tensor] = {}

    def spoil_next_gradient(session: TrainingSession, event: Event) -> None:
        if event.name == "step" and event.step == 3:
            before.update({name: value.clone() for name, value in session.model.state_dict().items()})
            session.model.embeddings.norm.bias.register_hook(lambda gradient: gradient * float("inf"))

    with opened(small_settings(corpus), tmp_path) as session:
        events = []
        for event in session.events():
            events.append(event)
            spoil_next_gradient(session, event)
        after = session.model.state_dict()
    assert isinstance(events[-2], Failed)
    assert events[-1].step == 3
    assert before
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_a_full_disk_ends_the_run_as_failed(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = MetricsLog.write

    def fill_up(self: MetricsLog, event: Event) -> None:
        if event.step >= 4:
            raise OSError(28, "No space left on device")
        write(self, event)

    monkeypatch.setattr(MetricsLog, "write", fill_up)
    events = train(small_settings(corpus), tmp_path)
    assert isinstance(events[-2], Failed)
    assert "No space left" in events[-2].message
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "failed"


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: str
) -> None:
    from babybert_tui.training import checkpoint

    save_file = checkpoint.save_file

    def fill_up(tensors: Any, path: Path, *more: Any) -> None:
        if "step-000010" in str(path) and path.name.startswith("optimizer"):
            raise OSError(28, "No space left on device")
        save_file(tensors, path, *more)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", fill_up)
        events = train(small_settings(corpus), tmp_path)
    assert isinstance(events[-1], Ended)
    assert (events[-1].reason, events[-1].step) == ("failed", 10)
    names = {path.name for path in (tmp_path / RUN).iterdir()}
    assert {name for name in names if "step" in name} == {"step-000005"}  # and no half-written folder
    assert digest_of(train(small_settings(corpus), tmp_path)) == uninterrupted


def test_events_come_in_the_order_of_the_stream(corpus: Path, tmp_path: Path) -> None:
    events = train(small_settings(corpus, log_every=4), tmp_path)
    told = [(event.name, event.step) for event in events]
    assert told == [
        ("start", 0),
        ("evaluation", 0),
        ("step", 4),
        ("checkpoint", 5),
        ("evaluation", 6),
        ("step", 8),
        ("checkpoint", 10),
        ("step", 12),
        ("evaluation", 12),
        ("checkpoint", 12),
        ("end", 12),
    ]
    assert [(entry["event"], entry["step"]) for entry in metrics_of(tmp_path)] == told


class Notebook(Watcher):
    """Writes down what it hears."""

    def __init__(self, *, foretells: bool = False) -> None:
        self.foretells = foretells
        self.heard: list[tuple[str, Any]] = []

    def foretold(self, losses: Losses) -> None:
        self.heard.append(("foretold", losses))

    def evaluating(self, share: float) -> None:
        self.heard.append(("evaluating", share))

    def updated(self, step: int) -> None:
        self.heard.append(("updated", step))

    def of(self, kind: str) -> list[Any]:
        return [what for one, what in self.heard if one == kind]


def test_whoever_asks_is_told_how_far_an_evaluation_is(corpus: Path, tmp_path: Path) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        session.watcher = notebook = Notebook()
        evaluations = sum(event.name == "evaluation" for event in session.events())
    shares = notebook.of("evaluating")
    assert shares.count(0) == evaluations == 3
    assert all(0 <= share < 1 for share in shares)
    assert len(shares) > evaluations


class StopsInEvaluation(Watcher):
    """Stops the run in the middle of the evaluation with this number, from 0 on."""

    def __init__(self, session: TrainingSession, number: int) -> None:
        self.session = session
        self.number = number
        self.begun = -1
        self.shares: list[float] = []

    def evaluating(self, share: float) -> None:
        self.begun += share == 0
        if self.begun == self.number:
            self.shares.append(share)
            self.session.orders.stop()


@pytest.mark.parametrize(("number", "step"), [(0, 0), (1, 6)])
def test_an_evaluation_is_broken_off_by_a_stop_and_made_up_for(
    corpus: Path, tmp_path: Path, uninterrupted: str, number: int, step: int
) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        session.watcher = watcher = StopsInEvaluation(session, number)
        events = list(session.events())
    assert watcher.shares == [0], "no batch was evaluated after the stop"
    assert isinstance(events[-1], Ended)
    assert (events[-1].reason, events[-1].step) == ("stopped", step)
    assert digest_of(train(small_settings(corpus), tmp_path)) == uninterrupted
    evaluations = [entry["step"] for entry in metrics_of(tmp_path) if entry["event"] == "evaluation"]
    assert evaluations == [0, 6, 12]


def test_the_last_evaluation_is_not_broken_off(corpus: Path, tmp_path: Path) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        session.watcher = StopsInEvaluation(session, 2)
        events = list(session.events())
    assert [event.step for event in events if event.name == "evaluation"] == [0, 6, 12]
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "finished"


def test_each_update_is_an_event_or_heard_of(corpus: Path, tmp_path: Path) -> None:
    with opened(replace(small_settings(corpus), log_every=4), tmp_path) as session:
        session.watcher = notebook = Notebook()
        told = [event.step for event in session.events() if event.name == "step"]
    assert told == [4, 8, 12]
    assert notebook.of("updated") == [step for step in range(1, 13) if step not in told]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_what_is_foretold_of_the_first_update_comes_true_and_changes_nothing(
    corpus: Path, tmp_path: Path, precision: str
) -> None:
    settings = replace(small_settings(corpus), log_every=1, precision=precision, dropout=0.1, gradient_accumulation=2)
    digests = set()
    for foretells in (True, False):
        with opened(settings, tmp_path / str(foretells)) as session:
            session.watcher = notebook = Notebook(foretells=foretells)
            events = list(session.events())
        digests.add(events[-1].state_sha256)
        first = next(event for event in events if event.name == "step")
        for losses in notebook.of("foretold"):
            assert vars(losses) == {name: getattr(first, name) for name in vars(losses)}
            assert notebook.heard[0] == ("foretold", losses)  # before the evaluation
        assert len(notebook.of("foretold")) == foretells
    assert len(digests) == 1


def test_dropout_is_drawn_anew_for_each_step_and_micro_batch(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[int, int, int]] = []

    class Noted(CounterDropout):
        def __init__(self, seed: int, step: int, part: int) -> None:
            super().__init__(seed, step, part)
            drawn.append((seed, step, part))

    monkeypatch.setattr(gradients, "CounterDropout", Noted)
    train(small_settings(corpus, seed=4, gradient_accumulation=2, max_steps=3), tmp_path)
    assert drawn == [(4, step, part) for step in (1, 2, 3) for part in (0, 1)]


def test_tokens_counts_what_is_not_padding(corpus: Path, tmp_path: Path) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        pad, counted = 0, 0
        steps = [event for event in session.events() if isinstance(event, Stepped)]
        for step in range(1, 13):
            counted += sum(int((batch.original_ids != pad).sum()) for batch in session.data[step])
            assert steps[step - 1].tokens == counted
