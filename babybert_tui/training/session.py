"""A training session: plain Python that yields events and takes orders, and knows nothing of terminals or threads.

    for event in session.events():
        ...

runs it to its end. From another thread, or from a signal handler, it can be paused, stepped, stopped and changed
(`session.orders`); a stop breaks off an evaluation, too.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from babybert_tui.bert import BabyBert
from babybert_tui.errors import BabyBertError, RequestError
from babybert_tui.pretraining.batches import Batch, Updates
from babybert_tui.pretraining.masking import Masking
from babybert_tui.settings import Settings, declaration, problem, problems
from babybert_tui.training.checkpoint import Progress, save_checkpoint
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.events import (
    Ended,
    Evaluated,
    Event,
    Failed,
    Saved,
    SettingChanged,
    Started,
    Stepped,
)
from babybert_tui.training.gradients import Gradients, Losses, require_finite
from babybert_tui.training.hardware import Machine
from babybert_tui.training.kernels import use_threads
from babybert_tui.training.metrics import MetricsLog
from babybert_tui.training.optimization import Optimization, clip_gradients, learning_rate_at
from babybert_tui.training.orders import Orders
from babybert_tui.training.preparation import Vocabulary, masking_of
from babybert_tui.training.probe import ProbeRecorder, is_snapshot_step, take_snapshot
from babybert_tui.training.recording import Snapshot, write_recording
from babybert_tui.training.runs import RunFolder
from babybert_tui.training.watching import Watcher


class _StoppedError(Exception):
    """An evaluation was broken off."""


@dataclass(frozen=True)
class Change:
    """A live change: in force from the update after `step`."""

    step: int
    name: str
    value: Any


class TrainingSession:
    """A run in progress.

    Args:
        run: Its folder, held by the caller.
        settings: In force at the first update of the run.
        changes: Recorded live changes, oldest first.
        model: As it stands after `progress.step` updates, on the machine's device.
        optimization: Likewise.
        vocabulary: Saved with each checkpoint.
        data: The updates.
        evaluation: The held-out pairs.
        progress: How far the run has come.
        machine: Where and how to compute.
        started: What the start event says.
        card: The README of a checkpoint, from its step and its last evaluation.
        probe: Records the pinned probe.
        saved: The checkpoint that the run goes on from, if any.
        evaluated: The step of the last evaluation, if any.
        began: `time.monotonic()` when the command began.

    Attributes:
        orders: What other threads ask of it.
        watcher: Hears of what is no event.
    """

    def __init__(
        self,
        run: RunFolder,
        settings: Settings,
        changes: list[Change],
        model: BabyBert,
        optimization: Optimization,
        vocabulary: Vocabulary,
        data: Updates,
        evaluation: Evaluation,
        progress: Progress,
        machine: Machine,
        started: Started,
        card: Callable[[int, Evaluated | None], str],
        *,
        probe: ProbeRecorder,
        saved: Saved | None = None,
        evaluated: int | None = None,
        began: float,
    ) -> None:
        self.run = run
        self.model = model
        self.data = data
        self.evaluation = evaluation
        self.machine = machine
        self.probe = probe
        self.orders = Orders()
        self.watcher = Watcher()
        self.step = progress.step
        self._base = settings
        self._changes = list(changes)
        self._optimization = optimization
        self._gradients = Gradients(model, machine.precision)
        self._vocabulary = vocabulary
        self._tokens = progress.tokens
        self._elapsed_before = progress.elapsed_seconds
        self._started = started
        self._card = card
        self._began = began
        self._log: MetricsLog | None = None
        self._evaluated = evaluated
        self._last_evaluation: Evaluated | None = None
        self._last_saved = saved
        self._seconds_since_log = 0.0
        self._tokens_since_log = 0
        data.corrupt_as(self.masking_at)

    def change(self, name: str, value: Any) -> None:
        """Changes a live setting. Raises RequestError where it is not live, or the value does not fit."""
        if not declaration(name).live:
            raise RequestError(f"{name} cannot change while training.", "Start a new run.")
        wrong = problem(name, value) or next(
            iter(problems(replace(self.settings_at(self.step + 1), **{name: value}))), None
        )
        if wrong:
            raise RequestError(wrong)
        self.orders.change(name, value)

    def extend(self, max_steps: int) -> None:
        """Makes the run longer, from the next update on."""
        self.orders.change("max_steps", max_steps)

    @property
    def vocabulary(self) -> Vocabulary:
        """The pieces by id, and the tokenizer."""
        return self._vocabulary

    # What is in force when: functions of the step and the recorded changes, so that resuming finds the same.

    def settings_at(self, step: int) -> Settings:
        """The settings in force at update `step`."""
        changes = {change.name: change.value for change in self._changes if change.step < step}
        return replace(self._base, **changes)

    def masking_at(self, step: int) -> Masking:
        """How update `step` is corrupted. Who changes the masking rate by hand means it: it then stays."""
        by_hand = any(change.name == "mask_probability" and change.step < step for change in self._changes)
        return masking_of(self.settings_at(step), None if by_hand else step)

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of update `step`."""
        return learning_rate_at(step, self.settings_at(step))

    @property
    def max_steps(self) -> int:
        """The run's length."""
        return self.settings_at(self.step + 1).max_steps

    @property
    def elapsed_seconds(self) -> float:
        """Wall time since the command began, summed over resumes."""
        return self._elapsed_before + time.monotonic() - self._began

    # The run itself.

    def events(self) -> Iterator[Event]:
        """Runs to the end, or until stopped. The last event is `Ended`, after `Failed` where it failed."""
        use_threads(self.machine.threads)
        self._log = MetricsLog(self.run.path)
        try:
            yield self._logged(self._started)
            yield from self._train()
        except (BabyBertError, OSError, MemoryError) as error:
            yield self._logged_if_possible(Failed(self.step, _message(error, self.run)))
            yield self._logged_if_possible(self._ended("failed"))
        finally:
            self.orders.close()
            with suppress(OSError):
                self._log.close()

    def _train(self) -> Iterator[Event]:
        if self.step % self.settings_at(self.step).evaluation_interval == 0 and self._evaluated != self.step:
            self._foretell()
            yield from self._evaluate()
        if self.step == 0:
            self.look_at_probe()
        for name, value in self.orders.changes():
            yield self._changed(name, value)
        updates = self.data.updates(self.step + 1, 2**62)
        while self.step < self.max_steps:
            for name, value in self.orders.carry_out():
                yield self._changed(name, value)
            if self.orders.stop_reason is not None:
                break
            yield from self._update(next(updates))
        if self.step < self.max_steps and self.orders.stop_reason is not None:
            self.look_at_probe()
            yield from self._save_unless_saved()
            yield self._logged(self._ended(self.orders.stop_reason))
        else:
            yield from self._save_unless_saved()
            yield self._logged(self._ended("finished"))

    def _update(self, batches: list[Batch]) -> Iterator[Event]:
        began = time.perf_counter()
        step = self.step + 1
        settings = self.settings_at(step)
        losses = self._learn(batches, settings, step)
        self.step = step
        tokens = sum(batch.tokens for batch in batches)
        self._tokens += tokens
        self._tokens_since_log += tokens
        self._seconds_since_log += time.perf_counter() - began
        if step % settings.log_every == 0:
            yield self._logged(self._stepped(losses, settings))
        elif self.orders.is_paused:
            yield self._stepped(losses, settings)  # a step taken singly is told, and not logged
        else:
            self.watcher.updated(step)
        if is_snapshot_step(step, settings.max_steps):
            self.look_at_probe()
        is_last = step == settings.max_steps
        if is_last or step % settings.evaluation_interval == 0:
            yield from self._evaluate()
        if is_last or step % settings.saving_interval == 0:
            yield from self._save_unless_saved()

    def _foretell(self) -> None:
        if self.step == 0 and self.watcher.foretells and not self.orders.is_paused and self.orders.stop_reason is None:
            batches = [batch.to(self.machine.device) for batch in self.data[1]]
            self.watcher.foretold(self._gradients.foretell(batches, self.settings_at(1), 1))

    def _learn(self, batches: list[Batch], settings: Settings, step: int) -> Losses:
        """One update of the weights."""
        on_device = [batch.to(self.machine.device) for batch in batches]
        losses = self._gradients.update(on_device, settings, step)
        require_finite(losses, clip_gradients(self.model, settings.gradient_clip), step)
        self._optimization.step(self.learning_rate_at(step))
        return losses

    def _changed(self, name: str, value: Any) -> Event:
        self._changes.append(Change(self.step, name, value))
        return self._logged(SettingChanged(self.step, name, value))

    def _stepped(self, losses: Losses, settings: Settings) -> Stepped:
        weighted = 0.0 if losses.nsp_loss is None else settings.sentence_weight * losses.nsp_loss
        event = Stepped(
            step=self.step,
            loss=losses.mlm_loss + weighted,
            mlm_loss=losses.mlm_loss,
            nsp_loss=losses.nsp_loss,
            mlm_accuracy=losses.mlm_accuracy,
            nsp_accuracy=losses.nsp_accuracy,
            learning_rate=self.learning_rate_at(self.step),
            tokens=self._tokens,
            tokens_per_second=self._tokens_since_log / max(self._seconds_since_log, 1e-9),
            elapsed_seconds=self.elapsed_seconds,
        )
        self._tokens_since_log, self._seconds_since_log = 0, 0.0
        return event

    def look_at_probe(self) -> Snapshot:
        """Takes a snapshot of the probe now. For the training thread: others go through `call`."""
        return self.probe.record(self._gradients.working, self.step, self.machine.device)

    def glance_at_probe(self) -> Snapshot:
        """As `look_at_probe`, but it is not recorded with the run."""
        return take_snapshot(self._gradients.working, self.probe.probe, self.step, self.machine.device)

    def _evaluate(self) -> Iterator[Event]:
        """Broken off where the run is to stop before its end, and made when the run goes on, if it is still due."""
        length = self.max_steps

        def progress(share: float) -> None:
            if self.orders.stop_reason is not None and self.step < length:
                raise _StoppedError
            self.watcher.evaluating(share)

        try:
            figures = self.evaluation.run(self._gradients.working, self.machine.device, progress=progress)
        except _StoppedError:
            return
        event = Evaluated(step=self.step, **vars(figures), elapsed_seconds=self.elapsed_seconds)
        self._last_evaluation, self._evaluated = event, self.step
        yield self._logged(event)

    def _save_unless_saved(self) -> Iterator[Event]:
        if self._last_saved is not None and self._last_saved.step == self.step:
            return
        assert self._log is not None
        self._log.sync()
        target = self.run.step_folder(self.step)
        settings = self.settings_at(self.step + 1)
        digest = save_checkpoint(
            target,
            self.model,
            self._optimization,
            self._vocabulary,
            Progress(self.step, self._tokens, self.elapsed_seconds, self.data.position_at(self.step + 1)),
            objective=settings.sentence_objective,
            card=self._card(self.step, self._last_evaluation),
        )
        write_recording(self.run.path, self.probe.recording)
        self.run.point_latest(self.step)
        self.run.keep_newest(settings.keep)
        self._last_saved = Saved(self.step, str(target), digest)
        yield self._logged(self._last_saved)

    def _ended(self, reason: str) -> Ended:
        saved = self._last_saved
        return Ended(
            step=self.step,
            reason=reason,
            checkpoint=saved.path if saved else None,
            state_sha256=saved.state_sha256 if saved else None,
            elapsed_seconds=self.elapsed_seconds,
        )

    def _logged(self, event: Event) -> Event:
        assert self._log is not None
        self._log.write(event)
        return event

    def _logged_if_possible(self, event: Event) -> Event:
        """For the end of a run that failed, perhaps because the disk is full."""
        with suppress(OSError):
            self._logged(event)
        return event


def _message(error: BaseException, run: RunFolder) -> str:
    if isinstance(error, OSError):
        return (
            f"{run.path} cannot be written: {error.strerror or error}. Free some space and give the same command again."
        )
    if isinstance(error, MemoryError):
        return "Out of memory. Try a smaller --batch-size with --gradient-accumulation."
    return str(error)
