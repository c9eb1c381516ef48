"""Attention, predictions and NSP are those of `transformers` with eager attention, to 1e-5."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertForMaskedLM, BertForPreTraining, BertTokenizer

from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable
from babybert_tui.inspection.trace import Trace
from babybert_tui.inspection.tracing import trace
from inspection.random_models import random_bert, save_model

TOLERANCE = 1e-5
TEXT_A, TEXT_B = "Anna gave the unbelievable apple to ben.", "He ate it in the garden, ben!"
INPUTS = [
    pytest.param(TEXT_A, None, None, id="one text"),
    pytest.param(TEXT_A, TEXT_B, None, id="pair"),
    pytest.param(TEXT_A, None, [1, 5], id="one text, masked"),
    pytest.param(TEXT_A, TEXT_B, [3, 12], id="pair, masked"),
    pytest.param("Anna gave the [MASK] to [MASK].", TEXT_B, None, id="typed masks"),
    pytest.param(TEXT_A, TEXT_B, "auto", id="masked as in training"),
]


def assert_equal(model: Any, tokenizer: BertTokenizer, found: Trace, texts: tuple[str, str | None]) -> None:
    encoded = tokenizer(*texts, return_tensors="pt")
    original = encoded["input_ids"][0].clone()
    assert found.segments.tolist() == encoded["token_type_ids"][0].tolist()
    encoded["input_ids"] = torch.from_numpy(found.ids)[None]
    hidden_positions = {masked.position for masked in found.masked}
    assert all(found.ids[i] == original[i] for i in range(len(original)) if i not in hidden_positions)

    with torch.no_grad():
        expected = model(**encoded, output_attentions=True)
    attention = torch.cat(expected.attentions).numpy()  # (layers, heads, n, n)
    assert found.attention is not None
    assert found.attention.dtype == np.float32
    np.testing.assert_allclose(found.attention, attention, atol=TOLERANCE)
    logits = expected["logits"] if "logits" in expected else expected["prediction_logits"]
    assert_same_predictions(found, logits[0].softmax(-1), original, tokenizer)
    if texts[1] is not None and "seq_relationship_logits" in expected:
        is_next = float(expected["seq_relationship_logits"].softmax(-1)[0, 0])
        assert found.is_next == pytest.approx(is_next, abs=TOLERANCE)


def assert_same_predictions(
    found: Trace, probabilities: torch.Tensor, original: torch.Tensor, tokenizer: BertTokenizer
) -> None:
    assert found.predictions is not None
    assert [one.position for one in found.predictions] == [masked.position for masked in found.masked]
    for prediction in found.predictions:
        row = probabilities[prediction.position]
        best = row.topk(5)
        assert [one.probability for one in prediction.top] == pytest.approx(best.values.tolist(), abs=TOLERANCE)
        assert [one.token for one in prediction.top] == tokenizer.convert_ids_to_tokens(best.indices.tolist())
        target = int(original[prediction.position])
        if target == tokenizer.mask_token_id:
            assert (prediction.original, prediction.rank, prediction.probability) == (None, None, None)
            continue
        assert prediction.original == tokenizer.convert_ids_to_tokens(target)
        assert prediction.probability == pytest.approx(float(row[target]), abs=TOLERANCE)
        assert prediction.rank == row.argsort(descending=True).tolist().index(target) + 1


@pytest.mark.parametrize(("text_a", "text_b", "masks"), INPUTS)
def test_small_model_equals_transformers(
    reference: BertForPreTraining, directory: Path, text_a: str, text_b: str | None, masks: Any
) -> None:
    model, tokenizer, _ = load_inspectable(directory)
    found = trace(model, tokenizer, text_a, text_b, masks=masks, seed=3)
    assert_equal(reference, tokenizer, found, (text_a, text_b))


def test_masked_lm_model_equals_transformers(masked_lm_directory: Path) -> None:
    model, tokenizer, _ = load_inspectable(masked_lm_directory)
    found = trace(model, tokenizer, TEXT_A, TEXT_B, masks=[2, 12])
    assert found.is_next is None
    assert_equal(random_bert(BertForMaskedLM), tokenizer, found, (TEXT_A, TEXT_B))


@pytest.fixture(scope="module")
def large(tokenizer: BertTokenizer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Inspectable]:
    model = random_bert(
        hidden_size=768,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=3072,
        max_position_embeddings=512,
        initializer_range=0.05,
    )
    return model, load_inspectable(save_model(model, tokenizer, tmp_path_factory.mktemp("large")))


@pytest.mark.slow
@pytest.mark.parametrize(("text_a", "text_b", "masks"), INPUTS)
def test_twelve_by_twelve_model_equals_transformers(
    large: tuple[Any, Inspectable], text_a: str, text_b: str | None, masks: Any
) -> None:
    reference, (model, tokenizer, _) = large
    found = trace(model, tokenizer, text_a, text_b, masks=masks)
    assert found.attention is not None
    assert found.attention.shape[:2] == (12, 12)
    assert_equal(reference, tokenizer, found, (text_a, text_b))
