"""The token strip with a cursor: positions and ids, pieces, segments, and what became of the hidden ones."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from babybert_tui.inspection.trace import Trace
from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.labels import clipped, visible
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.strip import fate_words, token_roles
from babybert_tui.tui.inspect.cursor_ink import cursor_patch

_LONGEST_PIECE = 20
_LONGEST_REMARK = 24


@dataclass(frozen=True)
class Placed:
    """A token in its row of the strip."""

    position: int
    x: int
    width: int
    heading: str
    piece: str


@dataclass(frozen=True)
class StripGeometry:
    """Rows of tokens, each drawn as some lines."""

    rows: tuple[tuple[Placed, ...], ...]
    lines_each: int
    first_row: int
    shown: int

    @property
    def height(self) -> int:
        """Lines in all."""
        return self.shown * self.lines_each

    def position_at(self, x: int, y: int) -> int | None:
        """The token under a point, or the last one left of it."""
        row = self.first_row + y // self.lines_each
        if y < 0 or row >= self.first_row + self.shown:
            return None
        before = [one.position for one in self.rows[row] if one.x <= x]
        return before[-1] if before else None

    def row_of(self, position: int) -> int:
        """The row that a token stands in."""
        return next(index for index, row in enumerate(self.rows) if row[-1].position >= position)


def fit_strip(trace: Trace, cursor: int, width: int, most_lines: int, palette: Palette) -> StripGeometry:
    """Lays the tokens out; where not all rows fit, those around the cursor are shown."""
    with_ids = _width(trace, palette, ids=True) <= width
    rows = tuple(_rows(trace, width, palette, ids=with_ids))
    has_remarks = bool(trace.masked or trace.unknown)
    lines_each = 3 + has_remarks if len(rows) * (3 + has_remarks) <= most_lines else 2 + has_remarks
    shown = max(1, min(len(rows), most_lines // lines_each))
    geometry = StripGeometry(rows, lines_each, 0, shown)
    first = max(0, min(geometry.row_of(cursor) - shown // 2, len(rows) - shown))
    return StripGeometry(rows, lines_each, first, shown)


def _heading(trace: Trace, position: int, palette: Palette, *, ids: bool) -> str:
    return f"{position}{palette.signs.dot}{int(trace.ids[position])}" if ids else str(position)


def _width(trace: Trace, palette: Palette, *, ids: bool) -> int:
    return sum(
        1 + max(len(_heading(trace, at, palette, ids=ids)), _least_width(trace, at, palette))
        for at in range(len(trace.tokens))
    )


def _least_width(trace: Trace, position: int, palette: Palette) -> int:
    """What the piece wants, and what is said of it."""
    remark = _remark(trace, position, palette)
    return max(cell_len(_piece(trace, position, palette)), 0 if remark is None else cell_len(remark[0]))


def _piece(trace: Trace, position: int, palette: Palette) -> str:
    return clipped(visible(trace.tokens[position]), _LONGEST_PIECE, palette)


def _rows(trace: Trace, width: int, palette: Palette, *, ids: bool) -> Iterator[tuple[Placed, ...]]:
    row: list[Placed] = []
    x = 0
    for position in range(len(trace.tokens)):
        heading, piece = _heading(trace, position, palette, ids=ids), _piece(trace, position, palette)
        size = max(len(heading), cell_len(piece))
        room = max(size, min(width, _least_width(trace, position, palette)))
        if row and x + room > width:
            yield tuple(row)
            row, x = [], 0
        row.append(Placed(position, x, size, heading, piece))
        x += room + 1
    yield tuple(row)


def strip_lines(trace: Trace, cursor: int, geometry: StripGeometry, width: int, palette: Palette) -> list[Line]:
    """Draws the rows that are shown."""
    roles = token_roles(trace)
    lines: list[Line] = []
    for row in geometry.rows[geometry.first_row : geometry.first_row + geometry.shown]:
        drawn = [_headings(row, cursor, palette), _pieces(row, roles, cursor, palette)]
        remarks = bool(trace.masked or trace.unknown)
        if geometry.lines_each == 3 + remarks:
            drawn.append(_brackets(trace, row, palette))
        if remarks:
            drawn.append(_remarks(trace, row, width, palette))
        lines.extend(drawn)
    return lines


def _headings(row: tuple[Placed, ...], cursor: int, palette: Palette) -> Line:
    here, other = palette.text(Role.HEADING), palette.text(Role.MUTED)
    return placed((one.x, Cell(one.heading, here if one.position == cursor else other)) for one in row)


def _pieces(row: tuple[Placed, ...], roles: list[Role], cursor: int, palette: Palette) -> Line:
    def ink(position: int) -> Cell:
        one = next(place for place in row if place.position == position)
        here = position == cursor
        text = f"[{one.piece}]" if here and not palette.colour else one.piece
        return Cell(text, cursor_patch(palette) if here else palette.chip(roles[position]))

    return placed((one.x, ink(one.position)) for one in row)


def _brackets(trace: Trace, row: tuple[Placed, ...], palette: Palette) -> Line:
    items = []
    opening, closing = palette.signs.corners
    for segment, letter, role in ((0, "A", Role.SEGMENT_A), (1, "B", Role.SEGMENT_B)):
        run = [one for one in row if int(trace.segments[one.position]) == segment]
        if not run:
            continue
        width = run[-1].x + run[-1].width - run[0].x
        text = letter if width < 3 else opening + letter.center(width - 2, palette.signs.rule) + closing
        items.append((run[0].x, Cell(text, palette.text(role))))
    return placed(items)


def _remark(trace: Trace, position: int, palette: Palette) -> tuple[str, Role] | None:
    """What became of a hidden token, or which word the vocabulary has not."""
    for masked in trace.masked:
        if masked.position == position:
            return _pointing(fate_words(masked), palette), Role.MASKED
    for unknown in trace.unknown:
        if unknown.positions and unknown.positions[0] == position:
            return _pointing(visible(unknown.word), palette), Role.UNKNOWN
    return None


def _pointing(words: str, palette: Palette) -> str:
    return clipped(palette.signs.pointer + words, _LONGEST_REMARK, palette)


def _remarks(trace: Trace, row: tuple[Placed, ...], width: int, palette: Palette) -> Line:
    """A line of them; each stands under its token."""
    found = ((one, _remark(trace, one.position, palette)) for one in row)
    return placed(
        (one.x, Cell(clipped(remark[0], width - one.x, palette), palette.text(remark[1])))
        for one, remark in found
        if remark is not None
    )
