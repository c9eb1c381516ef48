"""Predictions as bars: what the masked-LM head proposes at each masked position, and what the NSP head says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from babybert_tui.render.cells import Cell, Line, Picture, line_width, text_lines
from babybert_tui.render.figures import fraction_or_less
from babybert_tui.render.labels import clipped, fitted, visible
from babybert_tui.render.palette import Palette, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babybert_tui.inspection.trace import MaskedToken, Prediction, Trace

_FIGURE = 5  # "<.001"
_LONGEST_TOKEN = 16
_PANEL = 38  # columns a position, where several stand side by side
_LONGEST_BAR = 40
_WIDEST_PANEL = 64


def bar(share: float, width: int, palette: Palette) -> str:
    """A bar of `share` (0 to 1) of `width` columns, to an eighth of a column where there is Unicode."""
    signs = palette.signs.eighths
    parts = len(signs)
    filled = round(min(1.0, max(0.0, share)) * width * parts)
    whole, rest = divmod(filled, parts)
    return signs[-1] * whole + (signs[rest - 1] if rest else "")


class PredictionBars(Picture):
    """Every predicted position with its most probable tokens; the full width of a bar is probability 1."""

    minimum_width = 30

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws P(B follows A), then the positions, side by side where the width allows."""
        lines = self._next_sentence(width, palette)
        found = self.trace.predictions or ()
        across = max(1, min(len(found), (width + 2) // (_PANEL + 2)))
        panel = min(_WIDEST_PANEL, (width + 2) // across - 2)
        for start in range(0, len(found), across):
            if lines:
                lines.append([])
            panels = [self._panel(item, panel, palette) for item in found[start : start + across]]
            lines.extend(_side_by_side(panels, panel))
        return lines

    def _next_sentence(self, width: int, palette: Palette) -> list[Line]:
        if self.trace.is_next is None:
            return []
        figure = fraction_or_less(self.trace.is_next)
        label = "P(B follows A) "
        room = min(_LONGEST_BAR, width - len(label) - _FIGURE - 1)
        drawn = bar(self.trace.is_next, room, palette)
        return [
            [
                Cell(label, palette.text(Role.HEADING)),
                Cell(f"{figure:>{_FIGURE}} "),
                Cell(drawn, palette.text(Role.BAR)),
                Cell(_track(drawn, room, palette), palette.text(Role.MUTED)),
            ]
        ]

    def _panel(self, prediction: Prediction, width: int, palette: Palette) -> list[Line]:
        names = [visible(candidate.token, ascii_only=palette.ascii_only) for candidate in prediction.top]
        original = None if prediction.original is None else visible(prediction.original, ascii_only=palette.ascii_only)
        shown = [*names, *([original] if original else [])]
        label = min(max([4, *map(cell_len, shown)]), _LONGEST_TOKEN, max(4, width // 3))
        lines = self._panel_title(prediction, original, width, palette)
        for name, candidate in zip(names, prediction.top, strict=True):
            is_original = candidate.token == prediction.original
            lines.append(_bar_line(name, candidate.probability, label, width, palette, is_original=is_original))
        outside = all(candidate.token != prediction.original for candidate in prediction.top)
        if original and outside and prediction.probability is not None:
            lines.append(_bar_line(original, prediction.probability, label, width, palette, is_original=True))
        return lines

    def _panel_title(self, prediction: Prediction, original: str | None, width: int, palette: Palette) -> list[Line]:
        fates = {masked.position: masked for masked in self.trace.masked}
        words = _history(fates.get(prediction.position), original, palette)
        rank = "" if prediction.rank is None else f", rank {prediction.rank:,}"
        title = f"Position {prediction.position}: {words}{rank}"
        return text_lines(title, width, palette, Role.HEADING)


def _history(masked: MaskedToken | None, original: str | None, palette: Palette) -> str:
    """What stood at a position before it was masked, and what the model was given."""
    if original is None:
        return "typed mask"
    original = clipped(original, _LONGEST_TOKEN, palette)
    if masked is None or masked.fate == "mask":
        return f"was {original}"
    if masked.fate == "kept":
        return f"kept {original}"
    shown = clipped(visible(masked.shown, ascii_only=palette.ascii_only), _LONGEST_TOKEN, palette)
    return f"was {original}, shown {shown}"


def _bar_line(name: str, probability: float, label: int, width: int, palette: Palette, *, is_original: bool) -> Line:
    room = min(_LONGEST_BAR, max(1, width - label - _FIGURE - 4))
    ink = palette.text(Role.ORIGINAL, bold=True) if is_original else palette.text(Role.BAR)
    drawn = bar(probability, room, palette)
    pointer = palette.signs.right if is_original else " "
    return [
        Cell(f"{pointer} ", ink),
        Cell(fitted(name, label, palette), ink if is_original else palette.text(Role.HEADING)._replace(bold=False)),
        Cell(f" {fraction_or_less(probability):>{_FIGURE}} "),
        Cell(drawn, ink),
        Cell(_track(drawn, room, palette), palette.text(Role.MUTED)),
    ]


def _track(drawn: str, room: int, palette: Palette) -> str:
    """The rest of a bar's full width, so that its share of 1 can be seen."""
    missing = room - cell_len(drawn)
    return (" " * (missing - 1) + palette.signs.end_of_bar) if missing > 0 else ""


def _side_by_side(panels: Sequence[Sequence[Line]], width: int) -> list[Line]:
    lines: list[Line] = []
    for index in range(max(map(len, panels))):
        line: Line = []
        for column, panel in enumerate(panels):
            part = list(panel[index]) if index < len(panel) else []
            padding = width + 2 - line_width(part) if column < len(panels) - 1 else 0
            line += [*part, Cell(" " * padding)]
        lines.append(line)
    return lines
