"""Values two a character, one over the other: the smallest picture of a map."""

from collections.abc import Sequence
from functools import lru_cache

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.palette import Palette

_FINE = 255  # positions are told apart as finely as the finest ramp tells colours


def half_blocks(positions: Sequence[Sequence[float]], palette: Palette) -> list[Line]:
    """Draws rows of positions (0 to 1) two a line; one a line where a character can show one value only."""
    if not palette.half_blocks:
        return [[Cell(*palette.pixel(at)) for at in row] for row in positions]
    lines: list[Line] = [
        [_pair(palette, round(top * _FINE), round(bottom * _FINE)) for top, bottom in zip(upper, lower, strict=True)]
        for upper, lower in zip(positions[::2], positions[1::2], strict=False)
    ]
    if len(positions) % 2:
        colours = [palette.heat(at).background for at in positions[-1]]
        lines.append([Cell("▀", palette.heat(0)._replace(foreground=colour, background=None)) for colour in colours])
    return lines


@lru_cache(maxsize=1 << 14)
def _pair(palette: Palette, top: int, bottom: int) -> Cell:
    return Cell(*palette.pixel_pair(top / _FINE, bottom / _FINE))
