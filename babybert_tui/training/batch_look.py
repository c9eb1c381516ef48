"""A batch as a person reads it: what was hidden, and what the model guesses before and after it learns from it."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from babybert_tui.pretraining.masking import FATE_NAMES

if TYPE_CHECKING:
    from babybert_tui.pretraining.batches import Batch
    from babybert_tui.training.session import TrainingSession


@dataclass(frozen=True)
class Guess:
    """What the model says at one selected position."""

    token: str  # its first choice
    probability: float  # of the original


@dataclass(frozen=True)
class Target:
    """A selected token."""

    position: int
    original: str
    shown: str  # what the model is given
    fate: str  # "mask", "random" or "kept"
    guess: Guess | None = None
    after: Guess | None = None  # the same question after the update


@dataclass(frozen=True)
class Row:
    """One example of a batch, without its padding."""

    tokens: tuple[str, ...]  # as the model is given them
    segments: tuple[int, ...]
    targets: tuple[Target, ...]
    label: int  # 0 where B follows A
    is_pair: bool
    follows: float | None = None  # P(B follows A)
    follows_after: float | None = None


@dataclass(frozen=True)
class BatchLook:
    """The first rows of the batch of update `step`, and the whole batch's figures before it."""

    step: int
    rows: tuple[Row, ...]
    examples: int
    mlm_loss: float
    mlm_accuracy: float
    nsp_loss: float | None


def read_rows(batch: "Batch", pieces: list[str], count: int) -> tuple[Row, ...]:
    """The first `count` rows of a batch, without any guess."""
    inputs, segments = batch.input_ids.numpy(), batch.segment_ids.numpy()
    real = np.ones(inputs.shape, dtype=bool) if batch.attention_mask is None else batch.attention_mask.numpy()
    rows = []
    for row in range(min(count, len(inputs))):
        length = int(real[row].sum())
        tokens = tuple(pieces[number] for number in inputs[row, :length])
        targets = tuple(
            Target(int(at), pieces[batch.original_ids[row, at]], tokens[at], FATE_NAMES[int(batch.fates[row, at])])
            for at in np.flatnonzero(batch.fates[row, :length])
        )
        own = segments[row, :length]
        rows.append(Row(tokens, tuple(own.tolist()), targets, int(batch.labels[row]), bool(own.any())))
    return tuple(rows)


def look_before(session: "TrainingSession", step: int, count: int) -> BatchLook:
    """What the model makes of the batch of the coming update. For the training thread."""
    batch = session.data[step][0]
    bare = read_rows(batch, session.vocabulary.pieces, count)
    found = _ask(session, batch)
    rows = tuple(
        replace(
            row,
            targets=tuple(replace(target, guess=found.guesses[number, target.position]) for target in row.targets),
            follows=found.follows[number] if found.follows else None,
        )
        for number, row in enumerate(bare)
    )
    return BatchLook(step, rows, len(batch.labels), found.mlm_loss, found.mlm_accuracy, found.nsp_loss)


def look_after(session: "TrainingSession", before: BatchLook) -> BatchLook:
    """The same with the model's answers after the update."""
    found = _ask(session, session.data[before.step][0])
    rows = tuple(
        replace(
            row,
            targets=tuple(replace(target, after=found.guesses[number, target.position]) for target in row.targets),
            follows_after=found.follows[number] if found.follows else None,
        )
        for number, row in enumerate(before.rows)
    )
    return replace(before, rows=rows)


@dataclass(frozen=True)
class _Answers:
    guesses: dict[tuple[int, int], Guess]  # by row and position
    follows: list[float]
    mlm_loss: float
    mlm_accuracy: float
    nsp_loss: float | None


def _ask(session: "TrainingSession", batch: "Batch") -> _Answers:
    import torch
    from torch.nn import functional

    on_device = batch.to(session.machine.device)
    with torch.no_grad():
        output = session.model(
            on_device.input_ids,
            on_device.segment_ids,
            on_device.attention_mask,
            positions=on_device.positions,
            selected=on_device.selected,
        )
        assert output.mlm_logits is not None
        logs = functional.log_softmax(output.mlm_logits.float(), dim=-1).cpu()  # (N, V)
        judged = None if output.nsp_logits is None else functional.softmax(output.nsp_logits.float(), dim=-1).cpu()
    own = logs[torch.arange(len(logs)), batch.targets]  # (N,)
    first = logs.argmax(dim=-1)
    pieces = session.vocabulary.pieces
    places = np.argwhere(batch.fates != 0).tolist()  # in the order of the targets: row by row, left to right
    guesses = {
        (row, position): Guess(pieces[number], math.exp(log))
        for (row, position), number, log in zip(places, first.tolist(), own.tolist(), strict=True)
    }
    with_pairs = judged is not None and session.settings_at(session.step + 1).sentence_objective != "none"
    nsp_loss = None
    if with_pairs and judged is not None:
        nsp_loss = float(-judged[torch.arange(len(judged)), batch.labels].log().mean())
    return _Answers(
        guesses,
        judged[:, 0].tolist() if with_pairs and judged is not None else [],
        float(-own.mean()),
        float((first == batch.targets).float().mean()),
        nsp_loss,
    )
