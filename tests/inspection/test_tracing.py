"""`trace`: what it computes, what it leaves out, and what it says where a model cannot answer."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertTokenizer

from babybert_tui.errors import RequestError
from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable, sentence_objective
from babybert_tui.inspection.tracing import trace
from babybert_tui.tokenization import make_tokenizer, save_tokenizer
from inspection.random_models import WORDS, random_bert, save_model

TEXTS = ("anna gave the apple to ben .", "he ate it .")


def test_every_row_of_attention_sums_to_one(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, *TEXTS)
    assert found.attention is not None
    np.testing.assert_allclose(found.attention.sum(-1), 1, atol=1e-6)


@pytest.mark.parametrize("part", ["tokens", "attention", "predictions", "heads"])
def test_only_what_was_asked_for_is_there(inspectable: Inspectable, part: str) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, *TEXTS, masks=[2], want={part})
    assert (found.attention is not None) == (part == "attention")
    assert (found.predictions is not None) == (part == "predictions")
    assert (found.is_next is not None) == (part == "predictions")
    assert (found.heads is not None) == (part == "heads")
    assert found.tokens[2] == "[MASK]"


def test_tokens_alone_do_not_run_the_model(inspectable: Inspectable, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the model ran")

    monkeypatch.setattr(inspectable.model, "forward", refuse)
    trace(inspectable.model, inspectable.tokenizer, *TEXTS, want={"tokens"})


def test_chosen_layers_and_heads_are_those_of_the_whole(inspectable: Inspectable) -> None:
    whole = trace(inspectable.model, inspectable.tokenizer, *TEXTS)
    part = trace(inspectable.model, inspectable.tokenizer, *TEXTS, layers=[3, 1], heads=[2])
    assert part.attention is not None
    assert part.attention.shape[:2] == (2, 1)
    for layer in (1, 3):
        np.testing.assert_array_equal(part.map(layer, 2), whole.map(layer, 2))
    assert whole.heads is not None
    assert part.heads is not None
    assert part.heads == (whole.heads[9], whole.heads[1])
    with pytest.raises(ValueError, match="not in tuple"):
        part.map(2, 2)


@pytest.mark.parametrize(("choice", "wrong"), [("layers", 0), ("layers", 4), ("heads", 5), ("heads", -1)])
def test_a_layer_or_head_that_is_not_there_is_refused(inspectable: Inspectable, choice: str, wrong: int) -> None:
    chosen: Any = {choice: [wrong]}
    with pytest.raises(RequestError, match=f"There is no {choice[:-1]} {wrong}"):
        trace(inspectable.model, inspectable.tokenizer, *TEXTS, **chosen)


def test_predictions_can_be_asked_for_at_any_position(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, *TEXTS, masks=[3], positions=[1, 3])
    assert found.predictions is not None
    assert [(one.position, one.original) for one in found.predictions] == [(1, "anna"), (3, "the")]
    with pytest.raises(RequestError, match="There is no position 99"):
        trace(inspectable.model, inspectable.tokenizer, *TEXTS, positions=[99])


def test_top_k_is_limited_by_the_vocabulary(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, "anna [MASK]", top_k=10_000)
    assert found.predictions is not None
    top = found.predictions[0].top
    assert len(top) == len(WORDS)
    assert sum(one.probability for one in top) == pytest.approx(1, abs=1e-5)
    assert [one.probability for one in top] == sorted((one.probability for one in top), reverse=True)


def test_one_text_has_no_next(inspectable: Inspectable) -> None:
    assert trace(inspectable.model, inspectable.tokenizer, TEXTS[0]).is_next is None


def test_a_pair_typed_into_one_text_has_a_next(inspectable: Inspectable) -> None:
    typed = trace(inspectable.model, inspectable.tokenizer, " [SEP] ".join(TEXTS))
    assert typed.is_next == trace(inspectable.model, inspectable.tokenizer, *TEXTS).is_next is not None


def test_a_masked_lm_model_says_that_it_has_no_nsp_head(masked_lm_directory: Path) -> None:
    model, tokenizer, _ = load_inspectable(masked_lm_directory)
    found = trace(model, tokenizer, *TEXTS, masks=[2])
    assert found.predictions
    assert found.is_next is None
    assert any("no NSP head" in note for note in found.notes)


def test_a_bare_encoder_predicts_nothing_and_says_so(encoder_directory: Path) -> None:
    model, tokenizer, _ = load_inspectable(encoder_directory)
    found = trace(model, tokenizer, *TEXTS, masks=[2])
    assert found.predictions is None
    assert found.is_next is None
    assert found.attention is not None
    assert any("bare encoder" in note for note in found.notes)


def test_a_head_that_was_never_trained_is_not_asked(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, *TEXTS, sentence_objective="none")
    assert found.is_next is None
    assert any("without a sentence objective" in note for note in found.notes)


def test_a_head_trained_on_order_says_so(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, *TEXTS, sentence_objective="sop")
    assert found.is_next is not None
    assert any("order" in note for note in found.notes)


@pytest.mark.parametrize(
    ("config", "objective"),
    [
        ({}, "nsp"),
        ({"babybert": None}, "nsp"),
        ({"babybert": {"sentence_objective": "sop"}}, "sop"),
        ({"babybert": {"sentence_objective": "none"}}, "none"),
        ({"babybert": {"sentence_objective": "other"}}, "nsp"),
        ({"babybert": {"sentence_objective": ["nsp"]}}, "nsp"),
    ],
)
def test_the_sentence_objective_is_read_from_the_configuration(config: dict[str, Any], objective: str) -> None:
    assert sentence_objective(config) == objective


def test_unknown_words_are_counted_in_a_note(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, "anna gave ☃ unbelievable", want={"tokens"})
    assert found.notes == (
        '2 of 4 words are not in this model\'s vocabulary: "☃" became [UNK], "unbelievable" became un ##believ ##able.',
    )


def test_unknown_words_are_named_once_and_not_all(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, "☃ ☃ q w e r t y ☃", want={"tokens"})
    (note,) = found.notes
    assert note.startswith("9 of 9 words are not")
    assert note.count("☃") == 1
    assert note.endswith("and 2 more.")


def test_weights_that_are_not_finite_are_refused(inspectable: Inspectable, directory: Path) -> None:
    model = load_inspectable(directory).model
    with torch.no_grad():
        model.embeddings.word.weight.fill_(float("nan"))
    with pytest.raises(RequestError, match="not finite"):
        trace(model, inspectable.tokenizer, *TEXTS)


def test_a_tokenizer_larger_than_its_model_is_refused(tokenizer: BertTokenizer, tmp_path: Path) -> None:
    directory = save_model(random_bert(), tokenizer, tmp_path)
    save_tokenizer(make_tokenizer([*WORDS, "more"]), directory)
    with pytest.raises(RequestError, match=f"{len(WORDS) + 1} tokens and the model only {len(WORDS)}"):
        load_inspectable(directory)


def test_a_padded_vocabulary_is_fine(tokenizer: BertTokenizer, tmp_path: Path) -> None:
    model, tokenizer, _ = load_inspectable(save_model(random_bert(vocab_size=len(WORDS) + 3), tokenizer, tmp_path))
    found = trace(model, tokenizer, "anna [MASK]", top_k=len(WORDS) + 3)
    assert found.predictions is not None
    assert f"[id {len(WORDS) + 2}]" in {one.token for one in found.predictions[0].top}


def test_a_directory_without_tokenizer_files_is_refused(tmp_path: Path) -> None:
    random_bert().save_pretrained(tmp_path)
    with pytest.raises(RequestError):
        load_inspectable(tmp_path)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no model directory"):
        load_inspectable(tmp_path / "missing")


def test_a_damaged_configuration_is_refused(tokenizer: BertTokenizer, tmp_path: Path) -> None:
    save_model(random_bert(), tokenizer, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 9}))
    with pytest.raises(RequestError, match="is missing"):
        load_inspectable(tmp_path)


def test_a_trace_changes_neither_model_nor_mode(directory: Path) -> None:
    model, tokenizer, _ = load_inspectable(directory)
    model.train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    first = trace(model, tokenizer, *TEXTS)
    second = trace(model, tokenizer, *TEXTS)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert first.attention is not None
    np.testing.assert_array_equal(first.attention, second.attention)
    assert replace(first, attention=None).heads == second.heads
