"""Opening a session: a new run, or one that goes on. What can be wrong is found before anything is written."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import torch

from babybert_tui.bert import BabyBert, BertConfig, parameter_count
from babybert_tui.errors import RequestError, RunError
from babybert_tui.pretraining.batches import Batch, PretrainingData, StreamPosition
from babybert_tui.pretraining.pairs import FOLLOWS
from babybert_tui.randomness import generator
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.training.calibration import steps_in
from babybert_tui.training.card import model_card
from babybert_tui.training.checkpoint import (
    Progress,
    load_optimizer_state,
    progress_of,
    verify,
)
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.events import Saved, Started
from babybert_tui.training.hardware import device_for, precision_for, threads_for
from babybert_tui.training.metrics import cut_back, read_metrics
from babybert_tui.training.optimization import Optimization
from babybert_tui.training.preparation import Prepared, Vocabulary, masking_of, pair_settings, prepare, silent
from babybert_tui.training.probe import ProbeRecorder
from babybert_tui.training.record import RunRecord, differences, extended, read_record
from babybert_tui.training.recording import probe_from_batch, read_recording
from babybert_tui.training.runs import RunFolder, free_run_name, resolve_checkpoint, run_folder
from babybert_tui.training.session import (
    Change,
    Machine,
    TrainingSession,
    evaluation_interval,
    saving_interval,
)
from babybert_tui.weights import bert_config, load_pretrained, read_config

_PROBE_LENGTH = 24  # in tokens: a map that fits a screen


@dataclass(frozen=True)
class RunRequest:
    """What a front asks for."""

    settings: Settings
    preset: str
    checkpoints_dir: Path
    policy: str = "auto"  # go on if there is something to go on with; or "resume": there must be; or "restart"
    stdin: BinaryIO | None = None
    began: float = field(default_factory=time.monotonic)
    prepare: Callable[..., Prepared] = prepare  # a front may keep what it has read before


@dataclass(frozen=True)
class FinishedRun:
    """A run that needs no further update: what it said at its start and at its end, as objects of the stream."""

    run: RunFolder
    start: dict[str, Any]
    end: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """A new run, thought through but not begun: what `--dry-run` shows."""

    folder: RunFolder
    settings: Settings
    machine: Machine
    prepared: Prepared
    shape: BertConfig

    @property
    def parameters(self) -> int:
        """Trainable parameters."""
        return parameter_count(self.shape)


@contextmanager
def open_session(
    request: RunRequest, *, progress: Callable[[str], None] = silent, warn: Callable[[str], None] = silent
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


def machine_for(settings: Settings) -> Machine:
    """Where and how a run with these settings computes here. Raises RequestError where it cannot."""
    device = device_for(settings)
    return Machine(device, precision_for(settings, device), threads_for(settings))


def plan_run(request: RunRequest, folder: RunFolder, machine: Machine, progress: Callable[[str], None]) -> Plan:
    """Everything of a new run but the writing. Raises RequestError."""
    settings = request.settings
    start_from = None
    if settings.checkpoint is not None:
        start_from = resolve_checkpoint(settings.checkpoint, request.checkpoints_dir)
        settings = _shaped_like(settings, start_from)
    prepared = request.prepare(settings, stdin=request.stdin, progress=progress)
    shape = _shape(settings, len(prepared.vocabulary))
    if start_from is not None:
        shape = _with_dropout(bert_config(read_config(start_from), start_from), settings)
        if len(prepared.vocabulary) > shape.vocab_size:
            raise RequestError(
                f"The vocabulary has {len(prepared.vocabulary)} pieces, the model of {sanitise(str(start_from))} "
                f"only {shape.vocab_size}."
            )
    return Plan(folder, replace(settings, checkpoint=str(start_from) if start_from else None), machine, prepared, shape)


def _begin(plan: Plan, request: RunRequest, progress: Callable[[str], None]) -> TrainingSession:
    settings, prepared = plan.settings, plan.prepared
    max_steps = settings.max_steps
    if settings.minutes is not None:
        progress("measuring the speed")
        torch.set_num_threads(plan.machine.threads)
        max_steps = steps_in(settings.minutes, settings, prepared, _model(plan), plan.machine)
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
    nowhere = Progress(0, 0, 0.0, StreamPosition())
    base = replace(settings, max_steps=max_steps)
    return _session(plan.folder, base, [], _model(plan), prepared, nowhere, plan.machine, request)


def _go_on(
    request: RunRequest,
    folder: RunFolder,
    machine: Machine,
    progress: Callable[[str], None],
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
    step = latest[1]["step"] if latest is not None else 0
    entries = cut_back(folder.path, step if latest is not None else -1)
    # Those after it are damaged: they would be counted among the newest, and crowd out what is written now.
    if folder.set_aside_after(step if latest is not None else -1) and latest is not None:
        folder.point_latest(step)
    changes = [Change(one["step"], one["name"], one["value"]) for one in entries if one["event"] == "setting"]
    if latest is None:
        nowhere = Progress(0, 0, 0.0, StreamPosition())
        return _session(folder, plan.settings, changes, _model(plan), plan.prepared, nowhere, machine, request)
    model = load_pretrained(latest[0]).model.to(machine.device)
    model.config = plan.shape
    saved = Saved(step, str(latest[0]), latest[1]["state_sha256"])
    session = _session(
        folder, plan.settings, changes, model, plan.prepared, progress_of(latest[1]), machine, request, latest[0], saved
    )
    if wanted > length:
        session.extend(wanted)
    return session


def _session(
    folder: RunFolder,
    settings: Settings,
    changes: list[Change],
    model: BabyBert,
    prepared: Prepared,
    progress: Progress,
    machine: Machine,
    request: RunRequest,
    checkpoint: Path | None = None,
    saved: Saved | None = None,
) -> TrainingSession:
    optimization = Optimization(model, settings)
    if checkpoint is not None:
        optimization.load_state(load_optimizer_state(checkpoint))
    vocabulary, pairs = prepared.vocabulary, pair_settings(settings)
    evaluation = Evaluation(prepared.held_out, pairs, vocabulary.masking, vocabulary.special)
    data = PretrainingData(
        prepared.training,
        pairs,
        lambda _step: masking_of(settings),
        vocabulary.masking,
        vocabulary.special,
        batch_size=settings.batch_size,
        accumulation=settings.gradient_accumulation,
        seed=settings.seed,
        position=progress.position,
    )
    started = _started(folder, settings, model, prepared, progress.step, machine, evaluation)
    return TrainingSession(
        folder,
        settings,
        changes,
        model,
        optimization,
        vocabulary,
        data,
        evaluation,
        progress,
        machine,
        started,
        lambda step, figures: model_card(started, step, figures),
        probe=_probe_recorder(folder, evaluation, vocabulary, progress.step),
        saved=saved,
        began=request.began,
    )


def _probe_recorder(folder: RunFolder, evaluation: Evaluation, vocabulary: Vocabulary, step: int) -> ProbeRecorder:
    """Goes on with the run's recording; a new run looks at a held-out pair of middling length with a few masks."""
    before = read_recording(folder.path) if step else None
    if before is not None:
        return ProbeRecorder(before.probe, vocabulary.pieces, before.until(step).snapshots)
    batch, row, n = min(
        (candidate for batch in evaluation.batches for candidate in _probe_candidates(batch, vocabulary)),
        key=lambda candidate: abs(candidate[2] - _PROBE_LENGTH),
    )
    return ProbeRecorder(
        probe_from_batch(
            batch.input_ids[row, :n].numpy(),
            batch.original_ids[row, :n],
            batch.segment_ids[row, :n].numpy(),
            batch.fates[row, :n],
            vocabulary.pieces,
        ),
        vocabulary.pieces,
    )


def _probe_candidates(batch: Batch, vocabulary: Vocabulary) -> list[tuple[Batch, int, int]]:
    """The rows of a batch with their lengths; those whose B follows A where there are any."""
    lengths = (batch.original_ids != vocabulary.special.pad).sum(axis=1)
    rows = [(batch, row, int(length)) for row, length in enumerate(lengths)]
    return [one for one in rows if batch.labels[one[1]] == FOLLOWS] or rows


def _started(
    folder: RunFolder,
    settings: Settings,
    model: BabyBert,
    prepared: Prepared,
    step: int,
    machine: Machine,
    evaluation: Evaluation,
) -> Started:
    as_run = {
        **asdict(settings),
        "run": folder.name,
        "intermediate_size": model.config.intermediate_size,
        "eval_every": evaluation_interval(settings),
        "save_every": saving_interval(settings),
        "device": str(machine.device),
        "precision": machine.precision,
        "threads": machine.threads,
    }
    held_out = len(prepared.held_out.document_offsets) - 1
    return Started(
        step=step,
        run=folder.name,
        path=str(folder.path),
        settings=as_run,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        vocabulary_size=len(prepared.vocabulary),
        documents=len(prepared.training.document_offsets) - 1 + held_out,
        held_out_documents=held_out,
        training_tokens=len(prepared.training.ids),
        baselines=evaluation.baselines(prepared.training, len(prepared.vocabulary)),
    )


def _shape(settings: Settings, vocabulary_size: int) -> BertConfig:
    shape = BertConfig(
        vocab_size=vocabulary_size,
        hidden_size=settings.hidden_size,
        num_hidden_layers=settings.num_layers,
        num_attention_heads=settings.num_heads,
        intermediate_size=settings.feed_forward_size,
        max_position_embeddings=settings.max_length,
    )
    return _with_dropout(shape, settings)


def _with_dropout(shape: BertConfig, settings: Settings) -> BertConfig:
    return replace(shape, hidden_dropout_prob=settings.dropout, attention_probs_dropout_prob=settings.dropout)


def _shaped_like(settings: Settings, directory: Path) -> Settings:
    """The settings with the shape and the vocabulary of the model that the run starts from."""
    shape = bert_config(read_config(directory), directory)
    if settings.max_length > shape.max_position_embeddings:
        raise RequestError(
            f"max_length {settings.max_length} is more than the {shape.max_position_embeddings} positions of "
            f"{sanitise(str(directory))}."
        )
    return replace(
        settings,
        tokenizer=settings.tokenizer or str(directory),
        hidden_size=shape.hidden_size,
        num_layers=shape.num_hidden_layers,
        num_heads=shape.num_attention_heads,
        intermediate_size=shape.intermediate_size,
    )


def _model(plan: Plan) -> BabyBert:
    """A model with random weights, or with those that the run starts from; missing heads are random in either case."""
    model = BabyBert(plan.shape)
    random = generator(plan.settings.seed, "weights")
    model.initialise(lambda shape: torch.from_numpy(random.standard_normal(shape, dtype="float32")))
    if plan.settings.checkpoint is not None:
        pretrained = load_pretrained(Path(plan.settings.checkpoint)).model
        model.load_state_dict(pretrained.state_dict(), strict=False)
    return model.to(plan.machine.device)


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
