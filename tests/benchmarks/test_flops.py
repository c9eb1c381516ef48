"""The useful operations of an update, counted by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from babybert_tui.benchmarks.flops import useful_flops
from babybert_tui.bert import BertConfig
from babybert_tui.pretraining.batches import Batch
from babybert_tui.pretraining.masking import KEPT, MASKED, NOT_SELECTED

PAD = 0
SHAPE = BertConfig(
    vocab_size=11,
    hidden_size=4,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=6,
    max_position_embeddings=5,
)


def batch_of(ids: list[list[int]], fates: list[list[int]]) -> Batch:
    nothing = torch.zeros(0, dtype=torch.int64)
    return Batch(
        input_ids=nothing,
        segment_ids=nothing,
        attention_mask=None,
        positions=nothing,
        selected=nothing,
        targets=nothing,
        labels=nothing,
        fates=np.array(fates, dtype=np.uint8),
        original_ids=np.array(ids),
        tokens=0,
    )


def test_one_row_counted_product_by_product() -> None:
    batch = batch_of([[2, 7, 8, 9, 3]], [[NOT_SELECTED, MASKED, NOT_SELECTED, KEPT, NOT_SELECTED]])
    tokens, asked, selected = 5, 3, 2
    products = [
        (tokens, 4, 4), (tokens, 4, 4), (tokens, 4, 4),  # layer 1: query, key, value
        (2 * tokens, 2, tokens), (2 * tokens, tokens, 2),  # of two heads: scores, context
        (tokens, 4, 4), (tokens, 4, 6), (tokens, 6, 4),  # output, expand, contract
        (asked, 4, 4), (tokens, 4, 4), (tokens, 4, 4),  # layer 2, of which three positions are asked for
        (2 * asked, 2, tokens), (2 * asked, tokens, 2),
        (asked, 4, 4), (asked, 4, 6), (asked, 6, 4),
        (selected, 4, 4), (selected, 4, 11),  # MLM head: transform, vocabulary
        (1, 4, 4), (1, 4, 2),  # NSP head: pooler, classifier
    ]  # fmt: skip
    forward = sum(2 * rows * inner * columns for rows, inner, columns in products)
    assert useful_flops(SHAPE, batch, PAD) == 3 * forward


def test_padding_is_no_work() -> None:
    bare = batch_of([[2, 7, 8, 3]], [[0, MASKED, 0, 0]])
    padded = batch_of([[2, 7, 8, 3, PAD, PAD]], [[0, MASKED, 0, 0, 0, 0]])
    assert useful_flops(SHAPE, padded, PAD) == useful_flops(SHAPE, bare, PAD)


def test_rows_add_up() -> None:
    short, long = batch_of([[2, 7, 3, PAD]], [[0, 1, 0, 0]]), batch_of([[2, 8, 9, 3]], [[0, 1, 1, 0]])
    both = batch_of([[2, 7, 3, PAD], [2, 8, 9, 3]], [[0, 1, 0, 0], [0, 1, 1, 0]])
    together = sum(useful_flops(SHAPE, one, PAD) for one in (short, long))
    assert useful_flops(SHAPE, both, PAD) == together


@pytest.mark.parametrize("name", ["num_hidden_layers", "hidden_size", "intermediate_size", "vocab_size"])
def test_a_larger_model_is_more_work(name: str) -> None:
    batch = batch_of([[2, 7, 8, 3]], [[0, MASKED, 0, 0]])
    larger = replace(SHAPE, **{name: 2 * getattr(SHAPE, name)})
    assert useful_flops(larger, batch, PAD) > useful_flops(SHAPE, batch, PAD)
