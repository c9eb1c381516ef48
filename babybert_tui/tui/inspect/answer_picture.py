"""What the two heads of the model say: about the token under the cursor, about the pair, and with heads off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from babybert_tui.inspection.trace import Prediction, Trace
from babybert_tui.render.bars import bar
from babybert_tui.render.cells import Cell, Line, text_lines
from babybert_tui.render.figures import fraction, fraction_or_less
from babybert_tui.render.labels import clipped, fitted, visible
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.tui.inspect.question import PastLook

if TYPE_CHECKING:
    from babybert_tui.inspection.ablation import Ablation
    from babybert_tui.inspection.logit_lens import LensLayer

_FIGURE = 5
_LONGEST_NAME = 12
_NARROW = 30
_NOT_ASKED = "Nothing was asked here."
_OVER_TRAINING, _GAP = " over training  ", "   "


def prediction_title(trace: Trace, position: int, *, is_brief: bool) -> str:
    """Which token, what it was, and how well it was found; a brief one leaves out its fate."""
    prediction = _prediction_at(trace, position)
    masked = next((one for one in trace.masked if one.position == position), None)
    token = visible(trace.tokens[position])
    if trace.special[position]:
        return f"{position}: {token}"
    if masked is None:
        return f"{position}: {token}, not hidden"
    if masked.original is None:
        return f"{position}: typed [MASK]"
    rank = "" if prediction is None or prediction.rank is None else f", rank {prediction.rank:,}"
    if is_brief:
        return f"{position} {visible(masked.original)}{rank}"
    was = {"random": f", shown {token}", "kept": ", kept"}.get(masked.fate, "")
    return f"{position}: was {visible(masked.original)}{was}{rank}"


def _prediction_at(trace: Trace, position: int) -> Prediction | None:
    return next((one for one in trace.predictions or () if one.position == position), None)


def prediction_lines(trace: Trace, position: int, width: int, height: int, palette: Palette) -> list[Line]:
    """The likeliest tokens at a position; the true one is among them or comes last."""
    prediction = _prediction_at(trace, position)
    if trace.special[position]:
        return text_lines(f"{visible(trace.tokens[position])} is never hidden: nothing is asked here.", width, palette)
    if prediction is None:
        why = "This checkpoint predicts no words." if trace.predictions is None else _NOT_ASKED
        return text_lines(why, width, palette)
    rows = [(one.token, one.probability) for one in prediction.top[:height]]
    if prediction.original is not None and prediction.probability is not None:
        true = (prediction.original, prediction.probability)
        if all(token != true[0] for token, _ in rows):
            rows[-1:] = [true]
    names = [visible(token) for token, _ in rows]
    name_width = min(_LONGEST_NAME, max([5, *map(cell_len, names)]))
    return [
        bar_line(name, share, name_width, width, palette, is_right=token == prediction.original)
        for name, (token, share) in zip(names, rows, strict=True)
    ]


def lens_lines(lens: "Sequence[LensLayer]", position: int, width: int, height: int, palette: Palette) -> list[Line]:
    """The first guess at a position after each layer; where there is little room, after the last ones."""
    found = [(layer.layer, one) for layer in lens for one in layer.predictions if one.position == position and one.top]
    if not found:
        return text_lines(_NOT_ASKED, width, palette)
    found = found[-height:]
    names = [f"{f'L{layer}' if layer else 'in':<3} {visible(one.top[0].token)}" for layer, one in found]
    name_width = min(_LONGEST_NAME + len("L12 "), width // 2, max(map(cell_len, names)))
    return [
        bar_line(
            name,
            one.top[0].probability,
            name_width,
            width,
            palette,
            is_right=one.top[0].token == one.original,
        )
        for name, (_, one) in zip(names, found, strict=True)
    ]


def bar_line(name: str, share: float, name_width: int, width: int, palette: Palette, *, is_right: bool) -> Line:
    """A name, a share of 1, and a bar of that share."""
    ink = palette.text(Role.ORIGINAL, bold=True) if is_right else palette.text(Role.BAR)
    room = max(1, width - name_width - _FIGURE - 3)
    drawn = bar(share, room, palette)
    rest = room - cell_len(drawn)
    track = (" " * (rest - 1) + palette.signs.end_of_bar) if rest > 0 else ""
    return [
        Cell(" "),
        Cell(fitted(name, name_width, palette), ink if is_right else Ink()),
        Cell(f" {fraction_or_less(share):>{_FIGURE}} "),
        Cell(drawn, ink),
        Cell(track, palette.text(Role.MUTED)),
    ]


def pair_line(trace: Trace, follows: bool | None, width: int, palette: Palette) -> Line:  # noqa: FBT001 - three-valued
    """P(B follows A), and whether it does where that is known."""
    if trace.is_next is None:
        why = "B is empty: no pair to judge" if not trace.segments.any() else "no P(B follows A) in this checkpoint"
        return [Cell(clipped(f" {why}", width, palette), palette.text(Role.MUTED))]
    truth = "" if follows is None else " (it does)" if follows else " (it does not)"
    label = f" P(B follows A){truth} " if width >= _NARROW else " B follows A "
    figure = f"{fraction_or_less(trace.is_next):>4} "
    room = max(1, min(24, width - len(label) - len(figure) - 1))
    drawn = bar(trace.is_next, room, palette)
    rest = room - cell_len(drawn)
    return [
        Cell(label, palette.text(Role.SEGMENT_B)),
        Cell(figure, Ink(bold=True)),
        Cell(drawn, palette.text(Role.SEGMENT_B)),
        Cell((" " * (rest - 1) + palette.signs.end_of_bar) if rest > 0 else "", palette.text(Role.MUTED)),
    ]


def ablation_lines(ablation: "Ablation", width: int, palette: Palette) -> list[Line]:
    """What the silent heads change: losses, the pair, first guesses."""
    off = ", ".join(f"L{layer}·H{head}" for layer, head in ablation.heads_off)
    parts = [
        _loss_words("MLM loss", ablation.before.mlm_loss, ablation.after.mlm_loss),
        _loss_words("NSP loss", ablation.before.nsp_loss, ablation.after.nsp_loss),
        _chance_words(ablation.before.is_next, ablation.after.is_next),
    ]
    said = " · ".join(part for part in parts if part) or "no loss to compare: m hides a token"
    changes = " · ".join(
        f"{change.position}: {visible(change.before.token)} → {visible(change.after.token)}"
        for change in ablation.changes
    )
    guesses = f"first guess {changes}" if changes else "every first guess stays" if ablation.before.predictions else ""
    lines = text_lines(f"{off} off: {said}", width, palette, Role.UNKNOWN)
    return [*lines, *text_lines(guesses, width, palette, Role.UNKNOWN)]


def _loss_words(name: str, before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return ""
    return f"{name} {before:.3f} → {after:.3f} ({after - before:+.3f})"


def _chance_words(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return ""
    return f"P(B follows A) {fraction(before, 3)} → {fraction(after, 3)}"


def past_line(past: Sequence[PastLook], position: int, step: int | None, width: int, palette: Palette) -> Line:
    """First guesses at some steps of the run, and P(B follows A) where nothing is hidden there."""
    line = [Cell(_OVER_TRAINING, palette.text(Role.MUTED))]
    for one, text in _fitting(past, position, step, width - len(_OVER_TRAINING)):
        line.append(Cell(text, palette.text(Role.HEADING) if one.step == step else palette.text(Role.MUTED)))
        line.append(Cell(_GAP))
    return line


def _fitting(past: Sequence[PastLook], position: int, step: int | None, room: int) -> list[tuple[PastLook, str]]:
    """As many as have room, evenly spread from the first to the last; the one that is looked at in any case."""
    for count in range(len(past), 0, -1):
        places = {round(index * (len(past) - 1) / max(1, count - 1)) for index in range(count)}
        chosen = [one for at, one in enumerate(past) if at in places or one.step == step]
        found = [(one, f"{one.step:,} {_past_words(one, position)}") for one in chosen]
        if sum(cell_len(text) + len(_GAP) for _, text in found) <= room:
            return found
    return []


def _past_words(past: PastLook, position: int) -> str:
    guess = past.first.get(position)
    if guess is not None:
        return f"{visible(guess[0])} {fraction_or_less(guess[1], 2)}"
    return "" if past.is_next is None else f"B follows {fraction_or_less(past.is_next, 2)}"
