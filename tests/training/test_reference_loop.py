"""A plain loop over `transformers.BertForPreTraining` walks the same way down."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig as HuggingFaceConfig
from transformers import BertForPreTraining

from babybert_tui.pretraining.batches import Batch
from babybert_tui.training.events import Stepped
from babybert_tui.training.gradients import Gradients
from babybert_tui.training.session import TrainingSession
from babybert_tui.weights import hugging_face_state, to_hugging_face
from training.small_runs import opened, small_settings

pytestmark = pytest.mark.usefixtures("one_thread")

STEPS, WARMUP, PEAK, DECAY, CLIP = 50, 10, 5e-3, 0.1, 1.0
SETTINGS: dict[str, Any] = {
    "dropout": 0.0,
    "optimizer": "adamw",
    "learning_rate": PEAK,
    "warmup_steps": WARMUP,
    "weight_decay": DECAY,
    "gradient_clip": CLIP,
    "max_steps": STEPS,
    "num_heads": 4,
    "intermediate_size": 40,
}


def reference_of(session: TrainingSession) -> BertForPreTraining:
    """A Hugging Face model with the session's weights."""
    shape = session.model.config
    config = HuggingFaceConfig(
        vocab_size=shape.vocab_size,
        hidden_size=shape.hidden_size,
        num_hidden_layers=shape.num_hidden_layers,
        num_attention_heads=shape.num_attention_heads,
        intermediate_size=shape.intermediate_size,
        max_position_embeddings=shape.max_position_embeddings,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
    )
    model = BertForPreTraining(config)
    state = {name: value.clone() for name, value in hugging_face_state(session.model).items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected
    assert all(".decoder." in name for name in missing)
    return model.train()


def reference_losses(model: BertForPreTraining, batches: list[Batch]) -> tuple[Tensor, Tensor]:
    """Mean MLM loss over the targets of the update, mean NSP loss over its pairs; labels made of nothing but fates."""
    mlm, nsp = [], []
    for batch in batches:
        real = batch.original_ids != 0
        output = model(
            input_ids=batch.input_ids,
            token_type_ids=batch.segment_ids,
            attention_mask=torch.from_numpy(real.astype(np.int64)),
        )
        labels = torch.from_numpy(np.where(batch.fates > 0, batch.original_ids, -100))
        logits = output.prediction_logits.flatten(0, 1)
        mlm.append(functional.cross_entropy(logits, labels.flatten(), ignore_index=-100, reduction="none"))
        mlm[-1] = mlm[-1][labels.flatten() != -100]
        nsp.append(functional.cross_entropy(output.seq_relationship_logits, batch.labels, reduction="none"))
    return torch.cat(mlm).mean(), torch.cat(nsp).mean()


@pytest.mark.slow
@pytest.mark.parametrize("accumulation", [1, 3])
def test_the_loss_curve_is_followed_for_50_steps(accumulation: int, corpus: Path, tmp_path: Path) -> None:
    settings = small_settings(corpus, **SETTINGS, gradient_accumulation=accumulation)
    with opened(settings, tmp_path) as session:
        model = reference_of(session)
        updates = [session.data[step] for step in range(1, STEPS + 1)]
        ours = [event for event in session.events() if isinstance(event, Stepped)]
        trained = hugging_face_state(session.model)

    plain = ("bias", "LayerNorm.weight")
    named = list(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for name, p in named if not name.endswith(plain)], "weight_decay": DECAY},
            {"params": [p for name, p in named if name.endswith(plain)], "weight_decay": 0.0},
        ],
        eps=1e-6,
    )
    theirs = []
    for step, batches in enumerate(updates, start=1):
        for group in optimizer.param_groups:
            group["lr"] = PEAK * (step / WARMUP if step <= WARMUP else (STEPS + 1 - step) / (STEPS + 1 - WARMUP))
        mlm, nsp = reference_losses(model, batches)
        optimizer.zero_grad()
        (mlm + nsp).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        theirs.append((mlm.item() + nsp.item(), mlm.item(), nsp.item()))

    assert len(ours) == STEPS
    for event, (loss, mlm_loss, nsp_loss) in zip(ours, theirs, strict=True):
        assert event.mlm_loss == pytest.approx(mlm_loss, abs=1e-3)
        assert event.nsp_loss == pytest.approx(nsp_loss, abs=1e-3)
        assert event.loss == pytest.approx(loss, abs=1e-3)
    assert ours[-1].loss < ours[0].loss - 0.5  # it went somewhere
    for name, parameter in named:
        assert (trained[name] - parameter).norm() < 1e-2 * parameter.norm() + 1e-4, name


def rows_of(batch: Batch, first: int, end: int) -> Batch:
    """Some rows of a batch, as a batch."""
    width = batch.positions.shape[1]
    inside = (batch.selected >= first * width) & (batch.selected < end * width)
    rows = slice(first, end)
    return Batch(
        input_ids=batch.input_ids[rows],
        segment_ids=batch.segment_ids[rows],
        attention_mask=None if batch.attention_mask is None else batch.attention_mask[rows],
        positions=batch.positions[rows],
        selected=batch.selected[inside] - first * width,
        targets=batch.targets[inside],
        labels=batch.labels[rows],
        fates=batch.fates[rows],
        original_ids=batch.original_ids[rows],
        tokens=int((batch.original_ids[rows] != 0).sum()),
    )


@pytest.mark.parametrize("sizes", [(16, 16), (1, 31), (8, 8, 16)])
def test_accumulating_is_the_same_as_one_large_batch(sizes: tuple[int, ...], corpus: Path, tmp_path: Path) -> None:
    """Also with parts of unequal numbers of targets: the loss divides by those of the whole update."""
    settings = small_settings(corpus, **SETTINGS, batch_size=32)
    with opened(settings, tmp_path) as session:
        (whole,) = session.data[1]
        both = Gradients(session.model, "fp32")
        ends = np.cumsum(sizes).tolist()
        parts = [rows_of(whole, end - size, end) for size, end in zip(sizes, ends, strict=True)]
        found = []
        for batches in ([whole], parts):
            losses = both.update(batches, settings, 1)
            found.append((losses, {name: p.grad.clone() for name, p in session.model.named_parameters()}))
            session.model.zero_grad()
        (one, gradients), (other, other_gradients) = found
        mlm, nsp = reference_losses(model := reference_of(session), [whole])
        (mlm + settings.sentence_weight * nsp).backward()
        expected = {name: parameter.grad for name, parameter in model.named_parameters()}
    assert vars(other) == pytest.approx(vars(one), rel=1e-5)
    assert one.mlm_loss == pytest.approx(mlm.item(), rel=1e-5)
    for name, gradient in gradients.items():
        torch.testing.assert_close(other_gradients[name], gradient, rtol=1e-3, atol=1e-7)
        torch.testing.assert_close(expected[to_hugging_face(name)], gradient, rtol=1e-3, atol=1e-6)
