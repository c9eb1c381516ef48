"""Opening a session: a new run, or one that goes on. What can be wrong is found before anything is written."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from babybert_tui.errors import RequestError, RunError
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.training.assembly import Standing, assemble, judged
from babybert_tui.training.calibration import steps_until
from babybert_tui.training.checkpoint import progress_of, verify
from babybert_tui.training.events import Saved
from babybert_tui.training.fast_pass import ready_kernels
from babybert_tui.training.hardware import Machine, machine_for
from babybert_tui.training.kernels import use_threads
from babybert_tui.training.metrics import cut_back, read_metrics
from babybert_tui.training.planning import Plan, RunRequest, plan_run, starting_model
from babybert_tui.training.preparation import Prepared
from babybert_tui.training.record import RunRecord, differences, extended, read_record
from babybert_tui.training.runs import RunFolder, free_run_name, run_folder
from babybert_tui.training.session import Change, TrainingSession
from babybert_tui.training.waiting import Progress, silent
from babybert_tui.weights import load_pretrained

__all__ = ["FinishedRun", "Plan", "RunRequest", "open_session", "plan_run"]


@dataclass(frozen=True)
class FinishedRun:
    """A run that needs no further update: what it said at its start and at its end, as objects of the stream."""

    run: RunFolder
    start: dict[str, Any]
    end: dict[str, Any]


@contextmanager
def open_session(
    request: RunRequest, *, progress: Progress = silent, warn: Callable[[str], None] = silent
) -> Iterator[TrainingSession | FinishedRun]:
    """Opens the session that a request asks for, and holds its folder as long as the block runs.

    Args:
        request: What to train, and where.
        progress: Told what is being waited for.
        warn: Told what the user should know.

    Raises:
        RequestError: the request is wrong; nothing was written.
        RunError: the run's own files are damaged.
    """
    settings, directory = request.settings, request.checkpoints_dir
    folder = run_folder(directory, settings.run or free_run_name(directory, settings.corpus, request.preset))
    machine = machine_for(settings)
    _require_writable(directory)
    if folder.exists and request.policy != "restart":
        with folder.held():
            folder.clear_leftovers()
            yield _go_on(request, folder, machine, progress, warn)
        return
    if request.policy == "resume":
        raise RequestError(f"There is no run {folder.name} in {sanitise(str(directory))} to go on with.")
    if folder.path.exists() and not folder.exists and any(folder.path.iterdir()):
        raise RequestError(f"{sanitise(str(folder.path))} exists and is no run.", "Choose another --run.")
    plan = plan_run(request, folder, machine, progress)
    if folder.exists:
        with folder.held():
            pass
        warn(f"The old run was moved to {folder.move_aside()}.")
    _make(folder.path)
    with folder.held():
        yield _begin(plan, request, progress)


def _begin(plan: Plan, request: RunRequest, progress: Progress) -> TrainingSession:
    settings, prepared = plan.settings, plan.prepared
    max_steps, prepared_at = settings.max_steps, time.monotonic()
    _ready(plan.machine, progress)
    by = judged(plan)
    if settings.minutes is not None:
        progress("measuring the speed")
        use_threads(plan.machine.threads)
        deadline = prepared_at + 60 * settings.minutes
        max_steps = steps_until(deadline, settings, prepared, starting_model(plan), plan.machine, by.evaluation)
    record = RunRecord(
        preset=request.preset,
        settings=request.settings,
        max_steps=max_steps,
        device=str(plan.machine.device),
        precision=plan.machine.precision,
        threads=plan.machine.threads,
        corpus=_corpus_facts(prepared),
        tokenizer=_tokenizer_facts(prepared),
    )
    record.write(plan.folder.path)
    plan = replace(plan, settings=replace(settings, max_steps=max_steps))
    return assemble(plan, Standing(starting_model(plan)), by, request.began)


def _ready(machine: Machine, progress: Progress) -> None:
    if machine.device.type == "cpu":
        ready_kernels(machine.precision, lambda share: progress("readying code for this processor", share))


def _go_on(
    request: RunRequest,
    folder: RunFolder,
    machine: Machine,
    progress: Progress,
    warn: Callable[[str], None],
) -> TrainingSession | FinishedRun:
    record = read_record(folder.path)
    metrics = read_metrics(folder.path)
    length = extended(record.base, [entry for entry in metrics if entry["event"] == "setting"])
    _require_same(record, request.settings, length, folder, warn)
    asked = request.settings.max_steps if request.settings.minutes is None else length
    wanted = max(length, asked)
    latest = _newest_whole(folder, warn)
    if latest is not None and latest[1]["step"] >= wanted:
        return _finished(folder, metrics, latest)
    free = {name: getattr(request.settings, name) for name in ("log_every", "eval_every", "save_every", "keep")}
    settings = replace(record.base, **free, device=request.settings.device, threads=request.settings.threads)
    machine = replace(machine, precision=record.precision)
    if request.settings.threads is None:
        machine = replace(machine, threads=record.threads)
    plan = plan_run(replace(request, settings=settings), folder, machine, progress)
    _require_same_text(record, plan.prepared, folder)
    _ready(machine, progress)
    session = assemble(plan, _standing(plan, latest), judged(plan), request.began)
    if latest is not None and wanted > length:
        session.extend(wanted)
    return session


def _standing(plan: Plan, latest: tuple[Path, dict[str, Any]] | None) -> Standing:
    """How far the run has come by its newest checkpoint; what was logged after that is cut away."""
    folder = plan.folder
    step = latest[1]["step"] if latest is not None else -1
    entries = cut_back(folder.path, step)
    changes = tuple(Change(one["step"], one["name"], one["value"]) for one in entries if one["event"] == "setting")
    # Those after it are damaged: they would be counted among the newest, and crowd out what is written now.
    are_damaged = folder.set_aside_after(step)
    if latest is None:
        return Standing(starting_model(plan), changes=changes)
    if are_damaged:
        folder.point_latest(step)
    path, manifest = latest
    model = load_pretrained(path).model.to(plan.machine.device)
    model.config = plan.shape
    saved = Saved(step, str(path), manifest["state_sha256"])
    evaluated = next((one["step"] for one in reversed(entries) if one["event"] == "evaluation"), None)
    return Standing(model, progress_of(manifest), changes, path, saved, evaluated)


def _corpus_facts(prepared: Prepared) -> dict[str, Any]:
    corpus = prepared.corpus
    return {
        "name": corpus.name,
        "format": corpus.format,
        "documents": len(corpus.documents),
        "sha256": corpus.sha256,
    }


def _tokenizer_facts(prepared: Prepared) -> dict[str, Any]:
    return {"size": len(prepared.vocabulary), "sha256": prepared.vocabulary.sha256}


def _require_same(
    record: RunRecord, asked: Settings, length: int, folder: RunFolder, warn: Callable[[str], None]
) -> None:
    refused, warned = differences(record, asked, length)
    if refused:
        raise RequestError(
            f"The run {folder.name} was started with other settings: {'; '.join(refused)}.",
            "Give the same ones, choose another --run, or start anew with --restart.",
        )
    if warned:
        warn(f"The same digest is not promised: {'; '.join(warned)}.")


def _require_same_text(record: RunRecord, prepared: Prepared, folder: RunFolder) -> None:
    if prepared.corpus.sha256 != record.corpus["sha256"]:
        raise RequestError(
            f"The text of {sanitise(prepared.corpus.name)} is not the one that the run {folder.name} was started with.",
            "Give the same text, choose another --run, or start anew with --restart.",
        )
    if prepared.vocabulary.sha256 != record.tokenizer["sha256"]:
        raise RequestError(f"The vocabulary is not the one that the run {folder.name} was started with.")


def _newest_whole(folder: RunFolder, warn: Callable[[str], None]) -> tuple[Path, dict[str, Any]] | None:
    """The newest checkpoint whose files agree with their manifest; damaged ones are passed over, with a word."""
    for step in reversed(folder.steps()):
        path = folder.step_folder(step)
        try:
            return path, verify(path)
        except RunError as error:
            warn(f"{error} It is passed over.")
    return None


def _finished(folder: RunFolder, metrics: list[dict[str, Any]], latest: tuple[Path, dict[str, Any]]) -> FinishedRun:
    starts = [entry for entry in metrics if entry["event"] == "start"]
    end = {
        "event": "end",
        "step": latest[1]["step"],
        "reason": "finished",
        "checkpoint": str(latest[0]),
        "state_sha256": latest[1]["state_sha256"],
        "elapsed_seconds": latest[1]["elapsed_seconds"],
    }
    return FinishedRun(folder, {**starts[-1], "step": latest[1]["step"]} if starts else {}, end)


def _require_writable(directory: Path) -> None:
    """Refuses a folder that cannot be written to, before anything is computed for it."""
    nearest = directory
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise RequestError(f"{sanitise(str(nearest))} is no folder.", "Choose another --checkpoints-dir.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise RequestError(f"{sanitise(str(nearest))} is not writable.", "Choose another --checkpoints-dir.")


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"{sanitise(str(path))} cannot be made: {error.strerror}.") from None
