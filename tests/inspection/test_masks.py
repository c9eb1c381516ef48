"""Hiding tokens: at positions, as typed, and as in training."""

from typing import Any

import numpy as np
import pytest
from transformers import BertTokenizer

from babybert_tui.errors import RequestError
from babybert_tui.inspection.layout import lay_out
from babybert_tui.inspection.masks import MaskedInput, mask_tokens
from babybert_tui.inspection.trace import NOT_A_TARGET, MaskedToken
from inspection.random_models import MAX_LENGTH


def masked(tokenizer: BertTokenizer, text: str, masks: Any, seed: int = 0, max_length: int = MAX_LENGTH) -> MaskedInput:
    return mask_tokens(lay_out(tokenizer, text, max_length=max_length), masks, tokenizer, seed=seed)


def test_a_position_is_masked_and_its_original_kept_as_label(tokenizer: BertTokenizer) -> None:
    given = masked(tokenizer, "anna gave it", [2])
    assert given.tokens == ("[CLS]", "anna", "[MASK]", "it", "[SEP]")
    assert given.masked == (MaskedToken(2, "gave", "[MASK]", "mask"),)
    gave = tokenizer.convert_tokens_to_ids("gave")
    assert given.labels.tolist() == [NOT_A_TARGET, NOT_A_TARGET, gave, NOT_A_TARGET, NOT_A_TARGET]


def test_a_typed_mask_has_no_original(tokenizer: BertTokenizer) -> None:
    given = masked(tokenizer, "anna [MASK] it", [3])
    assert given.masked == (MaskedToken(2, None, "[MASK]", "mask"), MaskedToken(3, "it", "[MASK]", "mask"))
    assert (given.labels == NOT_A_TARGET).tolist() == [True, True, True, False, True]


def test_masking_a_typed_mask_again_changes_nothing(tokenizer: BertTokenizer) -> None:
    again, once = masked(tokenizer, "anna [MASK] it", [2, 2]), masked(tokenizer, "anna [MASK] it", None)
    assert again.masked == once.masked
    assert again.ids.tolist() == once.ids.tolist()


@pytest.mark.parametrize("position", [-1, 5, 10**6])
def test_a_position_out_of_range_is_refused(tokenizer: BertTokenizer, position: int) -> None:
    with pytest.raises(RequestError, match=f"no position {position} to mask: the positions are 0 to 4"):
        masked(tokenizer, "anna gave it", [position])


def test_a_position_that_was_cut_off_is_refused_with_the_reason(tokenizer: BertTokenizer) -> None:
    with pytest.raises(RequestError, match=r"no position 30 to mask.*cut to what this model takes"):
        masked(tokenizer, "it " * 60, [30])


@pytest.mark.parametrize(("position", "token"), [(0, "CLS"), (2, "SEP"), (4, "SEP")])
def test_masking_a_special_token_is_refused(tokenizer: BertTokenizer, position: int, token: str) -> None:
    with pytest.raises(RequestError, match=rf"Position {position} is \[{token}\]"):
        masked(tokenizer, "anna [SEP] it", [position])


def test_masks_as_in_training_are_a_function_of_the_seed(tokenizer: BertTokenizer) -> None:
    text = "anna gave the apple to ben . he ate it in the garden ."
    draws = {seed: masked(tokenizer, text, "auto", seed=seed) for seed in range(30)}
    assert masked(tokenizer, text, "auto", seed=5).masked == draws[5].masked
    assert len({draw.masked for draw in draws.values()}) > 20
    # 15 % of 16 tokens, [CLS] and [SEP] counted as in Google's code
    assert all(len(draw.masked) == 2 for draw in draws.values())


def test_masks_as_in_training_have_its_fates_and_spare_special_tokens(tokenizer: BertTokenizer) -> None:
    text = "anna gave the [MASK] to ben . [SEP] " * 30
    found = {"mask": 0, "random": 0, "kept": 0}
    unused = {tokenizer.convert_tokens_to_ids("[unused1]"), *tokenizer.all_special_ids}
    for seed in range(60):
        given = masked(tokenizer, text, "auto", seed=seed, max_length=240)
        drawn = [one for one in given.masked if one.original is not None]
        assert len(drawn) == round(0.15 * 240)
        for one in drawn:
            found[one.fate] += 1
            assert one.original not in {"[SEP]", "[CLS]", "[MASK]"}
            assert (one.shown == "[MASK]") == (one.fate == "mask")
            assert one.fate != "kept" or one.shown == one.original
            assert one.fate != "random" or int(given.ids[one.position]) not in unused
    total = sum(found.values())
    shares = np.array([found["mask"], found["random"], found["kept"]]) / total
    np.testing.assert_allclose(shares, [0.8, 0.1, 0.1], atol=0.03)


def test_where_nothing_can_be_masked_nothing_is(tokenizer: BertTokenizer) -> None:
    assert not masked(tokenizer, "", "auto").masked
    assert not masked(tokenizer, "[SEP] [SEP]", "auto").masked
