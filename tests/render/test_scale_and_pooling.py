"""What stands behind the colours: pooling that keeps the mass, scales that say what they are, figures that fit."""

import numpy as np
import pytest

from babybert_tui.render.bars import bar
from babybert_tui.render.figures import fraction, fraction_or_less, percent
from babybert_tui.render.heatmap_grid import Detail, blocks_that_fit, choose_layout
from babybert_tui.render.palette import Depth, Palette
from babybert_tui.render.pooling import pool, pooled_words
from babybert_tui.render.scale import Scale, Scaling


def test_pooling_sums_keys_and_averages_queries() -> None:
    matrix = np.array([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], [1, 0, 0, 0], [0, 0, 0, 1]], dtype=np.float64)

    assert pool(matrix, 2, 2) == pytest.approx(np.array([[0.5, 0.5], [0.5, 0.5]]))
    assert pool(matrix, 4, 2) == pytest.approx(np.array([[0.3, 0.7], [0.7, 0.3], [1, 0], [0, 1]]))
    assert pool(matrix, 9, 9) is matrix


@pytest.mark.parametrize(("n", "blocks"), [(7, 3), (512, 64), (65, 33), (100, 99)])
def test_pooled_rows_still_sum_to_one(n: int, blocks: int) -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(n), size=(2, n))

    pooled = pool(weights, blocks, blocks)
    assert pooled.shape == (2, blocks, blocks)
    assert pooled.sum(-1) == pytest.approx(np.ones((2, blocks)))


def test_pooling_says_what_it_did() -> None:
    assert pooled_words(8, 8, 8, 8) == ""
    assert "summed over 8 keys, averaged over 8 queries" in pooled_words(512, 512, 64, 64)
    assert "summed over 2 or 3 keys" in pooled_words(7, 7, 3, 3)


@pytest.mark.parametrize(("n", "room", "blocks"), [(16, 20, 16), (512, 68, 64), (17, 16, 9), (65, 64, 33)])
def test_blocks_are_as_many_as_fit_at_one_size(n: int, room: int, blocks: int) -> None:
    assert blocks_that_fit(n, room) == blocks


@pytest.mark.parametrize(
    ("n", "room", "detail"),
    [
        (17, 68, Detail.FRACTIONS),
        (17, 67, Detail.PERCENT),
        (17, 50, Detail.BLOCKS),
        (40, 100, Detail.BLOCKS),
        (41, 100, Detail.HALF_BLOCKS),
        (512, 100, Detail.HALF_BLOCKS),
    ],
)
def test_the_most_telling_detail_that_fits_is_chosen(n: int, room: int, detail: Detail) -> None:
    layout = choose_layout(n, n, room)

    assert layout.detail is detail
    assert layout.columns * layout.cell_width <= room
    assert bool(layout.pooled) == (n == 512)


def test_what_is_no_share_of_one_is_never_said_in_per_cent() -> None:
    assert choose_layout(17, 17, 60, shares=False).detail is Detail.BLOCKS


def test_scales_put_weights_where_they_say() -> None:
    weights = np.array([[0.0, 0.1, 0.4], [0.2, 0.2, 0.0]])

    assert Scale.fitted(weights, Scaling.GLOBAL).positions(weights) == pytest.approx(weights / 0.4)
    assert Scale.fitted(weights, Scaling.ROW).positions(weights) == pytest.approx(np.array([[0, 0.25, 1], [1, 1, 0]]))
    log = Scale.fitted(weights, Scaling.LOG)
    assert (log.low, log.high) == (0.01, 1.0)
    assert log.positions(weights)[0] == pytest.approx([0, 0.5, 1 + np.log10(0.4) / 2])
    assert log.weight_at(0.5) == pytest.approx(0.1)


@pytest.mark.parametrize("scaling", list(Scaling))
def test_a_map_of_nothing_but_zero_has_a_scale_too(scaling: Scaling) -> None:
    positions = Scale.fitted(np.zeros((2, 2)), scaling).positions(np.zeros((2, 2)))

    assert np.isfinite(positions).all()
    assert positions.max() == 0


def test_negative_scores_use_the_whole_scale() -> None:
    scores = np.array([[-2.0, 0.0, 2.0]])

    assert Scale.fitted(scores, Scaling.GLOBAL).positions(scores) == pytest.approx(np.array([[0, 0.5, 1]]))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, ".00"), (0.364, ".36"), (0.996, "1.0"), (1, "1.0"), (0.0049, ".00"), (12.34, "12."), (-0.34, "-.3")],
)
def test_fractions_take_three_columns(value: float, text: str) -> None:
    assert fraction(value) == text


def test_small_probabilities_are_not_rounded_to_nothing() -> None:
    assert fraction_or_less(0.0002) == "<.001"
    assert fraction_or_less(0) == ".000"
    assert fraction_or_less(0.0612) == ".061"
    assert percent(0.364) == "36"


@pytest.mark.parametrize(("share", "drawn"), [(0, ""), (1, "████"), (0.5, "██"), (0.28125, "█▏"), (2, "████")])
def test_bars_are_true_to_an_eighth_of_a_column(share: float, drawn: str) -> None:
    assert bar(share, 4, Palette(Depth.NONE)) == drawn
    assert set(bar(share, 4, Palette(Depth.NONE, ascii_only=True))) <= {"#"}
