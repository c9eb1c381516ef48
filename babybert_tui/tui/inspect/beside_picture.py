"""A table of two models: words, a cell, the pair and the loss, with the differences."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len

from babybert_tui.inspection.trace import Trace
from babybert_tui.render.bars import bar
from babybert_tui.render.cells import Cell, Line, text_lines
from babybert_tui.render.figures import fraction_or_less
from babybert_tui.render.labels import clipped, fitted, visible
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.question import Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint

_NAME = 18
_DIFFERENCE = 11
_FIGURE = 6


@dataclass(frozen=True)
class _Row:
    """One figure of both models; None where one does not say."""

    name: str
    left: float | None
    right: float | None
    is_share: bool = True  # of 1, and drawn as a bar
    is_right_answer: bool = False


def beside_lines(
    look: Look,
    beside: Look,
    viewpoint: Viewpoint,
    names: tuple[str, str],
    width: int,
    height: int,
    palette: Palette,
) -> list[Line]:
    """The heading, then what both say: the pair, loss and cell, and as many words as there is room for."""
    if look.trace is None or beside.trace is None:
        return text_lines(sanitise(beside.failure) or "There is nothing beside it.", width, palette)[:height]
    column = max(12, (width - _NAME - _DIFFERENCE) // 2)
    head = [Cell(" " * _NAME)]
    head += [Cell(fitted(name, column, palette), palette.text(Role.HEADING)) for name in names]
    lines = [[*head, Cell("difference", palette.text(Role.MUTED))]]
    words = _words(look.trace, beside.trace, viewpoint.query)
    rows = [*_pair(look.trace, beside.trace), *_figures(look, beside, viewpoint), *words]
    return [*lines, *(_line(row, column, palette) for row in rows)][:height]


def _pair(trace: Trace, other: Trace) -> Iterator[_Row]:
    if trace.is_next is not None or other.is_next is not None:
        yield _Row("P(B follows A)", trace.is_next, other.is_next)


def _figures(look: Look, beside: Look, viewpoint: Viewpoint) -> Iterator[_Row]:
    assert look.trace is not None
    assert beside.trace is not None
    losses = mean_loss(look.trace), mean_loss(beside.trace)
    if losses != (None, None):
        yield _Row("loss of hidden", *losses, is_share=False)
    if is_cut_alike(look.trace, beside.trace):
        values = _cell(look, viewpoint), _cell(beside, viewpoint)
        yield _Row("cell at cursor", *values, is_share=False)


def mean_loss(trace: Trace) -> float | None:
    """The mean of -ln p over the hidden tokens that are known; None where there are none."""
    hidden = {one.position for one in trace.masked if one.original is not None}
    found = [one.probability for one in trace.predictions or () if one.position in hidden]
    shares = [share for share in found if share is not None]
    return float(-np.log(np.maximum(shares, 1e-12)).mean()) if shares else None


def is_cut_alike(one: Trace, other: Trace) -> bool:
    """Whether a position means the same token in both."""
    return one.tokens == other.tokens


def _cell(look: Look, viewpoint: Viewpoint) -> float | None:
    if look.values is None or viewpoint.layer > look.layers or viewpoint.head > look.heads:
        return None
    matrix = viewpoint.matrix(look)
    return None if matrix is None else float(matrix[viewpoint.query, viewpoint.key])


def _words(trace: Trace, other: Trace, position: int) -> Iterator[_Row]:
    """The likeliest words of either, the likeliest first; the true one in any case."""
    if not is_cut_alike(trace, other):
        yield _Row("(cut otherwise)", None, None)
        return
    said = [_said(one, position) for one in (trace, other)]
    original = next((one.original for one in trace.masked if one.position == position), None)
    tokens = sorted(set(said[0]) | set(said[1]), key=lambda token: -max(said[0].get(token, 0), said[1].get(token, 0)))
    for token in sorted(tokens, key=lambda token: token != original):
        yield _Row(visible(token), said[0].get(token), said[1].get(token), is_right_answer=token == original)


def _said(trace: Trace, position: int) -> dict[str, float]:
    found = next((one for one in trace.predictions or () if one.position == position), None)
    if found is None:
        return {}
    said = {one.token: one.probability for one in found.top}
    if found.original is not None and found.probability is not None:
        said[found.original] = found.probability
    return said


def _line(row: _Row, column: int, palette: Palette) -> Line:
    ink = palette.text(Role.ORIGINAL, bold=True) if row.is_right_answer else Ink()
    both = row.left is not None and row.right is not None
    difference = f"{(row.right or 0) - (row.left or 0):+.3f}" if both else ""
    return [
        Cell(fitted(f" {clipped(row.name, _NAME - 2, palette)}", _NAME, palette), ink),
        *_figure(row, row.left, column, palette),
        *_figure(row, row.right, column, palette),
        Cell(difference.rjust(_FIGURE + 1), palette.text(Role.HEADING)),
    ]


def _figure(row: _Row, value: float | None, column: int, palette: Palette) -> list[Cell]:
    if value is None:
        return [Cell("–".rjust(_FIGURE - 1).ljust(column), palette.text(Role.MUTED))]
    if not row.is_share:
        return [Cell(f"{value:{_FIGURE}.3f}".ljust(column))]
    drawn = bar(value, max(1, column - _FIGURE - 3), palette)
    role = Role.ORIGINAL if row.is_right_answer else Role.BAR
    text = f"{fraction_or_less(value):>{_FIGURE - 1}} "
    rest = column - len(text) - cell_len(drawn)
    return [Cell(text), Cell(drawn, palette.text(role)), Cell(" " * max(0, rest))]
