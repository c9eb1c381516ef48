"""The token strip: every piece with its position, its segment, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from babybert_tui.inspection.trace import MaskedToken, Trace
from babybert_tui.render.cells import Cell, Line, Picture, placed
from babybert_tui.render.labels import clipped, visible
from babybert_tui.render.palette import Palette, Role

_LONGEST_PIECE = 24
_LONGEST_WORD = 20
_COMPACT_FROM = 65  # tokens; a longer text is read as text, with one position a line


@dataclass(frozen=True)
class _Column:
    """One token, laid out: where it stands in its line and what is written above and in it."""

    position: int
    x: int
    width: int
    heading: str
    piece: str


@dataclass(frozen=True)
class _Remark:
    """Words that point up at a token."""

    x: int
    text: str
    role: Role


def token_roles(trace: Trace) -> list[Role]:
    """What each token is, for its colour: masked, unknown, special, or of one of the two segments."""
    roles = [Role.SEGMENT_B if segment else Role.SEGMENT_A for segment in trace.segments.tolist()]
    for position in trace.special.nonzero()[0].tolist():
        roles[position] = Role.SPECIAL
    for word in trace.unknown:
        for position in word.positions:
            roles[position] = Role.UNKNOWN
    for masked in trace.masked:
        roles[masked.position] = Role.MASKED
    return roles


def fate_words(masked: MaskedToken, *, ascii_only: bool = False) -> str:
    """What became of a selected token, in two or three words."""
    if masked.original is None:
        return "typed"
    was = f"was {visible(masked.original, ascii_only=ascii_only)}"
    return {"mask": was, "random": f"random, {was}", "kept": "kept as it was"}[masked.fate]


class TokenStrip(Picture):
    """All tokens of a trace in lines that never cut one.

    Args:
        trace: What to show.
        ids: Whether to write each vocabulary id after the position, as `4·103`.
    """

    def __init__(self, trace: Trace, *, ids: bool = False) -> None:
        self.trace = trace
        self.ids = ids
        self._roles = token_roles(trace)
        self.compact = len(trace.tokens) >= _COMPACT_FROM and not ids

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws position, piece, segment bracket and remarks, wrapped to `width`."""
        remarks = self._remarks(palette)
        drawn: list[Line] = []
        for row in self._rows(width, palette):
            if drawn and not self.compact:
                drawn.append([])
            drawn.extend(self._gutter_line(row, palette) if self.compact else self._full_lines(row, palette))
            drawn.extend(_remark_lines(row, remarks, width, palette))
        return drawn

    def _rows(self, width: int, palette: Palette) -> Iterator[list[_Column]]:
        gap = 1 if self.compact or palette.colour else 2
        left = self._gutter if self.compact else 0
        x = left
        row: list[_Column] = []
        for position, token in enumerate(self.trace.tokens):
            heading = self._heading(position, palette)
            room = max(1, min(_LONGEST_PIECE, width - left))
            piece = clipped(visible(token, ascii_only=palette.ascii_only), room, palette)
            size = cell_len(piece) if self.compact else max(cell_len(heading), cell_len(piece))
            new_segment = self.compact and row and self._segment(position) != self._segment(position - 1)
            if row and (x + size > width or new_segment):
                yield row
                x, row = left, []
            row.append(_Column(position, x, size, heading, piece))
            x += size + gap
        if row:
            yield row

    @property
    def _gutter(self) -> int:
        return len(str(len(self.trace.tokens))) + 3

    def _segment(self, position: int) -> int:
        return int(self.trace.segments[position])

    def _heading(self, position: int, palette: Palette) -> str:
        if not self.ids:
            return str(position)
        return f"{position}{palette.signs.dot}{int(self.trace.ids[position])}"

    def _gutter_line(self, row: list[_Column], palette: Palette) -> list[Line]:
        first = row[0].position
        letter, role = ("B", Role.SEGMENT_B) if self._segment(first) else ("A", Role.SEGMENT_A)
        number = Cell(f"{first:>{self._gutter - 3}} ", palette.text(Role.MUTED))
        return [[number, Cell(f"{letter} ", palette.text(role)), *self._pieces(row, palette, left=self._gutter)]]

    def _full_lines(self, row: list[_Column], palette: Palette) -> list[Line]:
        muted = palette.text(Role.MUTED)
        headings = placed((column.x, Cell(column.heading, muted)) for column in row)
        return [headings, self._pieces(row, palette), self._brackets(row, palette)]

    def _pieces(self, row: list[_Column], palette: Palette, left: int = 0) -> Line:
        return placed(
            (column.x - left, Cell(column.piece, palette.chip(self._roles[column.position]))) for column in row
        )

    def _brackets(self, row: list[_Column], palette: Palette) -> Line:
        items: list[tuple[int, Cell]] = []
        for segment, letter, role in ((0, "A", Role.SEGMENT_A), (1, "B", Role.SEGMENT_B)):
            run = [column for column in row if self._segment(column.position) == segment]
            if run:
                items.append((run[0].x, Cell(self._bracket(run, segment, letter, palette), palette.text(role))))
        return placed(sorted(items))

    def _bracket(self, run: list[_Column], segment: int, letter: str, palette: Palette) -> str:
        positions = [index for index, value in enumerate(self.trace.segments.tolist()) if value == segment]
        width = run[-1].x + run[-1].width - run[0].x
        rule, (opening, closing) = palette.signs.rule, palette.signs.corners
        if width < 3:
            return letter.ljust(width)[:width]
        left = opening if run[0].position == positions[0] else rule
        right = closing if run[-1].position == positions[-1] else rule
        return left + letter.center(width - 2, rule) + right

    def _remarks(self, palette: Palette) -> dict[int, tuple[str, Role]]:
        found: dict[int, tuple[str, Role]] = {}
        for word in self.trace.unknown:
            name = clipped(visible(word.word, ascii_only=palette.ascii_only), _LONGEST_WORD, palette)
            if word.positions:
                found[word.positions[0]] = (f"unknown: {name}", Role.UNKNOWN)
        for masked in self.trace.masked:
            words = clipped(fate_words(masked, ascii_only=palette.ascii_only), _LONGEST_PIECE + 12, palette)
            found[masked.position] = (words, Role.MASKED)
        return found


def _remark_lines(row: list[_Column], remarks: dict[int, tuple[str, Role]], width: int, palette: Palette) -> list[Line]:
    """Writes the remarks of one line of tokens under it, in as few lines as they fit into without touching."""
    lanes: list[list[_Remark]] = []
    for column in row:
        if column.position not in remarks:
            continue
        words, role = remarks[column.position]
        remark = _pointing(column.x, words, role, width, palette)
        for lane in lanes:
            if lane[-1].x + cell_len(lane[-1].text) < remark.x:
                lane.append(remark)
                break
        else:
            lanes.append([remark])
    return [placed((remark.x, Cell(remark.text, palette.text(remark.role))) for remark in lane) for lane in lanes]


def _pointing(x: int, words: str, role: Role, width: int, palette: Palette) -> _Remark:
    """Puts the pointer under column `x`, with its words to the right of it, or to the left where there is no room."""
    pointer = palette.signs.pointer
    if x + 1 + cell_len(words) <= width:
        return _Remark(x, pointer + words, role)
    if x - cell_len(words) >= 0:
        return _Remark(x - cell_len(words), words + pointer, role)
    return _Remark(x, pointer + clipped(words, width - x - 1, palette), role)
