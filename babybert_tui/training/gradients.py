"""The gradients of one update, and whether they can be used."""

import math
from dataclasses import dataclass

import torch

from babybert_tui.bert import BabyBert
from babybert_tui.errors import RunError
from babybert_tui.pretraining.batches import Batch, selected_count
from babybert_tui.settings import Settings
from babybert_tui.training.dropout import CounterDropout
from babybert_tui.training.fast_pass import FastPass
from babybert_tui.training.losses import padded, summed_cross_entropy, word_cross_entropy
from babybert_tui.training.precision import WorkingCopy


@dataclass(frozen=True)
class Losses:
    """What one update found, before the weights changed. Losses in nats, accuracies as fractions."""

    mlm_loss: float
    mlm_accuracy: float
    nsp_loss: float | None
    nsp_accuracy: float | None


class Gradients:
    """Forward and backward through the micro-batches of an update.

    Args:
        model: The fp32 weights, where the gradients will stand.
        precision: "fp32" or "bf16".
    """

    def __init__(self, model: BabyBert, precision: str) -> None:
        self._working = WorkingCopy(model, precision)

    @property
    def working(self) -> BabyBert:
        """The model to compute with, in the precision of the run, up to date."""
        self._working.refresh()
        return self._working.model

    def update(self, batches: list[Batch], settings: Settings, step: int) -> Losses:
        """Leaves the gradients in the fp32 parameters.

        The loss divides by what is selected in the whole update, so accumulation changes the memory and nothing else.
        """
        return self._computed(batches, settings, step, learns=True)

    @torch.no_grad()
    def foretell(self, batches: list[Batch], settings: Settings, step: int) -> Losses:
        """What `update` would find, in a third of its time."""
        return self._computed(batches, settings, step, learns=False)

    def _computed(self, batches: list[Batch], settings: Settings, step: int, *, learns: bool) -> Losses:
        selected, pairs = max(1, selected_count(batches)), sum(len(batch.labels) for batch in batches)
        with_pairs = settings.sentence_objective != "none"
        mlm_loss = nsp_loss = 0.0
        mlm_right = nsp_right = 0
        model = self.working
        head = model.mlm_head
        assert head is not None
        is_fast = batches[0].input_ids.device.type == "cpu" and model.config.hidden_act == "gelu"
        for part, batch in enumerate(batches):
            dropout = CounterDropout(settings.seed, step, part) if settings.dropout else None
            output = model(
                batch.input_ids,
                batch.segment_ids,
                batch.attention_mask,
                positions=batch.positions,
                selected=padded(batch.selected),
                with_mlm_logits=False,
                dropout=dropout,
                passes=FastPass(dropout) if is_fast else None,
            )
            words, share = model.embeddings.word.weight, 1 / selected
            loss, right = word_cross_entropy(output.mlm_hidden, words, head.bias, batch.targets, weight=share)
            mlm_right += int(right)
            mlm_loss += float(loss.detach())
            if with_pairs:
                nsp, right = summed_cross_entropy(output.nsp_logits, batch.labels)
                nsp_right += int(right)
                nsp_loss += float(nsp.detach())
                loss = loss + settings.sentence_weight * nsp / pairs
            if learns:
                loss.backward()  # type: ignore[no-untyped-call]
                self._working.collect_gradients()
        return Losses(
            mlm_loss=mlm_loss,
            mlm_accuracy=mlm_right / selected,
            nsp_loss=nsp_loss / pairs if with_pairs else None,
            nsp_accuracy=nsp_right / pairs if with_pairs else None,
        )


def require_finite(losses: Losses, gradient_norm: float, step: int) -> None:
    """Raises RunError where the update of `step` would spoil the weights."""
    for name, value in (("MLM loss", losses.mlm_loss), ("NSP loss", losses.nsp_loss), ("gradient", gradient_norm)):
        if value is not None and not math.isfinite(value):
            raise RunError(
                f"The {name} is not finite ({value}) at step {step}; the weights of step {step - 1} were not touched.",
                "Try a lower --learning-rate.",
            )
