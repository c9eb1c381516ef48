"""Heads switched off, and what that does to predictions and losses.

Michel et al. 2019, "Are Sixteen Heads Really Better than One?", section 3: a head's output is replaced by zeros, and
the rest of the model stays as it is.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from babybert_tui.bert import BabyBert
from babybert_tui.inspection.forward_pass import Head, run
from babybert_tui.inspection.predictions import predictions_at, probability_of_next
from babybert_tui.inspection.trace import NOT_A_TARGET, Candidate, Prediction, Trace

if TYPE_CHECKING:
    from transformers import BertTokenizer


@dataclass(frozen=True)
class Outcome:
    """What the two heads of a model say about one input, and how wrong they are, in nats."""

    mlm_loss: float | None  # mean -ln p(original) over the masked positions; None: no original is known, or no head
    nsp_loss: float | None  # -ln p of the class that holds; None: no pair, no head, or it is unknown which holds
    is_next: float | None  # P(B follows A)
    predictions: tuple[Prediction, ...]  # at the masked positions


@dataclass(frozen=True)
class TopChange:
    """A masked position whose first guess is another one with the heads off."""

    position: int
    original: str | None
    before: Candidate
    after: Candidate


@dataclass(frozen=True)
class Ablation:
    """One input with and without some heads."""

    heads_off: tuple[Head, ...]
    before: Outcome  # with the trace's own heads
    after: Outcome  # with `heads_off` silenced beside those that the trace had silenced already
    changes: tuple[TopChange, ...]

    @property
    def mlm_loss_change(self) -> float | None:
        """By how much the MLM loss rose; None where there is none."""
        return _difference(self.before.mlm_loss, self.after.mlm_loss)

    @property
    def nsp_loss_change(self) -> float | None:
        """By how much the NSP loss rose; None where there is none."""
        return _difference(self.before.nsp_loss, self.after.nsp_loss)


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def switch_off(
    model: BabyBert,
    tokenizer: "BertTokenizer",
    trace: Trace,
    heads_off: Collection[Head],
    *,
    follows: bool | None = None,
    top_k: int = 5,
) -> Ablation:
    """Runs the input of a trace again, as it was and without some heads.

    Args:
        model: The model that the trace was made with.
        tokenizer: Names the tokens.
        trace: Its ids, segments, labels and masked positions are used. It must have been asked for predictions, or it
            is taken to have no pair.
        heads_off: As (layer, head), both from 1.
        follows: Whether B does follow A, for the NSP loss; None where nobody knows.
        top_k: Candidates for each prediction, at least 1.

    Raises:
        RequestError: There is no such head.
    """
    silent_before = tuple(trace.heads_off)
    silent_after = tuple(dict.fromkeys([*silent_before, *heads_off]))
    before, after = (
        _outcome(model, tokenizer, trace, silent, follows=follows, top_k=top_k)
        for silent in (silent_before, silent_after)
    )
    changes = tuple(
        TopChange(old.position, old.original, old.top[0], new.top[0])
        for old, new in zip(before.predictions, after.predictions, strict=True)
        if old.top[0].token != new.top[0].token
    )
    return Ablation(tuple(heads_off), before, after, changes)


def _outcome(
    model: BabyBert,
    tokenizer: "BertTokenizer",
    trace: Trace,
    heads_off: tuple[Head, ...],
    *,
    follows: bool | None,
    top_k: int,
) -> Outcome:
    positions = [masked.position for masked in trace.masked]
    labels = np.full(len(trace.ids), NOT_A_TARGET) if trace.labels is None else trace.labels
    forward_pass = run(model, trace.ids, trace.segments, selected=positions, heads_off=heads_off)
    mlm_logits, nsp_logits = forward_pass.output.mlm_logits, forward_pass.output.nsp_logits
    if trace.is_next is None:  # no pair, or a head that nobody trained
        nsp_logits = None
    return Outcome(
        mlm_loss=None if mlm_logits is None else _mlm_loss(mlm_logits, labels[positions]),
        nsp_loss=None if nsp_logits is None or follows is None else _nsp_loss(nsp_logits, follows=follows),
        is_next=None if nsp_logits is None else probability_of_next(nsp_logits),
        predictions=() if mlm_logits is None else predictions_at(mlm_logits, positions, labels, tokenizer, top_k),
    )


def _mlm_loss(logits: Tensor, labels: NDArray[np.int64]) -> float | None:
    """(masked, V) and (masked,) to the mean over those whose original is known; None where there is none."""
    if (labels == NOT_A_TARGET).all():
        return None
    targets = torch.from_numpy(labels).to(logits.device)
    return float(functional.cross_entropy(logits.float(), targets, ignore_index=NOT_A_TARGET))


def _nsp_loss(logits: Tensor, *, follows: bool) -> float:
    return float(-torch.log_softmax(logits.float(), dim=-1)[0, 0 if follows else 1])
