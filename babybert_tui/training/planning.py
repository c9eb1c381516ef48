"""A run thought through before anything is written: its text, its shape, and where it computes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

import torch

from babybert_tui.bert import BabyBert, BertConfig, parameter_count
from babybert_tui.errors import RequestError
from babybert_tui.randomness import generator
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.training.hardware import device_for, precision_for, threads_for
from babybert_tui.training.preparation import Prepared, prepare
from babybert_tui.training.runs import RunFolder, resolve_checkpoint
from babybert_tui.training.session import Machine
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


def machine_for(settings: Settings) -> Machine:
    """Where and how a run with these settings computes here. Raises RequestError where it cannot."""
    device = device_for(settings)
    return Machine(device, precision_for(settings, device), threads_for(settings))


def plan_run(request: RunRequest, folder: RunFolder, machine: Machine, progress: Progress) -> Plan:
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


def starting_model(plan: Plan) -> BabyBert:
    """A model with random weights, or with those that the run starts from; missing heads are random in either case."""
    model = BabyBert(plan.shape)
    random = generator(plan.settings.seed, "weights")
    model.initialise(lambda shape: torch.from_numpy(random.standard_normal(shape, dtype="float32")))
    if plan.settings.checkpoint is not None:
        pretrained = load_pretrained(Path(plan.settings.checkpoint)).model
        model.load_state_dict(pretrained.state_dict(), strict=False)
    return model.to(plan.machine.device)


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
