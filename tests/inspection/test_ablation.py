"""Heads off: the same as zeroing their output in `transformers`, and losses as `transformers` computes them."""

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining

from babybert_tui.errors import RequestError
from babybert_tui.inspection.ablation import switch_off
from babybert_tui.inspection.checkpoint import Inspectable
from babybert_tui.inspection.trace import Trace
from babybert_tui.inspection.tracing import trace

WIDTH = 8  # of a head
TEXTS = ("anna gave the apple to ben .", "he ate it .")
OFF = [(1, 2), (3, 4), (2, 1)]


@contextmanager
def silenced(reference: BertForPreTraining, heads: Collection[tuple[int, int]]) -> Iterator[None]:
    """Zeroes what the heads hand to the output projection."""

    def hook_for(layer: int) -> Any:
        def hook(_: Any, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor]:
            context = inputs[0].clone()
            for number, head in heads:
                if number == layer:
                    context[..., (head - 1) * WIDTH : head * WIDTH] = 0
            return (context,)

        return hook

    layers: Any = reference.bert.encoder.layer
    handles = [
        layers[number].attention.output.dense.register_forward_pre_hook(hook_for(number + 1)) for number in range(3)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def expected_outcome(reference: BertForPreTraining, found: Trace, *, follows: bool) -> tuple[float, float, float]:
    """MLM loss, NSP loss and P(B follows A)."""
    assert found.labels is not None
    labels = torch.from_numpy(found.labels)[None]
    with torch.no_grad():
        output = reference(torch.from_numpy(found.ids)[None], token_type_ids=torch.from_numpy(found.segments)[None])
    mlm_loss = torch.nn.functional.cross_entropy(output.prediction_logits[0], labels[0])
    nsp_loss = torch.nn.functional.cross_entropy(output.seq_relationship_logits, torch.tensor([0 if follows else 1]))
    return float(mlm_loss), float(nsp_loss), float(output.seq_relationship_logits.softmax(-1)[0, 0])


@pytest.mark.parametrize("follows", [True, False])
def test_losses_before_and_after_are_those_of_transformers(
    inspectable: Inspectable, reference: BertForPreTraining, follows: bool
) -> None:
    model, tokenizer, _ = inspectable
    found = trace(model, tokenizer, *TEXTS, masks=[2, 5, 10])
    ablation = switch_off(model, tokenizer, found, OFF, follows=follows)
    before = expected_outcome(reference, found, follows=follows)
    with silenced(reference, OFF):
        after = expected_outcome(reference, found, follows=follows)
    for outcome, expected in ((ablation.before, before), (ablation.after, after)):
        assert (outcome.mlm_loss, outcome.nsp_loss, outcome.is_next) == pytest.approx(expected, abs=1e-5)
    assert ablation.mlm_loss_change == pytest.approx(after[0] - before[0], abs=1e-5)
    assert ablation.nsp_loss_change == pytest.approx(after[1] - before[1], abs=1e-5)
    assert abs(after[0] - before[0]) > 0.01


def test_changes_name_the_first_guesses_that_differ(inspectable: Inspectable) -> None:
    model, tokenizer, _ = inspectable
    everything = [(layer, head) for layer in (1, 2, 3) for head in (1, 2, 3, 4)]
    found = trace(model, tokenizer, *TEXTS, masks=[2, 5, 10])
    ablation = switch_off(model, tokenizer, found, everything)
    silent = trace(model, tokenizer, *TEXTS, masks=[2, 5, 10], heads_off=everything)
    assert found.predictions is not None
    assert silent.predictions is not None
    differing = [
        (old.position, old.original, old.top[0].token, new.top[0].token)
        for old, new in zip(found.predictions, silent.predictions, strict=True)
        if old.top[0].token != new.top[0].token
    ]
    assert [(one.position, one.original, one.before.token, one.after.token) for one in ablation.changes] == differing
    assert differing
    assert ablation.after.predictions == silent.predictions


def test_heads_that_were_off_already_stay_off(inspectable: Inspectable) -> None:
    model, tokenizer, _ = inspectable
    found = trace(model, tokenizer, *TEXTS, masks=[2], heads_off=[(1, 1)])
    assert found.heads_off == ((1, 1),)
    ablation = switch_off(model, tokenizer, found, [(2, 2)])
    both = trace(model, tokenizer, *TEXTS, masks=[2], heads_off=[(1, 1), (2, 2)])
    assert ablation.before.predictions == found.predictions
    assert ablation.after.predictions == both.predictions


def test_a_silent_head_still_attends(inspectable: Inspectable) -> None:
    model, tokenizer, _ = inspectable
    whole, silent = (trace(model, tokenizer, *TEXTS, heads_off=off) for off in ([], [(1, 1)]))
    np.testing.assert_array_equal(whole.map(1, 1), silent.map(1, 1))
    assert not np.allclose(whole.map(2, 1), silent.map(2, 1), atol=1e-3)


def test_what_nobody_knows_has_no_loss(inspectable: Inspectable) -> None:
    model, tokenizer, _ = inspectable
    pair = switch_off(model, tokenizer, trace(model, tokenizer, *TEXTS), [(1, 1)])
    assert pair.before.mlm_loss is pair.mlm_loss_change is pair.nsp_loss_change is None
    assert pair.before.is_next is not None
    alone = switch_off(model, tokenizer, trace(model, tokenizer, "anna [MASK] it"), [(1, 1)], follows=True)
    assert alone.before.nsp_loss is alone.before.mlm_loss is alone.before.is_next is None
    assert len(alone.before.predictions) == 1


def test_a_typed_mask_counts_in_no_loss(inspectable: Inspectable) -> None:
    model, tokenizer, _ = inspectable
    found = trace(model, tokenizer, "anna [MASK] the apple", masks=[3])
    ablation = switch_off(model, tokenizer, found, [(1, 1)])
    assert found.predictions is not None
    probability = found.predictions[1].probability
    assert probability is not None
    assert ablation.before.mlm_loss == pytest.approx(-math.log(probability), abs=1e-5)


@pytest.mark.parametrize("head", [(0, 1), (4, 1), (1, 5), (1, 0)])
def test_a_head_that_is_not_there_cannot_be_switched_off(inspectable: Inspectable, head: tuple[int, int]) -> None:
    model, tokenizer, _ = inspectable
    with pytest.raises(RequestError, match="There is no"):
        trace(model, tokenizer, *TEXTS, heads_off=[head])
