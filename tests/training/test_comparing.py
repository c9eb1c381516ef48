"""Initial weights that compare the words of the two sentences."""

import pytest
import torch

from babybert_tui.bert import BabyBert, BertConfig, Record
from babybert_tui.training.comparing import make_comparing
from babybert_tui.training.shape import random_model

VOCABULARY, LENGTH, ROWS = 2_000, 64, 32
SHAPES = [(64, 2), (128, 4), (128, 2), (256, 8)]


def shape(hidden: int, heads: int) -> BertConfig:
    return BertConfig(
        VOCABULARY, hidden, num_hidden_layers=2, num_attention_heads=heads, intermediate_size=4 * hidden,
        max_position_embeddings=LENGTH,
    )  # fmt: skip


def comparing(config: BertConfig) -> BabyBert:
    model = random_model(config, 0)
    make_comparing(model)
    return model


def attention_of_a_word(model: BabyBert, *, shared: bool) -> tuple[float, float]:
    """What a word of B gives, in the first layer, to a place in A and to itself: means over rows and heads.

    With `shared`, that place holds the same word; no other word stands twice in a row.
    """
    random = torch.Generator().manual_seed(1)
    ids = torch.stack([torch.randperm(VOCABULARY, generator=random)[:LENGTH] for _ in range(ROWS)])
    in_a, in_b = 10, 50
    if shared:
        ids[:, in_b] = ids[:, in_a]
    segments = (torch.arange(LENGTH) >= LENGTH // 2).long().expand(ROWS, LENGTH)
    record = Record()
    with torch.no_grad():
        model.eval()(ids, segments, record=record)
    attention = record.layers[0].attention[:, :, in_b]  # (B, A, T)
    return float(attention[..., in_a].mean()), float(attention[..., in_b].mean())


@pytest.mark.parametrize(("hidden", "heads"), SHAPES)
def test_a_word_attends_to_its_like_in_the_other_sentence(hidden: int, heads: int) -> None:
    other, itself = attention_of_a_word(comparing(shape(hidden, heads)), shared=True)
    assert other > 0.6
    assert itself < 0.3


def test_a_word_that_stands_alone_attends_to_itself() -> None:
    other, itself = attention_of_a_word(comparing(shape(128, 4)), shared=False)
    assert other < 0.05
    assert itself > 0.5


def test_a_model_that_begins_as_bert_does_finds_nothing() -> None:
    other, itself = attention_of_a_word(random_model(shape(128, 4), 0), shared=True)
    assert max(other, itself) < 2 / LENGTH


def test_the_same_seed_gives_the_same_weights() -> None:
    one, other = (comparing(shape(64, 2)).state_dict() for _ in range(2))
    assert all(torch.equal(one[name], other[name]) for name in one)
