"""One update's batch as text: what was hidden, what the model guessed, and how that changed with the update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.figures import fraction_or_less
from babybert_tui.render.labels import clipped, fitted, visible
from babybert_tui.render.palette import Ink, Palette, Role

if TYPE_CHECKING:
    from babybert_tui.training.batch_look import BatchLook, Row, Target

_SPECIAL = frozenset({"[CLS]", "[SEP]", "[PAD]"})
_WORD = 10


def row_lines(row: Row, width: int, palette: Palette) -> list[Line]:
    """The tokens of a row, wrapped, and under each selected one what stood there."""
    targets = {target.position: target for target in row.targets}
    lines: list[Line] = []
    tokens: list[tuple[int, Cell]] = []
    remarks: list[tuple[int, Cell]] = []
    x = 0

    def end_line() -> None:
        nonlocal x
        lines.append(placed(tokens))
        if remarks:
            lines.append(placed(remarks))
        tokens.clear()
        remarks.clear()
        x = 0

    for at, token in enumerate(row.tokens):
        text = clipped(visible(token), width, palette)
        remark = _remark(targets[at]) if at in targets else ""
        room = max(cell_len(text), cell_len(remark))
        if tokens and x + room > width:
            end_line()
        tokens.append((x, Cell(text, palette.chip(_role(row, at, targets)))))
        if remark:
            remarks.append((x, Cell(clipped(remark, width - x, palette), palette.text(Role.MASKED))))
        x += room + 1
    if tokens:
        end_line()
    return lines


def _remark(target: Target) -> str:
    if target.fate == "kept":
        return "▲kept"
    return f"▲{visible(target.original)}"


def _role(row: Row, at: int, targets: dict[int, Target]) -> Role:
    if at in targets:
        return Role.MASKED
    if row.tokens[at] in _SPECIAL:
        return Role.SPECIAL
    return Role.SEGMENT_B if row.segments[at] else Role.SEGMENT_A


def batch_lines(batch: BatchLook, width: int, height: int, palette: Palette) -> list[Line]:
    """Rows of the batch, as many as fit, each with its guesses; the whole batch's loss above them."""
    muted = palette.text(Role.MUTED)
    pair = "" if batch.nsp_loss is None else f" · NSP loss {batch.nsp_loss:.2f}"
    figures = f"before the update, all {batch.examples} examples: MLM loss {batch.mlm_loss:.2f}{pair}"
    lines: list[Line] = [[Cell(clipped(figures, width, palette), muted)]]
    for row in batch.rows:
        drawn = [*row_lines(row, width, palette), *_guesses(row, width, palette)]
        if len(lines) > 1 and len(lines) + len(drawn) > height:
            break
        lines += drawn
    return lines[:height]


def _guesses(row: Row, width: int, palette: Palette) -> list[Line]:
    lines = [line for target in row.targets if (line := _guess(target, width, palette))]
    if row.is_pair and row.follows is not None:
        truth = "B follows A" if row.label == 0 else "B is from elsewhere"
        line = [Cell(f"{truth}; the model's P(B follows A) {fraction_or_less(row.follows)}")]
        if row.follows_after is not None:
            line.append(Cell(f" → {fraction_or_less(row.follows_after)} after", palette.text(Role.MUTED)))
        lines.append(line)
    return lines


def _guess(target: Target, width: int, palette: Palette) -> Line:
    if target.guess is None:
        return []
    right = palette.text(Role.ORIGINAL, bold=True)
    guess = visible(target.guess.token)
    line = [
        Cell(f"{target.position:>3} ", palette.text(Role.MUTED)),
        Cell(fitted(f"was {visible(target.original)}", _WORD + 4, palette), palette.text(Role.MASKED)),
        Cell(" guess "),
        Cell(fitted(guess, _WORD, palette), right if target.guess.token == target.original else Ink()),
        Cell(f" P(right) {fraction_or_less(target.guess.probability):>5}"),
    ]
    if target.after is not None and width >= 60:
        line.append(Cell(f" → {fraction_or_less(target.after.probability):>5} after", palette.text(Role.MUTED)))
    return line
