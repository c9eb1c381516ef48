"""The key to the colours of a map: a bar of the ramp with its ends, or each step with the weight it begins at."""

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.figures import fraction
from babybert_tui.render.palette import Depth, Palette, Role
from babybert_tui.render.scale import Scale, Scaling

_BAR = 24


def legend_line(scale: Scale, palette: Palette) -> Line:
    """Draws the scale's colours from little to much."""
    muted = palette.text(Role.MUTED)
    if palette.depth in {Depth.TRUE, Depth.EIGHT_BIT}:
        bar = [Cell(" ", palette.heat(step / (_BAR - 1))) for step in range(_BAR)]
        return [Cell(f"{_end(scale, 0)} ", muted), *bar, Cell(f" {_end(scale, 1)}", muted)]
    line: Line = []
    for start in (0.0, *palette.thresholds):
        text, ink = palette.pixel(start, 2)
        # Brackets show where a blank swatch is.
        line += [Cell("[", muted), Cell(text, ink), Cell("]", muted)]
        line.append(Cell(f" {_end(scale, start)}+  " if start else " less  ", muted))
    return line


def _end(scale: Scale, position: float) -> str:
    weight = scale.weight_at(position)
    if scale.scaling is Scaling.ROW:
        return f"{round(position * 100)}%"
    if weight == 0:
        return "0"
    return fraction(weight) if 0.095 <= weight <= 1 else f"{weight:.2g}".lstrip("0")
