"""Dots in characters: each cell holds 4 rows by 2 columns of them (Unicode block U+2800)."""

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 4, 2
_BLANK = 0x2800
_BITS = [0, 2, 4, 1, 3, 5, 6, 7]  # of a cell's dots, row by row, the one that each bit of its character stands for

Dots = NDArray[np.bool_]


def characters(dots: Dots) -> NDArray[np.int64]:
    """(4 · height, 2 · width) dots to (height, width) code points; 0 where a cell is empty."""
    height, width = dots.shape[0] // ROWS, dots.shape[1] // COLUMNS
    cells = dots.reshape(height, ROWS, width, COLUMNS).transpose(0, 2, 1, 3).reshape(height, width, ROWS * COLUMNS)
    codes = np.packbits(cells[..., _BITS], axis=-1, bitorder="little")[..., 0].astype(np.int64)
    return np.where(codes > 0, codes + _BLANK, 0)


def joined(columns: NDArray[np.int64], heights: NDArray[np.float64], shape: tuple[int, int]) -> Dots:
    """A line without gaps through (column, height) points; columns rise, heights count dots from the top."""
    rows, width = shape
    if not len(columns):
        return np.zeros(shape, dtype=bool)
    across = np.arange(columns[0], columns[-1] + 1)
    down = np.rint(np.interp(across, columns, heights))
    before = np.concatenate([down[:1], down[:-1]])
    # Each column is filled from next to its neighbour's dot to its own, so that steep parts hang together.
    step = np.sign(down - before)
    return _filled(across, np.minimum(before + step, down), np.maximum(before + step, down), (rows, width))


def band(
    columns: NDArray[np.int64], lowest: NDArray[np.float64], highest: NDArray[np.float64], shape: tuple[int, int]
) -> Dots:
    """All dots from `lowest` to `highest` in each column; heights count dots from the top."""
    return _filled(columns, np.rint(lowest), np.rint(highest), shape)


def _filled(
    columns: NDArray[np.int64], top: NDArray[np.float64], bottom: NDArray[np.float64], shape: tuple[int, int]
) -> Dots:
    rows, width = shape
    row = np.arange(rows)[:, None]
    dots = np.zeros(shape, dtype=bool)
    inside = (columns >= 0) & (columns < width)
    dots[:, columns[inside]] = (row >= top[inside]) & (row <= bottom[inside])
    return dots
