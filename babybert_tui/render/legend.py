"""The key to the colours of a map: a bar of the ramp with its ends, or each step with the weight it begins at."""

from babybert_tui.render.cells import Cell, Line, line_width
from babybert_tui.render.figures import fraction
from babybert_tui.render.palette import Depth, Palette, Role
from babybert_tui.render.scale import Scale, Scaling

_BAR = 24


def legend_lines(scale: Scale, palette: Palette, width: int) -> list[Line]:
    """Draws the scale's colours from little to much."""
    if palette.depth in {Depth.TRUE, Depth.EIGHT_BIT}:
        muted = palette.text(Role.MUTED)
        bar = [Cell(" ", palette.heat(step / (_BAR - 1))) for step in range(_BAR)]
        return [[Cell(f"{_end(scale, 0)} ", muted), *bar, Cell(f" {_end(scale, 1)}", muted)]]
    lines: list[Line] = [[]]
    for start in (0.0, *palette.thresholds):
        swatch = _swatch(start, scale, palette)
        if lines[-1] and line_width(lines[-1]) + line_width(swatch) > width:
            lines.append([])
        lines[-1].extend(swatch)
    return lines


def _swatch(start: float, scale: Scale, palette: Palette) -> Line:
    """One step with the weight that it begins at, in brackets, which show where a blank one is."""
    muted = palette.text(Role.MUTED)
    words = f" {_end(scale, start)}+ " if start else " less "
    return [Cell("[", muted), Cell(*palette.pixel(start, 2)), Cell("]", muted), Cell(words, muted)]


def _end(scale: Scale, position: float) -> str:
    weight = scale.weight_at(position)
    if scale.scaling is Scaling.ROW:
        return f"{round(position * 100)}%"
    if weight == 0:
        return "0"
    return fraction(weight) if 0.095 <= weight <= 1 else f"{weight:.2g}".lstrip("0")
