"""The statistics of heads as a table whose cells are coloured by their value."""

from collections.abc import Sequence

from babybert_tui.inspection.trace import HeadStatistics, Trace
from babybert_tui.render.cells import Cell, Line, Picture, text_lines
from babybert_tui.render.figures import fraction
from babybert_tui.render.heatmap import telling_statistic
from babybert_tui.render.labels import fitted
from babybert_tui.render.palette import Palette, Role

_COLUMNS = (
    ("entropy", "entr"),
    ("confidence", "conf"),
    ("to_cls", "CLS"),
    ("to_sep", "SEP"),
    ("to_self", "self"),
    ("to_previous", "prev"),
    ("to_next", "next"),
    ("to_punctuation", "punc"),
)
_CAPTION = "Means over queries. entr: entropy / ln n. conf: largest weight. The others: share of the attention."
_LABEL = 15  # "previous token" and a space
_LONG = 9


class HeadTable(Picture):
    """One line a head.

    Args:
        trace: It holds head statistics.
        most: Show only so many, those with the clearest label first; None shows all in order.
    """

    minimum_width = 50

    def __init__(self, trace: Trace, *, most: int | None = None) -> None:
        self.trace = trace
        self.most = most

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws heading, heads and a caption that says what is left out."""
        heads = self.trace.heads or ()
        if not heads:
            return []
        shown = heads if self.most is None or len(heads) <= self.most else clearest(heads)[: self.most]
        cell = max(4, min(_LONG, (width - 8 - _LABEL) // len(_COLUMNS)))
        lines = [self._heading(cell, palette), *(_row(head, cell, palette) for head in shown)]
        left_out = f"The {len(shown)} clearest of {len(heads)} heads. " if len(shown) < len(heads) else ""
        return [*lines, *text_lines(left_out + _CAPTION, width, palette)]

    def _heading(self, cell: int, palette: Palette) -> Line:
        names = "".join(short.rjust(cell - 1) + " " for _, short in _COLUMNS)
        return [Cell(f"{'head':<8}{'label':<{_LABEL}}" + names.rstrip(), palette.text(Role.MUTED))]


def clearest(heads: Sequence[HeadStatistics]) -> list[HeadStatistics]:
    """Heads in the order of how much of their attention follows their label; unlabelled ones come last."""
    return sorted(heads, key=lambda head: (head.label in {"mixed", "broad"}, -telling_statistic(head)[1]))


def _row(head: HeadStatistics, cell: int, palette: Palette) -> Line:
    name = f"L{head.layer}{palette.signs.dot}H{head.head}"
    line = [Cell(f"{name:<8}", palette.text(Role.MUTED)), Cell(fitted(head.label, _LABEL, palette))]
    for field, _ in _COLUMNS:
        value = float(getattr(head, field))
        shade = "" if palette.colour else palette.shade(value)
        text = fraction(value) if palette.colour else fraction(value) + shade
        line.append(Cell(f"{text:>{cell - 1}} " if palette.colour else f"{text:>{cell}}", palette.heat(value)))
    return line
