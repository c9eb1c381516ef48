"""A head's map as rows of cells, in as much detail as a width allows: figures on colour, blocks, pooled half blocks."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.figures import fraction, percent
from babybert_tui.render.half_blocks import half_blocks
from babybert_tui.render.palette import Palette
from babybert_tui.render.pooling import pool, pool_queries, pooled_words
from babybert_tui.render.scale import Scale

_TALLEST_OF_BLOCKS = 40  # queries; from here two queries share a line


class Detail(StrEnum):
    """How much of each weight is shown."""

    FRACTIONS = "weights as .00"
    PERCENT = "weights in %"
    BLOCKS = "one block a weight"
    HALF_BLOCKS = "two queries a line"


_COLUMNS = {Detail.FRACTIONS: 4, Detail.PERCENT: 3, Detail.BLOCKS: 2, Detail.HALF_BLOCKS: 1}


@dataclass(frozen=True)
class GridLayout:
    """What fits.

    Attributes:
        detail: How weights are shown.
        rows: Queries shown, after pooling.
        columns: Keys shown, after pooling.
        cell_width: Terminal columns a key.
        pooled: What pooling did, in words; "" for nothing.
    """

    detail: Detail
    rows: int
    columns: int
    cell_width: int
    pooled: str


def blocks_that_fit(length: int, room: int) -> int:
    """The largest number of blocks, all of (almost) one size, into which `length` tokens go when `room` are shown."""
    return length if length <= room else -(-length // -(-length // max(1, room)))


def choose_layout(queries: int, keys: int, room: int, *, shares: bool = True) -> GridLayout:
    """Picks the most telling detail for `room` columns (row labels not counted); only `shares` of 1 can be per cent."""
    for detail in (Detail.FRACTIONS, Detail.PERCENT, Detail.BLOCKS):
        fits = keys * _COLUMNS[detail] <= room and (shares or detail is not Detail.PERCENT)
        if fits and (detail is not Detail.BLOCKS or queries <= _TALLEST_OF_BLOCKS):
            return GridLayout(detail, queries, keys, _COLUMNS[detail], "")
    columns = blocks_that_fit(keys, room)
    rows = queries if columns == keys else blocks_that_fit(queries, max(columns, 2))
    return GridLayout(Detail.HALF_BLOCKS, rows, columns, 1, pooled_words(queries, keys, rows, columns))


def grid_lines(values: NDArray[np.floating], scale: Scale, layout: GridLayout, palette: Palette) -> list[Line]:
    """Draws (queries, keys) weights; with half blocks each line holds two queries."""
    shown = pool(values, layout.rows, layout.columns)
    if layout.detail is Detail.HALF_BLOCKS:
        return half_block_lines(shown, scale, palette)
    return [
        [_cell(weight, at, layout.detail, palette) for weight, at in zip(row, positions, strict=True)]
        for row, positions in zip(shown.tolist(), scale.positions(shown).tolist(), strict=True)
    ]


def half_block_lines(values: NDArray[np.floating], scale: Scale, palette: Palette) -> list[Line]:
    """Draws two queries a line, one over the other; their mean where a character can show one value only."""
    if not palette.half_blocks:
        values = pool_queries(values, -(-len(values) // 2))
    return half_blocks(scale.positions(values).tolist(), palette)


def _cell(weight: float, at: float, detail: Detail, palette: Palette) -> Cell:
    width = _COLUMNS[detail]
    ink = palette.heat(at)
    if detail is Detail.BLOCKS:
        return Cell(*palette.pixel(at, width))
    text = _figure(weight, detail, palette)
    if palette.colour:
        return Cell(text.rjust(width) if detail is Detail.PERCENT else text.center(width), ink)
    # The three digits of 100 per cent leave no room for the shade, and need none.
    return Cell((text.rjust(width - 1) + palette.shade(at))[:width], ink)


def _figure(weight: float, detail: Detail, palette: Palette) -> str:
    if abs(weight) < 0.005:
        return f"{palette.signs.zero} "[: _COLUMNS[detail] - 1].rjust(2)
    return percent(weight) if detail is Detail.PERCENT else fraction(weight)
