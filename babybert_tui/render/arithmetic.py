"""How one weight came about, line by line: q·k, ÷√d, softmax, ×v."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from babybert_tui.render.cells import Cell, Line, Picture, text_lines
from babybert_tui.render.labels import clipped, visible
from babybert_tui.render.palette import Palette, Role

if TYPE_CHECKING:
    from babybert_tui.inspection.cell_arithmetic import CellArithmetic
    from babybert_tui.inspection.trace import Trace

_PRODUCTS = 5
_LONGEST_TOKEN = 16


class Arithmetic(Picture):
    """The steps from two vectors to one weight, with the numbers of one cell.

    Args:
        trace: Names the two tokens.
        cell: The numbers.
    """

    minimum_width = 40

    def __init__(self, trace: Trace, cell: CellArithmetic) -> None:
        self.trace = trace
        self.cell = cell

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws one step a line."""
        lines = text_lines(self._title(palette), width, palette, Role.HEADING)
        for name, number, words in self._steps(palette):
            label = [Cell(f"{name:<9}", palette.text(Role.MUTED)), Cell(f"{number:>10}  ")]
            first, *rest = text_lines(words, max(10, width - 21), palette)
            lines += [[*label, *first], *([Cell(" " * 21), *line] for line in rest)]
        return lines

    def _title(self, palette: Palette) -> str:
        cell, dot = self.cell, palette.signs.dot
        query, key = self._place(cell.query_position, palette), self._place(cell.key_position, palette)
        return f"Layer {cell.layer} {dot} Head {cell.head}: {query} {palette.signs.arrow} {key}"

    def _place(self, position: int, palette: Palette) -> str:
        name = clipped(visible(self.trace.tokens[position], ascii_only=palette.ascii_only), _LONGEST_TOKEN, palette)
        return f"{name} ({position})"

    def _softmax_words(self) -> str:
        cell = self.cell
        raised = f"exp({cell.score:.4f} - {cell.largest_score:.4f}) = {cell.exponential:.4f}"
        return f"{raised}, divided by the row's sum {cell.denominator:.4f}"

    def _steps(self, palette: Palette) -> list[tuple[str, str, str]]:
        cell, plain = self.cell, palette.ascii_only
        size = len(cell.query)
        order = np.argsort(-np.abs(cell.products))[:_PRODUCTS].tolist()
        largest = ", ".join(f"{cell.products[index]:+.2f} (dim {index + 1})" for index in order)
        root, softmax = ("/ sqrt d", "softmax") if plain else ("÷ √d", "softmax")
        norm = "norm" if plain else "‖α f(x)‖"
        return [
            ("q.k" if plain else "q·k", f"{cell.dot:.4f}", f"sum of {size} products; the largest are {largest}"),
            (root, f"{cell.score:.4f}", f"divided by the root of {size}, {cell.root:.4f}"),
            (
                softmax,
                f"{cell.weight:.4f}",
                self._softmax_words(),
            ),
            ("x v" if plain else "× v", f"{np.linalg.norm(cell.weighted_value):.4f}", "length of the weight times v"),
            (norm, f"{cell.contribution_norm:.4f}", "length of what this key adds to the query's output"),
        ]
