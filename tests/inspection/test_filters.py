"""Parts of a map: nothing is lost silently."""

import itertools

import numpy as np
import pytest

from babybert_tui.inspection.filters import Direction, filter_map
from babybert_tui.inspection.trace import Floats

SEGMENTS = np.array([0, 0, 0, 1, 1])
SPECIAL = np.array([True, False, True, False, True])


def random_map(seed: int = 0) -> Floats:
    weights = np.random.default_rng(seed).random((5, 5))
    matrix: Floats = (weights / weights.sum(-1, keepdims=True)).astype(np.float32)
    return matrix


@pytest.mark.parametrize(
    ("direction", "rows", "columns"),
    [
        (Direction.ALL, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]),
        (Direction.A_TO_A, [0, 1, 2], [0, 1, 2]),
        (Direction.A_TO_B, [0, 1, 2], [3, 4]),
        (Direction.B_TO_A, [3, 4], [0, 1, 2]),
        (Direction.B_TO_B, [3, 4], [3, 4]),
    ],
)
def test_a_direction_goes_from_queries_to_keys(direction: Direction, rows: list[int], columns: list[int]) -> None:
    matrix = random_map()
    part = filter_map(matrix, SEGMENTS, SPECIAL, direction=direction)
    assert part.rows.tolist() == rows
    assert part.columns.tolist() == columns
    np.testing.assert_array_equal(part.values, matrix[rows][:, columns])


def test_hiding_special_tokens_hides_them_as_queries_and_as_keys() -> None:
    part = filter_map(random_map(), SEGMENTS, SPECIAL, hide_special=True)
    assert part.rows.tolist() == part.columns.tolist() == [1, 3]


@pytest.mark.parametrize(("direction", "hide"), itertools.product(Direction, [False, True]))
def test_hidden_and_shown_mass_sum_to_one(direction: Direction, hide: bool) -> None:
    part = filter_map(random_map(1), SEGMENTS, SPECIAL, direction=direction, hide_special=hide)
    np.testing.assert_allclose(part.values.sum(1) + part.hidden, 1, atol=1e-6)
    assert part.hidden_mass == pytest.approx(1 - part.values.sum() / len(part.rows), abs=1e-6)


@pytest.mark.parametrize(("direction", "hide"), itertools.product(Direction, [False, True]))
def test_renormalised_rows_sum_to_one_and_still_say_what_is_hidden(direction: Direction, hide: bool) -> None:
    plain, whole = (
        filter_map(random_map(2), SEGMENTS, SPECIAL, direction=direction, hide_special=hide, renormalise=renormalise)
        for renormalise in (False, True)
    )
    np.testing.assert_allclose(whole.values.sum(1), 1, atol=1e-6)
    np.testing.assert_array_equal(plain.hidden, whole.hidden)
    np.testing.assert_allclose(whole.values * (1 - whole.hidden)[:, None], plain.values, atol=1e-6)


def test_a_row_of_which_nothing_is_shown_stays_zero() -> None:
    matrix = np.zeros((5, 5), dtype=np.float32)
    matrix[:, 0] = 1
    part = filter_map(matrix, SEGMENTS, SPECIAL, direction=Direction.A_TO_B, renormalise=True)
    assert not part.values.any()
    assert part.hidden.tolist() == [1, 1, 1]


def test_a_single_text_has_nothing_from_b() -> None:
    part = filter_map(random_map(), np.zeros(5, dtype=np.int64), SPECIAL, direction=Direction.B_TO_A)
    assert part.values.shape == (0, 5)
    assert part.hidden_mass == 0
