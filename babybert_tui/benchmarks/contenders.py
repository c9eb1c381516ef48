"""The two sides, each as it trains: BabyBERT's own update, and a plain loop over `transformers.BertForPreTraining`."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from babybert_tui.benchmarks.workload import Workload
from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.pretraining.batches import Batch
from babybert_tui.pretraining.masking import NOT_SELECTED
from babybert_tui.training.gradients import Gradients
from babybert_tui.training.optimization import Optimization, clip_gradients
from babybert_tui.weights import from_hugging_face, hugging_face_state

_NO_TARGET = -100  # what Hugging Face's loss passes over


class Contender(ABC):
    """Somebody who trains.

    Attributes:
        side: "ours" or "hugging-face".
        precision: "fp32" or "bf16".
        draws_its_batches: Whether making the batches counts as its work.
    """

    side: str
    draws_its_batches: bool

    def __init__(self, precision: str) -> None:
        self.precision = precision

    @property
    @abstractmethod
    def label(self) -> str:
        """What a person calls it."""

    @abstractmethod
    def learn(self, batch: Batch, step: int, learning_rate: float) -> float:
        """One update of the weights; returns the loss before it, in nats: MLM and NSP, means over targets and pairs."""


class Ours(Contender):
    """The update of a training session: gradients, clipping, optimizer, and the figures that it logs."""

    side, draws_its_batches = "ours", True

    def __init__(self, workload: Workload, precision: str) -> None:
        super().__init__(precision)
        self.model = workload.model()
        self._settings = workload.settings
        self._gradients = Gradients(self.model, precision)
        self._optimization = Optimization(self.model, workload.settings)

    @property
    def label(self) -> str:
        """With the precision."""
        return f"BabyBERT, {self.precision}"

    def learn(self, batch: Batch, step: int, learning_rate: float) -> float:
        """Draws dropout for `step`."""
        losses = self._gradients.update([batch], self._settings, step)
        clip_gradients(self.model, self._settings.gradient_clip)
        self._optimization.step(learning_rate)
        return losses.mlm_loss + self._settings.sentence_weight * (losses.nsp_loss or 0.0)


class HuggingFace(Contender):
    """`BertForPreTraining` with its default settings and `torch.optim.AdamW` with its own, in a plain loop.

    What it computes is its own choice: attention as the library picks it, logits at all positions, its own loss. In
    bf16 the forward pass runs under torch's autocast. Its batches are made for it beforehand.
    """

    side, draws_its_batches = "hugging-face", False

    def __init__(self, workload: Workload, precision: str) -> None:
        super().__init__(precision)
        torch.manual_seed(workload.settings.seed)
        self._pad_id = workload.pad_id
        self._clip = workload.settings.gradient_clip
        self.model = hugging_face_model(workload.model())
        self._optimizer = torch.optim.AdamW(self.model.parameters())

    @property
    def label(self) -> str:
        """With the precision."""
        return f"Hugging Face, {'bf16 autocast' if self.precision == 'bf16' else self.precision}"

    def learn(self, batch: Batch, step: int, learning_rate: float) -> float:  # noqa: ARG002 - ours draws by the step
        """Draws dropout from torch's own generator."""
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        with torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16"):
            loss: Tensor = self.model(**hugging_face_inputs(batch, self._pad_id)).loss
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._clip > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self._clip)
        self._optimizer.step()
        return loss.item()

    def as_ours(self, shape: BertConfig) -> BabyBert:
        """Its weights in a BabyBERT, which computes the same: so both are judged by one evaluation."""
        model, ours = BabyBert(shape), dict[str, Tensor]()
        for name, value in self.model.state_dict().items():
            if ".decoder." not in name and not name.endswith("position_ids"):
                ours[from_hugging_face(name)] = value
        model.load_state_dict(ours)
        return model


def hugging_face_model(model: BabyBert) -> Any:
    """A `BertForPreTraining` with the weights of `model`, set to train."""
    from transformers import BertConfig as HuggingFaceConfig
    from transformers import BertForPreTraining

    theirs = BertForPreTraining(HuggingFaceConfig(**vars(model.config)))
    state = {name: value.clone() for name, value in hugging_face_state(model).items()}
    missing, unexpected = theirs.load_state_dict(state, strict=False)
    assert not unexpected
    assert all(".decoder." in name for name in missing), missing  # tied to the word embeddings
    return theirs.train()


def hugging_face_inputs(batch: Batch, pad_id: int) -> dict[str, Tensor]:
    """The batch as a Hugging Face collator makes it: what is not a target is labelled -100."""
    real = batch.original_ids != pad_id
    labels = np.where(batch.fates != NOT_SELECTED, batch.original_ids, _NO_TARGET)
    return {
        "input_ids": batch.input_ids,
        "token_type_ids": batch.segment_ids,
        "attention_mask": torch.from_numpy(real.astype(np.int64)),
        "labels": torch.from_numpy(labels),
        "next_sentence_label": batch.labels,
    }
