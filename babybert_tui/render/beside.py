"""Two pictures side by side where the width allows, else one under the other."""

from babybert_tui.render.cells import Cell, Line, Picture, line_width
from babybert_tui.render.palette import Palette

_GAP = 3


class Beside(Picture):
    """`left` is as wide as it needs to be; `right` gets the rest if that is at least `least` columns."""

    def __init__(self, left: Picture, right: Picture, *, least: int = 60) -> None:
        self.left = left
        self.right = right
        self.least = least

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws both."""
        first = self.left.lines(width, palette)
        used = max((line_width(line) for line in first), default=0)
        if width - used - _GAP < self.least:
            return [*first, [], *self.right.lines(width, palette)]
        second = self.right.lines(width - used - _GAP, palette)
        together: list[Line] = []
        for index in range(max(len(first), len(second))):
            line = list(first[index]) if index < len(first) else []
            if index < len(second) and second[index]:
                line += [Cell(" " * (used + _GAP - line_width(line))), *second[index]]
            together.append(line)
        return together
