"""The tables beside the maps: the arithmetic of a cell, head statistics, side by side."""

import re
from dataclasses import replace

import numpy as np
import pytest

from babybert_tui.inspection.cell_arithmetic import CellArithmetic
from babybert_tui.inspection.rollout import rollout
from babybert_tui.render.arithmetic import Arithmetic
from babybert_tui.render.beside import Beside
from babybert_tui.render.cells import line_width, plain_text
from babybert_tui.render.head_table import HeadTable, clearest
from babybert_tui.render.heatmap import Heatmap
from babybert_tui.render.palette import Depth, Palette
from babybert_tui.render.strip import TokenStrip

from .traces import make_trace

PLAIN, ASCII = Palette(Depth.NONE), Palette(Depth.NONE, ascii_only=True)
SMALL = make_trace(16)


def cell() -> CellArithmetic:
    generator = np.random.default_rng(1)
    query, key, value = generator.normal(size=(3, 32)).astype(np.float32)
    scores = generator.normal(size=16).astype(np.float32)
    scores[2] = query @ key / np.sqrt(32)
    exponentials = np.exp(scores - scores.max())
    weight = float(exponentials[2] / exponentials.sum())
    return CellArithmetic(
        layer=3,
        head=2,
        query_position=10,
        key_position=2,
        query=query,
        key=key,
        products=query * key,
        dot=float(query @ key),
        root=float(np.sqrt(32)),
        score=float(scores[2]),
        scores=scores,
        largest_score=float(scores.max()),
        exponential=float(exponentials[2]),
        denominator=float(exponentials.sum()),
        weight=weight,
        value=value,
        weighted_value=weight * value,
        context=value,
        contribution_norm=0.3812,
    )


@pytest.mark.parametrize("palette", [PLAIN, ASCII])
@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_arithmetic_of_a_cell_can_be_followed_on_paper(palette: Palette, width: int) -> None:
    lines = Arithmetic(SMALL, cell()).lines(width, palette)
    text = " ".join(plain_text(lines).split())
    found = {name: float(number) for name, number in re.findall(r"(\S+) +(-?\d+\.\d{4}) (?=sum|divided|exp)", text)}
    raised = re.search(r"exp\((-?[\d.]+) - ([\d.]+)\) = ([\d.]+), divided by the row's sum ([\d.]+)", text)

    assert max(map(line_width, lines)) <= width
    dot, score, weight = found.values()
    assert score == pytest.approx(dot / np.sqrt(32), abs=1e-4)
    assert raised
    assert np.exp(float(raised[1]) - float(raised[2])) == pytest.approx(float(raised[3]), abs=2e-4)
    assert weight == pytest.approx(float(raised[3]) / float(raised[4]), abs=1e-4)
    assert "0.3812" in text
    assert "the root of 32, 5.6569" in text
    assert palette is PLAIN or text.isascii()


def test_the_head_table_shows_every_number() -> None:
    text = plain_text(HeadTable(SMALL).lines(80, Palette(Depth.TRUE)))

    for head in SMALL.heads or ():
        row = next(line for line in text.split("\n") if line.startswith(f"L{head.layer}·H{head.head} "))
        figures = [float(figure) for figure in re.findall(r"(?<![\w.])[\d]?\.\d+", row)]
        numbers = (head.entropy, head.confidence, head.to_cls, head.to_sep, head.to_self)
        numbers += (head.to_previous, head.to_next, head.to_punctuation)
        assert figures == pytest.approx(numbers, abs=0.0051)
        assert head.label in row


def test_a_shortened_head_table_keeps_the_clearest_and_says_so() -> None:
    lines = plain_text(HeadTable(SMALL, most=3).lines(80, PLAIN)).split("\n")
    best = clearest(SMALL.heads or ())[:3]

    assert [line.split()[0] for line in lines[1:4]] == [f"L{head.layer}·H{head.head}" for head in best]
    assert "The 3 clearest of 16 heads" in lines[4]
    assert all(head.label not in {"mixed", "broad"} for head in best)


def test_two_pictures_stand_side_by_side_only_where_both_fit() -> None:
    pair = Beside(Heatmap(SMALL, 1, 1), TokenStrip(SMALL), least=60)

    assert len(pair.lines(200, PLAIN)) < len(pair.lines(100, PLAIN))
    assert max(map(line_width, pair.lines(200, PLAIN))) <= 200


def test_a_map_of_something_else_is_drawn_under_its_own_name() -> None:
    assert SMALL.attention is not None
    values = rollout(SMALL.attention)[-1]
    text = plain_text(Heatmap(SMALL, 4, 1, values=values, name="Rollout to layer 4").lines(120, PLAIN))

    assert text.startswith("Rollout to layer 4  rows are queries")
    assert f"= {values.max():.4f}" in text


def test_norms_above_one_are_drawn_without_per_cent_signs() -> None:
    values = SMALL.map(1, 4) * 12
    for width in (60, 80, 120):
        lines = Heatmap(SMALL, 1, 4, values=values, name="Norms").lines(width, PLAIN)
        assert "%" not in plain_text(lines)
        assert max(map(line_width, lines)) <= width


def test_a_head_without_statistics_has_a_title_all_the_same() -> None:
    text = plain_text(Heatmap(replace(SMALL, heads=None), 2, 2).lines(80, PLAIN))

    assert text.startswith("Layer 2 · Head 2  rows are queries")
