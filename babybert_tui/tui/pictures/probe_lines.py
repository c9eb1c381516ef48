"""The pinned probe as text: its tokens, what became of them, and what the model makes of them now and before."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.cells import cell_len

from babybert_tui.render.bars import bar
from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.figures import fraction_or_less
from babybert_tui.render.labels import clipped, fitted, visible
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.training.recording import Probe, Snapshot

_SPECIAL = frozenset({"[CLS]", "[SEP]", "[PAD]"})
_NAME, _FIGURE = 11, 5
_LABEL, _WIDEST_LABEL = 12, 26
_LONGEST_PIECE = 20


def strip_lines(probe: Probe, width: int, palette: Palette, *, with_originals: bool = True) -> list[Line]:
    """The tokens as chips, wrapped; under each selected one, what stood there."""
    lines: list[Line] = []
    for row in _wrapped(probe, width, palette, with_originals=with_originals):
        lines.append(placed((x, Cell(text, palette.chip(_role(probe, at)))) for at, x, text in row))
        remarks = list(_remarks(probe, row, width, palette)) if with_originals else []
        if remarks:
            lines.append(placed(remarks))
    return lines


def _wrapped(
    probe: Probe, width: int, palette: Palette, *, with_originals: bool
) -> Iterator[list[tuple[int, int, str]]]:
    """Lines of (position, column, text); a token is given room for the word under it."""
    fates = dict(zip(probe.positions, zip(probe.fates, probe.originals, strict=True), strict=True))
    row: list[tuple[int, int, str]] = []
    x = 0
    for at, token in enumerate(probe.tokens):
        text = clipped(visible(token), min(_LONGEST_PIECE, width), palette)
        room = max(cell_len(text), cell_len(_remark(*fates[at])) if at in fates and with_originals else 0)
        if row and x + room > width:
            yield row
            row, x = [], 0
        row.append((at, x, text))
        x += room + 1
    if row:
        yield row


def _role(probe: Probe, at: int) -> Role:
    if at in probe.positions:
        return Role.MASKED
    if probe.tokens[at] in _SPECIAL:
        return Role.SPECIAL
    return Role.SEGMENT_B if probe.segments[at] else Role.SEGMENT_A


def _remark(fate: str, original: str | None) -> str:
    if original is None:
        return "▲?"
    return {"kept": "▲kept"}.get(fate, f"▲{clipped(visible(original), _LONGEST_PIECE, Palette())}")


def _remarks(
    probe: Probe, row: Sequence[tuple[int, int, str]], width: int, palette: Palette
) -> Iterator[tuple[int, Cell]]:
    ink = palette.text(Role.MASKED)
    for at, x, _ in row:
        if at in probe.positions:
            index = probe.positions.index(at)
            yield x, Cell(clipped(_remark(probe.fates[index], probe.originals[index]), width - x, palette), ink)


def prediction_lines(
    probe: Probe,
    snapshot: Snapshot,
    past: Sequence[Snapshot],
    pieces: Mapping[int, str],
    width: int,
    height: int,
    palette: Palette,
) -> list[Line]:
    """Each masked position with its likeliest tokens and its best guesses at earlier steps; P(B follows A) last."""
    pair = _next_sentence(probe, snapshot, width, palette)
    asked = len(probe.positions)
    room = height - len(pair)
    if not asked or room < 1:
        return pair[:height]
    shown = min(asked, room)
    each = room // shown
    with_past = each >= 2
    bars = max(1, min(len(snapshot.top_ids[0]), each - with_past))
    lines: list[Line] = []
    for index in range(shown):
        lines += _candidates(probe, snapshot, index, bars, pieces, width, palette)
        if with_past:
            lines.append(_best_so_far(probe, past, snapshot, index, pieces, width, palette))
    return [*lines, *pair]


def _candidates(
    probe: Probe,
    snapshot: Snapshot,
    index: int,
    count: int,
    pieces: Mapping[int, str],
    width: int,
    palette: Palette,
) -> list[Line]:
    original = probe.originals[index]
    room = _label_width(probe, width)
    rows = []
    numbers, chances = snapshot.top_ids[index], snapshot.top_probabilities[index]
    for rank in range(min(count, len(numbers))):
        token = pieces.get(int(numbers[rank]), "?")
        right = token == original
        lead = Cell(fitted(_label(probe, index) if rank == 0 else "", room, palette), palette.text(Role.MASKED))
        rows.append([lead, Cell(" "), *_bar(visible(token), float(chances[rank]), width - room - 1, palette, right)])
    return rows


def _label(probe: Probe, index: int) -> str:
    original = probe.originals[index]
    return f"{probe.positions[index]:>2} " + (f"was {visible(original)}" if original is not None else "?")


def _label_width(probe: Probe, width: int) -> int:
    """What the longest label wants, as far as the bars leave it."""
    longest = max((cell_len(_label(probe, index)) for index in range(len(probe.positions))), default=0)
    return max(_LABEL, min(longest, width // 4, _WIDEST_LABEL))


def _bar(name: str, share: float, width: int, palette: Palette, right: bool) -> Line:  # noqa: FBT001
    ink = palette.text(Role.ORIGINAL, bold=True) if right else palette.text(Role.BAR)
    room = max(1, width - _NAME - _FIGURE - 2)
    drawn = bar(share, room, palette)
    rest = room - cell_len(drawn)
    return [
        Cell(fitted(f"✓{name}" if right else f" {name}", _NAME, palette), ink if right else Ink()),
        Cell(f"{fraction_or_less(share):>{_FIGURE}} "),
        Cell(drawn, ink),
        Cell((" " * (rest - 1) + palette.signs.end_of_bar) if rest > 0 else "", palette.text(Role.MUTED)),
    ]


def _best_so_far(
    probe: Probe,
    past: Sequence[Snapshot],
    snapshot: Snapshot,
    index: int,
    pieces: Mapping[int, str],
    width: int,
    palette: Palette,
) -> Line:
    """First choices at the steps at which they changed, the newest that fit."""
    looks = [one for one in past if one.step <= snapshot.step]
    named = [(one.step, pieces.get(int(one.top_ids[index][0]), "?")) for one in looks]
    changes = [next(group) for _, group in groupby(named, key=lambda pair: pair[1])]
    muted, right = palette.text(Role.MUTED), palette.text(Role.ORIGINAL)
    line: Line = []
    room = width - 4
    for step, token in reversed(changes):
        name = clipped(visible(token), _NAME, palette)
        size = len(f"{step} ") + cell_len(name) + 3
        if size > room:
            line = [Cell("… ", muted), *line]
            break
        room -= size
        line = [Cell(f"{step} ", muted), Cell(f"{name}", right if token == probe.originals[index] else Ink()), *(
            [Cell(" → ", muted), *line] if line else []
        )]  # fmt: skip
    return [Cell("   ", muted), *line]


def _next_sentence(probe: Probe, snapshot: Snapshot, width: int, palette: Palette) -> list[Line]:
    if snapshot.is_next != snapshot.is_next or not any(probe.segments):  # nan: no such head
        return []
    room = _label_width(probe, width)
    lead = Cell(fitted("B follows A", room, palette), palette.text(Role.SEGMENT_B))
    return [[lead, Cell(" "), *_bar("", snapshot.is_next, width - room - 1, palette, False)]]
