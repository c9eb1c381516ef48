"""Head statistics against a loop over the definitions, and labels against heads made to deserve them."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from babybert_tui.inspection.checkpoint import Inspectable
from babybert_tui.inspection.head_statistics import (
    STATISTICS,
    head_statistics,
    is_punctuation,
    key_groups,
    mean_head_statistics,
)
from babybert_tui.inspection.head_survey import survey_heads
from babybert_tui.inspection.trace import Floats, HeadStatistics
from babybert_tui.inspection.tracing import trace
from inspection.random_models import WORDS

TOKENS = ("[CLS]", "anna", ",", "ben", "[SEP]", "[MASK]", "!", "[SEP]")
SPECIAL = np.array([token in {"[CLS]", "[SEP]"} for token in TOKENS])
N = len(TOKENS)


def random_attention(layers: int, heads: int, n: int, seed: int = 0) -> Floats:
    weights = np.random.default_rng(seed).exponential(size=(layers, heads, n, n)) ** 2
    attention: Floats = (weights / weights.sum(-1, keepdims=True)).astype(np.float32)
    return attention


def by_the_definitions(matrix: Floats, tokens: Sequence[str]) -> dict[str, float]:
    rows = [[float(value) for value in row] for row in matrix]
    n = len(rows)

    def mean_to(*targets: str) -> float:
        return sum(row[j] for row in rows for j in range(n) if tokens[j] in targets) / n

    return {
        "entropy": sum(-value * math.log(value) for row in rows for value in row if value) / n / math.log(n),
        "confidence": sum(max(row) for row in rows) / n,
        "to_cls": mean_to("[CLS]"),
        "to_sep": mean_to("[SEP]"),
        "to_self": sum(rows[i][i] for i in range(n)) / n,
        "to_previous": sum(rows[i][i - 1] for i in range(1, n)) / (n - 1),
        "to_next": sum(rows[i][i + 1] for i in range(n - 1)) / (n - 1),
        "to_punctuation": mean_to(",", ".", "!"),
    }


def test_statistics_are_those_of_the_definitions() -> None:
    attention = random_attention(2, 3, N)
    found = head_statistics(attention, TOKENS, SPECIAL, [1, 2], [1, 2, 3])
    assert [(one.layer, one.head) for one in found] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
    for one in found:
        expected = by_the_definitions(attention[one.layer - 1, one.head - 1], TOKENS)
        assert {name: getattr(one, name) for name in STATISTICS} == pytest.approx(expected, abs=1e-6)


def test_statistics_of_a_small_map_by_hand() -> None:
    matrix = np.array([[0.5, 0.5, 0.0], [0.25, 0.25, 0.5], [0.0, 0.0, 1.0]], dtype=np.float32)
    (found,) = head_statistics(matrix[None, None], ("[CLS]", ".", "[SEP]"), np.array([True, False, True]), [4], [2])
    # rows: ln 2, 1.5 ln 2 and 0 nats
    assert found.entropy == pytest.approx(2.5 * math.log(2) / 3 / math.log(3))
    assert found.confidence == pytest.approx((0.5 + 0.5 + 1) / 3)
    assert found.to_cls == pytest.approx(0.25)
    assert found.to_sep == pytest.approx(0.5)
    assert found.to_self == pytest.approx((0.5 + 0.25 + 1) / 3)
    assert found.to_previous == pytest.approx((0.25 + 0) / 2)
    assert found.to_next == pytest.approx((0.5 + 0.5) / 2)
    assert found.to_punctuation == pytest.approx(0.25)
    assert (found.layer, found.head) == (4, 2)


def label_of(matrix: Floats, tokens: Sequence[str]) -> str:
    special = np.array([token in {"[CLS]", "[SEP]"} for token in tokens])
    return head_statistics(matrix[None, None], tokens, special, [1], [1])[0].label


def aimed(targets: Sequence[int], n: int = N, weight: float = 0.9) -> Floats:
    """A head that sends `weight` of each query's attention to its target, and the rest evenly to all."""
    matrix = np.full((n, n), (1 - weight) / n)
    matrix[np.arange(n), list(targets)] += weight
    return matrix.astype(np.float32)


@pytest.mark.parametrize(
    ("targets", "label"),
    [
        (range(N), "itself"),
        ([0, *range(N - 1)], "previous token"),
        ([*range(1, N), 0], "next token"),
        ([0] * N, "to [CLS]"),
        ([4] * N, "to [SEP]"),
        ([7, 4] * (N // 2), "to [SEP]"),
        ([2, 6] * (N // 2), "punctuation"),
        ([5] * N, "mixed"),
    ],
)
def test_a_head_gets_the_label_that_it_deserves(targets: Sequence[int], label: str) -> None:
    assert label_of(aimed(targets), TOKENS) == label


def test_an_even_head_is_broad_at_every_length() -> None:
    for n in (2, 3, 4, 8, 60):
        tokens = ["[CLS]", *WORDS[5 : 5 + n - 2], *["it"] * (n - 2 - len(WORDS[5 : 5 + n - 2])), "[SEP]"]
        assert label_of(np.full((n, n), 1 / n, dtype=np.float32), tokens) == "broad"


def test_what_an_even_head_would_do_as_well_is_no_trait() -> None:
    # Of four tokens two are [SEP]: half of the attention goes there by chance.
    matrix = aimed([2, 3, 0, 1], n=4, weight=0.3)
    assert label_of(matrix, ("[CLS]", "[SEP]", "[SEP]", "[SEP]")) != "to [SEP]"


@pytest.mark.parametrize("token", [".", ",", "!", "$", "_", "…", "。", "「", "##."])
def test_punctuation_is_that_of_the_tokenizer(token: str) -> None:
    assert is_punctuation(token)


@pytest.mark.parametrize("token", ["a", "it's", "##s", "1", "☃", "中"])
def test_words_and_symbols_are_no_punctuation(token: str) -> None:
    assert not is_punctuation(token)


def test_special_tokens_are_no_punctuation() -> None:
    assert key_groups(TOKENS, SPECIAL).punctuation.tolist() == [token in {",", "!"} for token in TOKENS]


def test_means_over_inputs_count_each_input_once() -> None:
    inputs = [(random_attention(1, 2, n, seed=n), (*TOKENS[: n - 1], "[SEP]")) for n in (3, 5, 8)]
    special = [np.array([token in {"[CLS]", "[SEP]"} for token in tokens]) for _, tokens in inputs]
    alone = [head_statistics(a, tokens, s, [1], [1, 2]) for (a, tokens), s in zip(inputs, special, strict=True)]
    keyed = [(a, key_groups(tokens, s)) for (a, tokens), s in zip(inputs, special, strict=True)]
    together = mean_head_statistics(keyed, [1], [1, 2])
    for head in (0, 1):
        for name in STATISTICS:
            expected = np.mean([getattr(one[head], name) for one in alone])
            assert getattr(together[head], name) == pytest.approx(expected)


def test_means_over_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no input"):
        mean_head_statistics([], [1], [1])


def test_a_survey_is_the_mean_of_its_traces(inspectable: Inspectable) -> None:
    texts = [("anna gave it", "he ate it ."), ("the apple , the garden", None)]
    surveyed = survey_heads(inspectable.model, inspectable.tokenizer, texts)
    traced: list[tuple[HeadStatistics, ...]] = []
    for pair in texts:
        heads = trace(inspectable.model, inspectable.tokenizer, *pair).heads
        assert heads is not None
        traced.append(heads)
    assert len(surveyed) == 12
    for number, one in enumerate(surveyed):
        expected = np.mean([heads[number].to_previous for heads in traced])
        assert one.to_previous == pytest.approx(expected, abs=1e-6)
