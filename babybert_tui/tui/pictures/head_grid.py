"""All heads of one look at the probe, layers down and heads across, in whatever room there is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.half_blocks import half_blocks
from babybert_tui.render.palette import Palette, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Maps = Sequence[Sequence[Sequence[float]]] | NDArray[np.floating]  # of one layer: (heads, n, n)
    Attention = Sequence[Maps] | NDArray[np.floating]  # (layers, heads, n, n); tuples where NumPy is not there yet

# One scale for all steps, so that what gets brighter between two steps is attention that gathers.
_BRIGHTEST = 0.6
_LABELS = 3  # columns for "L4 "
_SMALLEST_MAP = 3  # keys and queries; below that a single swatch tells more
_WIDEST_PIXEL_ROWS = 40


def head_grid_lines(attention: Attention, width: int, height: int, palette: Palette) -> list[Line]:
    """Thumbnails of (layers, heads, n, n) attention, query by key; one swatch a head where they would be too small."""
    layers, heads = len(attention), len(attention[0])
    queries, keys, gap = _thumbnail(attention, width, height)
    if not queries:
        return _swatches(attention, width, height, palette)
    lines = [_headings(heads, keys + 1, palette)]
    shown = queries if palette.half_blocks else -(-queries // 2)
    for number in range(layers):
        drawn = [half_blocks(one, palette) for one in _pooled(attention[number], shown, keys)]
        lines.extend(_side_by_side(f"L{number + 1}", drawn, palette))
        lines.extend([[]] * gap)
    return lines[:height]


def head_at(attention: Attention, width: int, height: int, x: int, y: int) -> tuple[int, int] | None:
    """The layer and head (from 1) that `head_grid_lines` draws at a place; None for none."""
    layers, heads = len(attention), len(attention[0])
    queries, keys, gap = _thumbnail(attention, width, height)
    pitch, tall = (keys + 1, -(-queries // 2) + gap) if queries else (_swatch_width(heads, width), 1)
    layer, head = (y - 1) // tall, (x - _LABELS) // pitch
    is_there = 0 <= layer < layers <= height - 1 and 0 <= head < heads
    return (layer + 1, head + 1) if is_there else None


def _thumbnail(attention: Attention, width: int, height: int) -> tuple[int, int, int]:
    """Queries and keys that a thumbnail shows, and the lines between two layers; zeros where it would be too small."""
    layers, heads, tokens = len(attention), len(attention[0]), len(attention[0][0])
    rows, keys = (height - 1) // layers, min(tokens, (width - _LABELS) // heads - 1)
    gap = 1 if rows >= 5 else 0
    queries = min(tokens, 2 * (rows - gap), _WIDEST_PIXEL_ROWS)
    return (queries, keys, gap) if min(queries, keys) >= _SMALLEST_MAP else (0, 0, 0)


def _swatch_width(heads: int, width: int) -> int:
    return max(1, min(4, (width - _LABELS) // heads))


def _pooled(maps: Maps, queries: int, keys: int) -> list[list[list[float]]]:
    """(heads, n, n) weights to (heads, queries, keys) positions of 0 to 1."""
    if isinstance(maps, tuple):
        return [_pooled_by_hand(one, queries, keys) for one in maps]
    import numpy as np

    from babybert_tui.render.pooling import pool

    pooled = pool(np.asarray(maps, dtype=np.float32), queries, keys) / _BRIGHTEST
    found: list[list[list[float]]] = np.clip(pooled, 0, 1).tolist()
    return found


def _pooled_by_hand(weights: Sequence[Sequence[float]], queries: int, keys: int) -> list[list[float]]:
    """As `pooling.pool`: sums over blocks of keys, means over blocks of queries."""

    def blocks(length: int, count: int) -> list[slice]:
        starts = [length * number // count for number in range(count + 1)]
        return [slice(start, end) for start, end in pairwise(starts)]

    across, down = blocks(len(weights[0]), keys), blocks(len(weights), queries)
    narrow = [[sum(row[block]) for block in across] for row in weights]
    means = [[sum(column) / len(column) for column in zip(*narrow[block], strict=True)] for block in down]
    return [[min(1.0, mean / _BRIGHTEST) for mean in row] for row in means]


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


def _swatches(attention: Attention, width: int, height: int, palette: Palette) -> list[Line]:
    """The mean of each query's largest weight: how sure a head is of where it looks."""
    confidence = _confidence(attention)
    layers, heads = len(confidence), len(confidence[0])
    size = _swatch_width(heads, width)
    if layers > height - 1:
        return half_blocks([[at for at in row for _ in range(size)] for row in confidence], palette)[:height]
    lines = [_headings(heads, size, palette)]
    for number, positions in enumerate(confidence):
        cells = [Cell(*palette.pixel(at, size)) for at in positions]
        lines.append([Cell(f"L{number + 1}".ljust(_LABELS)[:_LABELS], palette.text(Role.MUTED)), *cells])
    return lines


def _confidence(attention: Attention) -> list[list[float]]:
    """(layers, heads), of 0 to 1."""
    if isinstance(attention, tuple):
        return [[sum(map(max, one)) / len(one) for one in layer] for layer in attention]
    import numpy as np

    found: list[list[float]] = np.asarray(attention, dtype=np.float32).max(axis=-1).mean(axis=-1).tolist()
    return found
