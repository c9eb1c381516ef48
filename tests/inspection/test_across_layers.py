"""Rollout by hand, and the logit lens against the masked-LM head of `transformers`."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertForPreTraining

from babybert_tui.errors import RequestError
from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable
from babybert_tui.inspection.forward_pass import run
from babybert_tui.inspection.logit_lens import logit_lens
from babybert_tui.inspection.rollout import rollout
from babybert_tui.inspection.tracing import trace


def test_rollout_by_hand() -> None:
    first = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]  # two heads, mean [[.5, .5], [.5, .5]]
    second = [[[0.2, 0.8], [0.6, 0.4]], [[0.4, 0.6], [0.2, 0.8]]]  # mean [[.3, .7], [.4, .6]]
    found = rollout(np.array([first, second], dtype=np.float32))
    # half of each and half of the identity: [[.75, .25], [.25, .75]] and [[.65, .35], [.2, .8]]
    np.testing.assert_allclose(found[0], [[0.75, 0.25], [0.25, 0.75]], atol=1e-6)
    expected = [
        [0.65 * 0.75 + 0.35 * 0.25, 0.65 * 0.25 + 0.35 * 0.75],
        [0.2 * 0.75 + 0.8 * 0.25, 0.2 * 0.25 + 0.8 * 0.75],
    ]
    np.testing.assert_allclose(found[1], expected, atol=1e-6)


def test_rollout_of_a_model_sums_to_one(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, "anna gave the apple", "he ate it")
    assert found.attention is not None
    rolled = rollout(found.attention)
    assert rolled.shape == (3, len(found.tokens), len(found.tokens))
    np.testing.assert_allclose(rolled.sum(-1), 1, atol=1e-6)
    assert (rolled >= 0).all()


def test_the_lens_is_the_masked_lm_head_on_every_layer(inspectable: Inspectable, reference: BertForPreTraining) -> None:
    model, tokenizer, _ = inspectable
    found = trace(model, tokenizer, "anna gave the apple", "he ate it", masks=[2, 6])
    assert found.labels is not None
    forward_pass = run(model, found.ids, found.segments, record=True)
    lens = logit_lens(model, forward_pass, [2, 6], found.labels, tokenizer, top_k=3)
    ids, segments = torch.from_numpy(found.ids)[None], torch.from_numpy(found.segments)[None]
    with torch.no_grad():
        hidden = reference(ids, token_type_ids=segments, output_hidden_states=True).hidden_states
        expected = [reference.cls.predictions(one)[0].softmax(-1) for one in hidden]
    assert [layer.layer for layer in lens] == [0, 1, 2, 3]
    for layer, probabilities in zip(lens, expected, strict=True):
        for prediction in layer.predictions:
            row = probabilities[prediction.position]
            assert [one.probability for one in prediction.top] == pytest.approx(row.topk(3).values.tolist(), abs=1e-5)
            target = int(found.labels[prediction.position])
            assert prediction.probability == pytest.approx(float(row[target]), abs=1e-5)
    assert found.predictions is not None
    assert [one.top[0].token for one in lens[-1].predictions] == [one.top[0].token for one in found.predictions]


def test_the_lens_needs_a_masked_lm_head(encoder_directory: Path) -> None:
    model, tokenizer, _ = load_inspectable(encoder_directory)
    found = trace(model, tokenizer, "anna")
    assert found.labels is not None
    forward_pass = run(model, found.ids, found.segments, record=True)
    with pytest.raises(RequestError, match="masked-LM head"):
        logit_lens(model, forward_pass, [1], found.labels, tokenizer)
