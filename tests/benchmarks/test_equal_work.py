"""Both sides of the comparison do the same: the same batches, the same loss, the same way down."""

from dataclasses import replace
from itertools import islice

import pytest
import torch

from babybert_tui.benchmarks.contenders import HuggingFace, Ours, hugging_face_inputs
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.pretraining.batches import Batch

pytestmark = pytest.mark.usefixtures("one_thread")


def first_batches(workload: Workload, count: int) -> list[Batch]:
    return [batch for (batch,) in islice(workload.updates(), count)]


def test_both_sides_take_the_same_batches(workload: Workload) -> None:
    for one, other in zip(first_batches(workload, 3), first_batches(workload, 3), strict=True):
        assert torch.equal(one.input_ids, other.input_ids)
        theirs = hugging_face_inputs(other, workload.pad_id)
        assert torch.equal(theirs["input_ids"], one.input_ids)
        assert torch.equal(theirs["labels"][theirs["labels"] != -100], one.targets)
        assert theirs["attention_mask"].sum() == one.tokens


def test_without_dropout_both_find_the_same_losses_for_several_updates(workload: Workload) -> None:
    # Their AdamW has another epsilon and decays biases too: as good as nothing at this rate.
    ours, theirs = Ours(workload, "fp32"), HuggingFace(workload, "fp32")
    for step, batch in enumerate(first_batches(workload, 6), start=1):
        assert ours.learn(batch, step, 1e-3) == pytest.approx(theirs.learn(batch, step, 1e-3), rel=1e-4)


def test_bf16_finds_about_the_same_loss_on_both_sides(workload: Workload) -> None:
    (batch,) = first_batches(workload, 1)
    exact = Ours(workload, "fp32").learn(batch, 1, 1e-3)
    assert Ours(workload, "bf16").learn(batch, 1, 1e-3) == pytest.approx(exact, rel=0.01)
    assert HuggingFace(workload, "bf16").learn(batch, 1, 1e-3) == pytest.approx(exact, rel=0.01)


def test_their_model_has_the_dropout_that_ours_has(workload: Workload) -> None:
    dropped = replace(workload, settings=replace(workload.settings, dropout=0.25))
    config = HuggingFace(dropped, "fp32").model.config
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0.25, 0.25)
    (batch,) = first_batches(workload, 1)
    without = Ours(workload, "fp32").learn(batch, 1, 1e-3)
    for side in (Ours, HuggingFace):
        assert side(dropped, "fp32").learn(batch, 1, 1e-3) != pytest.approx(without, rel=1e-6)


def test_their_weights_come_back_as_ours(workload: Workload) -> None:
    theirs = HuggingFace(workload, "fp32")
    back = theirs.as_ours(workload.shape)
    for (name, one), other in zip(workload.model().named_parameters(), back.parameters(), strict=True):
        assert torch.equal(one, other), name
    (batch,) = first_batches(workload, 1)
    theirs.learn(batch, 1, 1e-2)
    assert not torch.equal(theirs.as_ours(workload.shape).layers[0].expand.weight, back.layers[0].expand.weight)


def test_the_model_has_as_many_rows_as_asked_for_whatever_the_text_gives(workload: Workload) -> None:
    assert len(workload.prepared.vocabulary) < 200
    assert workload.shape.vocab_size == 200
    assert len(workload.model().embeddings.word.weight) == 200
