"""All heads at once: a thumbnail of each map, or one named statistic a head where thumbnails would be too small."""

from collections.abc import Sequence

import numpy as np

from babybert_tui.inspection.trace import Floats, HeadStatistics, Trace
from babybert_tui.render.cells import Cell, Line, Picture, placed, text_lines
from babybert_tui.render.figures import percent
from babybert_tui.render.heatmap_grid import blocks_that_fit, half_block_lines
from babybert_tui.render.legend import legend_lines
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.pooling import pool, pooled_words
from babybert_tui.render.scale import Scale, Scaling

_GUTTER = 4  # "L12 "
_SMALLEST_THUMBNAIL = 7  # columns; below this a map tells less than a number
_LARGEST_THUMBNAIL = 24
STATISTIC_NAMES = {
    "entropy": "entropy (0: one token, 1: all alike)",
    "confidence": "confidence (mean of each query's largest weight)",
    "to_cls": "share of the attention that goes to [CLS]",
    "to_sep": "share of the attention that goes to [SEP]",
    "to_self": "share of the attention that goes to the token itself",
    "to_previous": "share of the attention that goes to the previous token",
    "to_next": "share of the attention that goes to the next token",
    "to_punctuation": "share of the attention that goes to punctuation",
}


class Overview(Picture):
    """Layers down, heads across.

    Args:
        trace: It holds attention.
        statistic: What swatches show, a field of `HeadStatistics`.
        scaling: What the colours of thumbnails stand for; global means over all of them.
    """

    minimum_width = 40

    def __init__(self, trace: Trace, *, statistic: str = "confidence", scaling: Scaling = Scaling.GLOBAL) -> None:
        self.trace = trace
        self.statistic = statistic
        self.scaling = scaling

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws thumbnails where they are at least 7 columns wide (or show every token), else swatches."""
        if self.trace.attention is None:
            return []
        room = (width - _GUTTER) // len(self.trace.head_numbers) - 1
        tokens = len(self.trace.tokens)
        if room >= min(tokens, _SMALLEST_THUMBNAIL) or not self.trace.heads:
            return self._thumbnails(self.trace.attention, max(1, min(room, _LARGEST_THUMBNAIL)), width, palette)
        return self._swatches(self.trace.heads, max(3, min(room, 6)), width, palette)

    def _thumbnails(self, attention: Floats, room: int, width: int, palette: Palette) -> list[Line]:
        tokens = attention.shape[-1]
        side = blocks_that_fit(tokens, room)
        maps = np.stack([pool(layer, side, side) for layer in attention])
        scale = Scale.fitted(maps, self.scaling)
        headings = [f"H{head}" for head in self.trace.head_numbers]
        pitch = max(side, len(headings[-1])) + 1
        lines = [self._headings(headings, pitch, palette)]
        for number, layer in zip(self.trace.layers, maps, strict=True):
            drawn = [half_block_lines(one, scale, palette) for one in layer]
            lines.extend(_row_of_maps(f"L{number}", drawn, pitch, palette))
            lines.append([])
        how = pooled_words(tokens, tokens, side, side) or f"each map shows all {tokens} tokens"
        mean = "" if palette.half_blocks else "; two queries a line, their mean"
        of = "block" if side < tokens else "weight"
        return [
            *lines,
            *legend_lines(scale, palette, width),
            *text_lines(f"{scale.caption(of)}; {how}{mean}", width, palette),
        ]

    def _swatches(self, heads: Sequence[HeadStatistics], size: int, width: int, palette: Palette) -> list[Line]:
        lines = [self._headings([f"H{head}" for head in self.trace.head_numbers], size, palette)]
        values = {(found.layer, found.head): float(getattr(found, self.statistic)) for found in heads}
        for layer in self.trace.layers:
            line = [Cell(f"L{layer}".ljust(_GUTTER), palette.text(Role.MUTED))]
            line += [_swatch(values[layer, head], size, palette) for head in self.trace.head_numbers]
            lines.append(line)
        caption = f"{STATISTIC_NAMES[self.statistic]}, in %; colour 0 to 100"
        return [*lines, *text_lines(caption, width, palette)]

    def _headings(self, headings: Sequence[str], pitch: int, palette: Palette) -> Line:
        muted = palette.text(Role.MUTED)
        return placed((_GUTTER + index * pitch, Cell(text, muted)) for index, text in enumerate(headings))


def _row_of_maps(name: str, maps: Sequence[Sequence[Line]], pitch: int, palette: Palette) -> list[Line]:
    lines: list[Line] = []
    for index, parts in enumerate(zip(*maps, strict=True)):
        line = [Cell((name if index == 0 else "").ljust(_GUTTER), palette.text(Role.MUTED))]
        for part in parts:
            line += [*part, Cell(" " * (pitch - len(part)))]
        lines.append(line[:-1])
    return lines


def _swatch(value: float, size: int, palette: Palette) -> Cell:
    text = percent(value)
    if palette.colour:
        return Cell(text.center(size), palette.heat(value))
    shaded = f"{text}{palette.shade(value)}"
    return Cell(shaded.rjust(size) if len(shaded) <= size else text.rjust(size))
