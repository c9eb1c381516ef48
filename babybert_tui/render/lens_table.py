"""The logit lens as a table: what each layer's output would be read as, and when the original comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babybert_tui.render.bars import bar
from babybert_tui.render.cells import Cell, Line, Picture, text_lines
from babybert_tui.render.figures import fraction_or_less
from babybert_tui.render.labels import fitted, visible
from babybert_tui.render.palette import Palette, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from babybert_tui.inspection.logit_lens import LensLayer
    from babybert_tui.inspection.trace import Prediction

_LAYER, _TOKEN, _FIGURE, _LONGEST_BAR = 11, 16, 5, 24


class LensTable(Picture):
    """For each position one line a layer: the first guess with its probability, and the original's rank.

    Args:
        layers: From the embeddings (0) to the last layer.
    """

    minimum_width = 50

    def __init__(self, layers: Sequence[LensLayer]) -> None:
        self.layers = layers

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws the positions one under another."""
        lines: list[Line] = []
        for index in range(len(self.layers[0].predictions) if self.layers else 0):
            if lines:
                lines.append([])
            first = self.layers[0].predictions[index]
            lines.extend(_title(first, width, palette))
            lines.extend(_line(layer.layer, layer.predictions[index], width, palette) for layer in self.layers)
        return lines


def _title(prediction: Prediction, width: int, palette: Palette) -> list[Line]:
    original = prediction.original
    was = "typed mask" if original is None else f"was {visible(original, ascii_only=palette.ascii_only)}"
    return text_lines(f"Position {prediction.position}: {was}, read off each layer", width, palette, Role.HEADING)


def _line(layer: int, prediction: Prediction, width: int, palette: Palette) -> Line:
    name = f"layer {layer}" if layer else "embeddings"
    if not prediction.top:
        return [Cell(name, palette.text(Role.MUTED))]
    best = prediction.top[0]
    right = best.token == prediction.original
    ink = palette.text(Role.ORIGINAL, bold=True) if right else palette.text(Role.BAR)
    rank = "" if prediction.rank is None or right else f"  rank {prediction.rank:,}"
    token_width = max(4, min(_TOKEN, width // 4))
    room = max(1, min(_LONGEST_BAR, width - _LAYER - token_width - _FIGURE - 15))
    drawn = bar(best.probability, room, palette)
    return [
        Cell(name.ljust(_LAYER), palette.text(Role.MUTED)),
        Cell(fitted(visible(best.token, ascii_only=palette.ascii_only), token_width, palette), ink),
        Cell(f" {fraction_or_less(best.probability):>{_FIGURE}} "),
        Cell(drawn, ink),
        Cell(" " * (room - len(drawn)) + rank, palette.text(Role.MUTED)),
    ]
