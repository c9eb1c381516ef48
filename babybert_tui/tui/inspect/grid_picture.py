"""All heads at once, the chosen one framed, those that are off crossed out."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.heatmap_grid import half_block_lines
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.pooling import pool
from babybert_tui.render.scale import Scale, Scaling
from babybert_tui.tui.inspect.cursor_ink import cursor_frame, cursor_patch

_LABELS = 4
_SMALLEST_MAP = 3
_WIDEST_MAP = 24
_BRIGHTEST = 0.6  # of attention: the same for all steps, so that what gets brighter is attention that gathers


@dataclass(frozen=True)
class GridGeometry:
    """Where the heads stand, in columns and lines of the widget below its title."""

    first_layer: int  # from 0
    layers: int
    heads: int
    keys: int  # columns of a thumbnail
    queries: int  # half lines of one; 0 where heads are swatches
    pitch: int  # lines a layer

    @property
    def pitch_across(self) -> int:
        """Columns a head, the frame at its left included."""
        return self.keys + 1 if self.queries else self.keys

    def head_at(self, x: int, y: int) -> tuple[int, int] | None:
        """(layer, head) under a point, from 1; None outside."""
        row, column = (y - 1) // self.pitch, (x - _LABELS) // self.pitch_across
        if y >= 1 and row < self.layers and x >= _LABELS and column < self.heads:
            return self.first_layer + row + 1, column + 1
        return None


def fit_grid(layers: int, heads: int, tokens: int, chosen: int, width: int, height: int) -> GridGeometry:
    """What fits; where not all layers do, those around the chosen one (from 1)."""
    room = max(1, height - 1)
    lines = room // layers
    keys = min(tokens, (width - _LABELS - 1) // heads - 1, _WIDEST_MAP)
    queries = min(tokens, 2 * (lines - 1 if lines >= 4 else lines), keys)
    if queries < _SMALLEST_MAP or keys < _SMALLEST_MAP:
        size = max(1, min(6, (width - _LABELS) // heads))
        shown = min(layers, room)
        first = max(0, min(chosen - 1 - shown // 2, layers - shown))
        return GridGeometry(first, shown, heads, size, 0, 1)
    keys = min(keys, max(queries, _SMALLEST_MAP))  # square, as a map is
    used = -(-queries // 2)
    return GridGeometry(0, layers, heads, keys, queries, min(lines, used + 1))


def grid_picture(
    maps: NDArray[np.floating],
    geometry: GridGeometry,
    chosen: tuple[int, int],
    heads_off: Collection[tuple[int, int]],
    palette: Palette,
    *,
    is_attention: bool,
) -> list[Line]:
    """Draws (layers, heads, n, n), layers down and heads across."""
    lines = [_headings(geometry, chosen[1], palette)]
    if not geometry.queries:
        return [*lines, *_swatches(maps, geometry, chosen, heads_off, palette)]
    pooled = np.stack([pool(np.asarray(one, dtype=np.float32), geometry.queries, geometry.keys) for one in maps])
    scale = Scale(Scaling.GLOBAL, 0.0, _BRIGHTEST) if is_attention else Scale.fitted(pooled, Scaling.GLOBAL)
    for index in range(geometry.layers):
        layer = index + 1
        drawn = [
            _thumbnail(one, scale, palette, is_off=(layer, head) in heads_off)
            for head, one in enumerate(pooled[index], start=1)
        ]
        lines.extend(_row_of_maps(layer, drawn, chosen, palette))
        lines.extend([[]] * (geometry.pitch - len(drawn[0])))
    return lines


def _thumbnail(one: NDArray[np.floating], scale: Scale, palette: Palette, *, is_off: bool) -> list[Line]:
    lines = half_block_lines(one, scale, palette)
    if not is_off:
        return lines
    width = one.shape[1]
    words = ["off".center(width)[:width] if index == len(lines) // 2 else "╱" * width for index in range(len(lines))]
    return [[Cell(text, palette.text(Role.UNKNOWN))] for text in words]


def _headings(geometry: GridGeometry, chosen: int, palette: Palette) -> Line:
    pitch = geometry.pitch_across
    line = [Cell(" " * _LABELS)]
    for head in range(1, geometry.heads + 1):
        name = f"H{head}" if pitch >= len(f"H{geometry.heads}") else f"{head % 10}"
        ink = cursor_patch(palette) if head == chosen else palette.text(Role.MUTED)
        indent = 1 if geometry.queries else 0
        line += [Cell(" " * indent), Cell(name[: pitch - indent], ink)]
        line.append(Cell(" " * (pitch - indent - len(name))))
    return line


def _layer_label(layer: int, palette: Palette, *, is_here: bool) -> list[Cell]:
    name = f"L{layer}"
    ink = cursor_patch(palette) if is_here else palette.text(Role.MUTED)
    return [Cell(name, ink), Cell(" " * (_LABELS - len(name)))]


def _row_of_maps(layer: int, maps: list[list[Line]], chosen: tuple[int, int], palette: Palette) -> list[Line]:
    lines: list[Line] = []
    left, right = ("[", "]") if palette.ascii_only or not palette.colour else ("▐", "▌")
    for index, parts in enumerate(zip(*maps, strict=True)):
        line = _layer_label(layer, palette, is_here=layer == chosen[0]) if index == 0 else [Cell(" " * _LABELS)]
        for head, part in enumerate(parts, start=1):
            edge = left if (layer, head) == chosen else right if (layer, head - 1) == chosen else " "
            line += [Cell(edge, cursor_frame(palette)), *part]
        line.append(Cell(right if (layer, len(parts)) == chosen else " ", cursor_frame(palette)))
        lines.append(line)
    return lines


def _swatches(
    maps: NDArray[np.floating],
    geometry: GridGeometry,
    chosen: tuple[int, int],
    heads_off: Collection[tuple[int, int]],
    palette: Palette,
) -> list[Line]:
    """One patch a head: the mean of each query's largest value."""
    largest = np.asarray(maps, dtype=np.float32).max(axis=-1).mean(axis=-1)  # (layers, heads)
    positions = Scale.fitted(largest, Scaling.GLOBAL).positions(largest)
    lines: list[Line] = []
    for index in range(geometry.first_layer, geometry.first_layer + geometry.layers):
        line = _layer_label(index + 1, palette, is_here=index + 1 == chosen[0])
        for head, at in enumerate(positions[index].tolist(), start=1):
            text, ink = palette.pixel(at, geometry.keys)
            if (index + 1, head) in heads_off:
                text, ink = "╱" * geometry.keys, palette.text(Role.UNKNOWN)
            if (index + 1, head) == chosen:
                text, ink = "●".center(geometry.keys), cursor_patch(palette)
            line.append(Cell(text, ink))
        lines.append(line)
    return lines
