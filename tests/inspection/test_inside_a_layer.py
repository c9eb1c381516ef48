"""Scores, the arithmetic of a cell, and the norms of what is handed over, against the weights of `transformers`."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining

from babybert_tui.errors import RequestError
from babybert_tui.inspection.cell_arithmetic import cell_arithmetic
from babybert_tui.inspection.checkpoint import Inspectable
from babybert_tui.inspection.forward_pass import ForwardPass, attention_scores, attention_weights, run
from babybert_tui.inspection.trace import Floats, Trace
from babybert_tui.inspection.tracing import trace
from babybert_tui.inspection.value_norms import transformed_values, weighted_value_norms

LAYER, HEAD, QUERY, KEY = 2, 3, 5, 1
WIDTH = 8  # of a head


@pytest.fixture(scope="module")
def found(inspectable: Inspectable) -> Trace:
    return trace(inspectable.model, inspectable.tokenizer, "anna gave the apple", "he ate it", masks=[3])


@pytest.fixture(scope="module")
def forward_pass(inspectable: Inspectable, found: Trace) -> ForwardPass:
    return run(inspectable.model, found.ids, found.segments, record=True)


@pytest.fixture(scope="module")
def layer_input(reference: BertForPreTraining, found: Trace) -> Floats:
    """(n, H): what enters layer LAYER."""
    ids, segments = torch.from_numpy(found.ids)[None], torch.from_numpy(found.segments)[None]
    with torch.no_grad():
        hidden = reference(ids, token_type_ids=segments, output_hidden_states=True).hidden_states[LAYER - 1]
    array: Floats = hidden[0].numpy()
    return array


def projection(reference: BertForPreTraining, name: str) -> tuple[Floats, Floats]:
    """W (H, D) and b (D,) of HEAD in LAYER."""
    linear: Any = getattr(reference.bert.encoder.layer[LAYER - 1].attention.self, name)
    rows = slice((HEAD - 1) * WIDTH, HEAD * WIDTH)
    return linear.weight.detach().numpy()[rows].T, linear.bias.detach().numpy()[rows]


def test_scores_are_what_the_softmax_is_taken_of(forward_pass: ForwardPass) -> None:
    scores = attention_scores(forward_pass, [1, 2, 3], [1, 4]).astype(np.float64)
    exponentials = np.exp(scores)
    expected = exponentials / exponentials.sum(-1, keepdims=True)
    np.testing.assert_allclose(attention_weights(forward_pass, [1, 2, 3], [1, 4]), expected, atol=1e-6)


def test_every_number_of_a_cell_follows_from_the_weights(
    inspectable: Inspectable,
    reference: BertForPreTraining,
    found: Trace,
    forward_pass: ForwardPass,
    layer_input: Floats,
) -> None:
    cell = cell_arithmetic(
        inspectable.model, forward_pass, layer=LAYER, head=HEAD, query_position=QUERY, key_position=KEY
    )
    query, key, value = (
        layer_input @ weight + bias
        for weight, bias in (projection(reference, name) for name in ("query", "key", "value"))
    )  # (n, D) each
    q, k = [float(x) for x in query[QUERY]], [float(x) for x in key[KEY]]
    dot = sum(a * b for a, b in zip(q, k, strict=True))
    scores = [float(query[QUERY] @ row) / math.sqrt(WIDTH) for row in key]
    exponentials = [math.exp(score - max(scores)) for score in scores]
    alpha = exponentials[KEY] / sum(exponentials)

    near: Any = {"abs": 1e-5, "rel": 1e-4}
    assert cell.query.tolist() == pytest.approx(q, **near)
    assert cell.key.tolist() == pytest.approx(k, **near)
    assert cell.products.tolist() == pytest.approx([a * b for a, b in zip(q, k, strict=True)], **near)
    assert cell.dot == pytest.approx(dot, **near)
    assert cell.root == math.sqrt(WIDTH)
    assert cell.score == pytest.approx(dot / math.sqrt(WIDTH), **near)
    assert cell.scores.tolist() == pytest.approx(scores, **near)
    assert cell.largest_score == pytest.approx(max(scores), **near)
    assert cell.exponential == pytest.approx(exponentials[KEY], **near)
    assert cell.denominator == pytest.approx(sum(exponentials), **near)
    assert cell.weight == pytest.approx(alpha, **near)
    assert cell.weight == pytest.approx(float(found.map(LAYER, HEAD)[QUERY, KEY]), abs=1e-6)
    assert cell.weighted_value.tolist() == pytest.approx((alpha * value[KEY]).tolist(), **near)
    expected_context = sum(e / sum(exponentials) * row for e, row in zip(exponentials, value, strict=True))
    assert cell.context.tolist() == pytest.approx(expected_context.tolist(), **near)


def test_the_arithmetic_of_a_cell_that_is_not_there_is_refused(
    inspectable: Inspectable, forward_pass: ForwardPass
) -> None:
    with pytest.raises(RequestError, match="There is no head 9"):
        cell_arithmetic(inspectable.model, forward_pass, layer=1, head=9, query_position=0, key_position=0)
    with pytest.raises(IndexError):
        cell_arithmetic(inspectable.model, forward_pass, layer=1, head=1, query_position=0, key_position=99)


def test_a_forward_pass_that_was_not_recorded_says_so(inspectable: Inspectable, found: Trace) -> None:
    unrecorded = run(inspectable.model, found.ids, found.segments)
    with pytest.raises(ValueError, match="not recorded"):
        attention_scores(unrecorded, [1], [1])


def test_norms_are_those_of_the_vectors_written_out(
    inspectable: Inspectable,
    reference: BertForPreTraining,
    found: Trace,
    forward_pass: ForwardPass,
    layer_input: Floats,
) -> None:
    weight, bias = projection(reference, "value")
    output: Any = reference.bert.encoder.layer[LAYER - 1].attention.output.dense
    columns = slice((HEAD - 1) * WIDTH, HEAD * WIDTH)
    transformed = (layer_input @ weight + bias) @ output.weight.detach().numpy()[:, columns].T  # (n, H)
    vectors = found.map(LAYER, HEAD)[:, :, None] * transformed[None]  # (query, key, H)
    norms = weighted_value_norms(inspectable.model, forward_pass, [LAYER], [HEAD])
    np.testing.assert_allclose(norms[0, 0], np.linalg.norm(vectors, axis=-1), rtol=1e-4, atol=1e-5)
    cell = cell_arithmetic(
        inspectable.model, forward_pass, layer=LAYER, head=HEAD, query_position=QUERY, key_position=KEY
    )
    assert cell.contribution_norm == pytest.approx(float(norms[0, 0, QUERY, KEY]), rel=1e-4)


def test_the_vectors_behind_the_norms_add_up_to_the_layers_attention_output(
    inspectable: Inspectable,
    reference: BertForPreTraining,
    found: Trace,
    forward_pass: ForwardPass,
    layer_input: Floats,
) -> None:
    output: Any = reference.bert.encoder.layer[LAYER - 1].attention.output.dense
    summed = output.bias.detach().numpy() + layer_input
    for head in range(1, 5):
        summed = summed + found.map(LAYER, head) @ transformed_values(inspectable.model, forward_pass, LAYER, head)
    residual = forward_pass.layer(LAYER).attention_residual[0].numpy()
    np.testing.assert_allclose(summed, residual, rtol=1e-4, atol=1e-5)
