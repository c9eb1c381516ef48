"""A run thought through before anything is written: its text, its shape, and where it computes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from babybert_tui.bert import BabyBert, BertConfig, parameter_count
from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.training.hardware import Machine
from babybert_tui.training.preparation import Prepared, prepare
from babybert_tui.training.runs import RunFolder, resolve_checkpoint
from babybert_tui.training.shape import mimetic_model, random_model, shape_of
from babybert_tui.training.waiting import Progress
from babybert_tui.weights import bert_config, load_pretrained, read_config


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


def plan_run(request: RunRequest, folder: RunFolder, machine: Machine, progress: Progress) -> Plan:
    """Everything of a new run but the writing. Raises RequestError."""
    settings = request.settings
    start_from = None
    if settings.checkpoint is not None:
        start_from = resolve_checkpoint(settings.checkpoint, request.checkpoints_dir)
        settings = _shaped_like(settings, start_from)
    prepared = request.prepare(settings, stdin=request.stdin, progress=progress)
    shape = shape_of(settings, len(prepared.vocabulary))
    if start_from is not None:
        shape = replace(
            bert_config(read_config(start_from), start_from),
            hidden_dropout_prob=settings.dropout,
            attention_probs_dropout_prob=settings.dropout,
        )
        if len(prepared.vocabulary) > shape.vocab_size:
            raise RequestError(
                f"The vocabulary has {len(prepared.vocabulary)} pieces, the model of {sanitise(str(start_from))} "
                f"only {shape.vocab_size}."
            )
    return Plan(folder, replace(settings, checkpoint=str(start_from) if start_from else None), machine, prepared, shape)


def starting_model(plan: Plan) -> BabyBert:
    """A model with initial weights, or with those that the run starts from, whose missing heads are random."""
    settings = plan.settings
    if settings.checkpoint is None and settings.initial_weights == "mimetic":
        compares = settings.sentence_objective == "nsp"
        model = mimetic_model(plan.shape, settings.seed, plan.prepared, compares=compares)
    else:
        model = random_model(plan.shape, settings.seed)
    if settings.checkpoint is not None:
        pretrained = load_pretrained(Path(settings.checkpoint)).model
        model.load_state_dict(pretrained.state_dict(), strict=False)
    return model.to(plan.machine.device)


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
