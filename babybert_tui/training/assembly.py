"""A training session put together from its parts: the model, the data, the evaluation, the probe, the start event."""

from dataclasses import asdict, dataclass
from pathlib import Path

from babybert_tui.bert import BabyBert
from babybert_tui.pretraining.batches import Batch, StreamPosition
from babybert_tui.pretraining.pairs import FOLLOWS
from babybert_tui.training.baselines import find_baselines
from babybert_tui.training.card import model_card
from babybert_tui.training.checkpoint import Progress, load_optimizer_state
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.events import Baselines, Saved, Started
from babybert_tui.training.optimization import Optimization
from babybert_tui.training.planning import Plan
from babybert_tui.training.preparation import Vocabulary, pair_settings, training_data
from babybert_tui.training.probe import ProbeRecorder
from babybert_tui.training.recording import probe_from_batch, read_recording
from babybert_tui.training.runs import RunFolder
from babybert_tui.training.session import Change, TrainingSession

_NOWHERE = Progress(0, 0, 0.0, StreamPosition())
_PROBE_LENGTH = 24  # in tokens: a map that fits a screen


@dataclass(frozen=True)
class Standing:
    """How far a run has come.

    Attributes:
        model: As it stands, on the machine's device.
        progress: How many updates it has behind it.
        changes: Recorded live changes, oldest first.
        checkpoint: Where the state to resume from lies, if there is any.
        saved: What was said when it was saved.
        evaluated: The step of its last evaluation.
    """

    model: BabyBert
    progress: Progress = _NOWHERE
    changes: tuple[Change, ...] = ()
    checkpoint: Path | None = None
    saved: Saved | None = None
    evaluated: int | None = None


@dataclass(frozen=True)
class Judged:
    """What a run is judged by, and against."""

    evaluation: Evaluation
    baselines: Baselines


def judged(plan: Plan) -> Judged:
    """The evaluation of a run; takes some seconds where the text is long."""
    settings, prepared = plan.settings, plan.prepared
    vocabulary = prepared.vocabulary
    evaluation = Evaluation(prepared.held_out, pair_settings(settings), vocabulary.masking, vocabulary.special)
    return Judged(evaluation, find_baselines(evaluation, prepared, settings))


def assemble(plan: Plan, standing: Standing, by: Judged, began: float) -> TrainingSession:
    """The session of a run.

    Args:
        plan: What to train, where and how; its settings are those at the first update.
        standing: How far it has come.
        by: What it is judged by.
        began: `time.monotonic()` when the command began.
    """
    settings, prepared = plan.settings, plan.prepared
    optimization = Optimization(standing.model, settings)
    if standing.checkpoint is not None:
        optimization.load_state(load_optimizer_state(standing.checkpoint))
    vocabulary = prepared.vocabulary
    started = _started(plan, standing, by.baselines)
    return TrainingSession(
        plan.folder,
        settings,
        list(standing.changes),
        standing.model,
        optimization,
        vocabulary,
        training_data(settings, prepared, step=standing.progress.step + 1, position=standing.progress.position),
        by.evaluation,
        standing.progress,
        plan.machine,
        started,
        lambda step, figures: model_card(started, step, figures),
        probe=_probe_recorder(plan.folder, by.evaluation, vocabulary, standing.progress.step),
        saved=standing.saved,
        evaluated=standing.evaluated,
        began=began,
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


def _started(plan: Plan, standing: Standing, baselines: Baselines) -> Started:
    settings, machine, prepared, model = plan.settings, plan.machine, plan.prepared, standing.model
    as_run = {
        **asdict(settings),
        "run": plan.folder.name,
        "intermediate_size": model.config.intermediate_size,
        "eval_every": settings.evaluation_interval,
        "save_every": settings.saving_interval,
        "device": str(machine.device),
        "precision": machine.precision,
        "threads": machine.threads,
    }
    held_out = len(prepared.held_out.document_offsets) - 1
    return Started(
        step=standing.progress.step,
        run=plan.folder.name,
        path=str(plan.folder.path),
        settings=as_run,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        vocabulary_size=len(prepared.vocabulary),
        documents=len(prepared.training.document_offsets) - 1 + held_out,
        held_out_documents=held_out,
        training_tokens=len(prepared.training.ids),
        baselines=baselines,
    )
