"""All heads of one look at the probe, layers down and heads across, in whatever room there is."""

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.heatmap_grid import half_block_lines
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.pooling import pool
from babybert_tui.render.scale import Scale, Scaling

# One scale for all steps, so that what gets brighter between two steps is attention that gathers.
_BRIGHTEST = 0.6
_LABELS = 3  # columns for "L4 "
_SMALLEST_MAP = 3  # keys and queries; below that a single swatch tells more
_WIDEST_PIXEL_ROWS = 40


def head_grid_lines(attention: NDArray[np.floating], width: int, height: int, palette: Palette) -> list[Line]:
    """Thumbnails of (layers, heads, n, n) attention, query by key; one swatch a head where they would be too small."""
    layers, heads, tokens, _ = attention.shape
    rows, keys = (height - 1) // layers, min(tokens, (width - _LABELS) // heads - 1)
    gap = 1 if rows >= 5 else 0
    queries = min(tokens, 2 * (rows - gap), _WIDEST_PIXEL_ROWS)
    if queries < _SMALLEST_MAP or keys < _SMALLEST_MAP:
        return _swatches(attention, width, height, palette)
    scale = Scale(Scaling.GLOBAL, 0.0, _BRIGHTEST)
    lines = [_headings(heads, keys + 1, palette)]
    for number in range(layers):
        maps = pool(np.asarray(attention[number], dtype=np.float32), queries, keys)
        drawn = [half_block_lines(one, scale, palette) for one in maps]
        lines.extend(_side_by_side(f"L{number + 1}", drawn, palette))
        lines.extend([[]] * gap)
    return lines[:height]


def _headings(heads: int, pitch: int, palette: Palette) -> Line:
    muted = palette.text(Role.MUTED)
    return placed(
        (_LABELS + index * pitch, Cell(f"H{index + 1}"[:pitch], muted)) for index in range(heads) if pitch > 2
    )


def _side_by_side(name: str, maps: list[list[Line]], palette: Palette) -> list[Line]:
    lines: list[Line] = []
    for index, parts in enumerate(zip(*maps, strict=True)):
        line = [Cell((name if index == 0 else "").ljust(_LABELS)[:_LABELS], palette.text(Role.MUTED))]
        for part in parts:
            line += [*part, Cell(" ")]
        lines.append(line)
    return lines


def _swatches(attention: NDArray[np.floating], width: int, height: int, palette: Palette) -> list[Line]:
    """The mean of each query's largest weight: how sure a head is of where it looks."""
    confidence = np.asarray(attention, dtype=np.float32).max(axis=-1).mean(axis=-1)  # (layers, heads)
    layers, heads = confidence.shape
    size = max(1, min(4, (width - _LABELS) // heads))
    scale = Scale(Scaling.GLOBAL, 0.0, 1.0)
    if layers > height - 1:
        return half_block_lines(np.repeat(confidence, size, axis=1), scale, palette)[:height]
    lines = [_headings(heads, size, palette)]
    for number, positions in enumerate(scale.positions(confidence).tolist()):
        cells = [Cell(*palette.pixel(at, size)) for at in positions]
        lines.append([Cell(f"L{number + 1}".ljust(_LABELS)[:_LABELS], palette.text(Role.MUTED)), *cells])
    return lines
