"""Attention between words: to pieces summed, from pieces averaged."""

import numpy as np

from babybert_tui.inspection.checkpoint import Inspectable
from babybert_tui.inspection.trace import Floats
from babybert_tui.inspection.tracing import trace
from babybert_tui.inspection.word_attention import Group, attention_between, merge_attention, word_groups

MAP: Floats = np.array(
    [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [0.0, 0.5, 0.5, 0.0], [0.7, 0.1, 0.1, 0.1]], dtype=np.float32
)


def test_pieces_merge_into_their_words() -> None:
    tokens = ("[CLS]", "un", "##able", "it", "[SEP]", "it", "[SEP]")
    groups = word_groups(tokens, (None, 0, 0, 1, None, 2, None))
    assert [group.name for group in groups] == ["[CLS]", "unable", "it", "[SEP]", "it", "[SEP]"]
    assert [group.positions for group in groups] == [(0,), (1, 2), (3,), (4,), (5,), (6,)]


def test_merging_by_hand() -> None:
    groups = (Group("[CLS]", (0,)), Group("unable", (1, 2)), Group("[SEP]", (3,)))
    expected = [[0.1, 0.5, 0.4], [(0.4 + 0.0) / 2, (0.5 + 1.0) / 2, (0.1 + 0.0) / 2], [0.7, 0.2, 0.1]]
    np.testing.assert_allclose(merge_attention(MAP, groups), expected, atol=1e-6)


def test_merging_takes_all_layers_and_heads_at_once() -> None:
    groups = (Group("a", (0, 3)), Group("b", (1, 2)))
    stacked = np.stack([np.stack([MAP, MAP[::-1]]), np.stack([MAP.T, MAP])])
    merged = merge_attention(stacked, groups)
    assert merged.shape == (2, 2, 2, 2)
    np.testing.assert_array_equal(merged[1, 1], merge_attention(MAP, groups))


def test_merged_rows_sum_to_one(inspectable: Inspectable) -> None:
    found = trace(inspectable.model, inspectable.tokenizer, "unbelievables gave it", "unbelievable , he ate")
    assert found.attention is not None
    groups = word_groups(found.tokens, found.words)
    assert len(groups) < len(found.tokens)
    merged = merge_attention(found.attention, groups)
    assert merged.shape == (3, 4, len(groups), len(groups))
    np.testing.assert_allclose(merged.sum(-1), 1, atol=1e-6)


def test_every_token_its_own_group_changes_nothing() -> None:
    np.testing.assert_array_equal(merge_attention(MAP, [Group(str(i), (i,)) for i in range(4)]), MAP)


def test_attention_between_chosen_tokens_by_hand() -> None:
    assert np.isclose(attention_between(MAP, [0, 3], [1, 2]), (0.5 + 0.2) / 2)
    assert np.isclose(attention_between(MAP, range(4), range(4)), 1)
