"""One map with a cursor: labels, cells in as much detail as fits, and which part of it is in the window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len

from babybert_tui.inspection.filters import FilteredMap
from babybert_tui.inspection.trace import Trace
from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.figures import fraction, percent
from babybert_tui.render.labels import clipped, fitted, short_name, visible
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.render.scale import Array, Scale, Scaling
from babybert_tui.render.strip import token_roles
from babybert_tui.tui.inspect.cursor_ink import cursor_patch

_LONGEST_LABEL = 12
_FRACTIONS, _PERCENT, _BLOCKS, _HALVES = 4, 3, 2, 1  # columns a key
_WIDEST = 6
_SHORTEST_LABEL = 5  # columns that names are cut to, at most
_MARK = 1  # "▶" before the query under the cursor


@dataclass(frozen=True)
class MapGeometry:
    """What of a map stands where, in columns and lines of the widget below its title."""

    left: int
    lanes: int  # lines of column labels
    cell_width: int
    detail: int  # the width for which the cells are written
    first_row: int
    rows: int  # queries
    each: int  # queries a line: two of them with half blocks
    first_column: int
    columns: int
    has_signs: bool  # scores, not shares
    with_positions: bool  # before the names of the rows

    def place_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Row and column of the filtered map under a point; None outside. Of two rows in a line, the upper one."""
        row, column = self.row_at(y), (x - self.left) // self.cell_width
        if row is not None and x >= self.left and column < self.columns:
            return row, self.first_column + column
        return None

    def row_at(self, y: int) -> int | None:
        """The row of a line, wherever in it."""
        row = (y - self.lanes) * self.each
        return self.first_row + row if 0 <= row < self.rows else None


def fit_map(
    trace: Trace, shown: FilteredMap, place: tuple[int, int], width: int, height: int, palette: Palette
) -> MapGeometry:
    """What fits into `width` by `height`; where not all does, a window around the cursor."""
    queries, keys = shown.values.shape
    left = full = _label_width(trace, shown, width, with_positions=True)
    if keys * _PERCENT > width - left:  # figures tell more than positions and brackets
        bare = _label_width(trace, shown, width, with_positions=False)
        cut = min(bare, width - keys * _PERCENT)  # so that the figures just fit
        left = cut if cut >= min(bare, _MARK + _SHORTEST_LABEL + 1) else left
    room = width - left
    detail = _detail(shown, room, height, palette)
    widest = {_FRACTIONS: _WIDEST, _HALVES: _BLOCKS}.get(detail, detail)
    cell_width = max(detail, min(widest, room // keys))
    columns = max(1, min(keys, room // cell_width))
    lanes = 2 if detail == _HALVES else _lanes_for(trace, shown, cell_width, height - queries)
    each = 2 if detail == _HALVES and palette.half_blocks else 1
    rows = max(1, min(queries, each * (height - lanes)))
    first_row, first_column = _window(place[0], rows, queries), _window(place[1], columns, keys)
    has_signs = bool(shown.values.min() < 0)
    return MapGeometry(
        left, lanes, cell_width, detail, first_row, rows, each, first_column, columns, has_signs, left >= full
    )


def _detail(shown: FilteredMap, room: int, height: int, palette: Palette) -> int:
    """Figures where they fit across; then blocks, and where those would not fit at all, two queries a line."""
    queries, keys = shown.values.shape
    shares = bool(shown.values.min() >= 0 and shown.values.max() <= 1.001)
    figures = (_FRACTIONS, _PERCENT) if shares else (_FRACTIONS,)
    found = next((one for one in figures if keys * one <= room), None)
    if found is not None:
        return found
    is_small = keys * _BLOCKS <= room and queries <= height - 2
    return _BLOCKS if is_small or not palette.half_blocks else _HALVES


def _label_width(trace: Trace, shown: FilteredMap, width: int, *, with_positions: bool) -> int:
    digits = len(str(len(trace.tokens) - 1)) + 1 if with_positions else 0
    names = [visible(trace.tokens[position]) for position in shown.rows.tolist()]
    longest = max(cell_len(name if with_positions else short_name(name)) for name in names)
    shortest = _SHORTEST_LABEL + 1 if with_positions else _SHORTEST_LABEL
    return _MARK + digits + min(longest, _LONGEST_LABEL, max(shortest, width // 8)) + 1


def _lanes_for(trace: Trace, shown: FilteredMap, cell_width: int, spare: int) -> int:
    names = [short_name(visible(trace.tokens[position])) for position in shown.columns.tolist()]
    longest = min(_LONGEST_LABEL, max(map(cell_len, names)))
    wanted = -(-(longest + 1) // cell_width)
    return max(1, min(wanted, max(2, spare), 4, len(names)))


def _window(at: int, size: int, length: int) -> int:
    """Where a window of `size` begins that has `at` in its middle, if it can."""
    return max(0, min(at - size // 2, length - size))


def map_lines(
    trace: Trace,
    shown: FilteredMap,
    place: tuple[int, int],
    geometry: MapGeometry,
    scaling: Scaling,
    palette: Palette,
) -> list[Line]:
    """Column labels, then one line a query."""
    positions = Scale.fitted(shown.values, scaling).positions(shown.values)
    draw = _half_block_rows if geometry.each == 2 else _cell_rows
    return [
        *_column_labels(trace, shown, place[1], geometry, palette),
        *draw(trace, shown, positions, place, geometry, palette),
    ]


def _cell_rows(
    trace: Trace,
    shown: FilteredMap,
    positions: Array,
    place: tuple[int, int],
    geometry: MapGeometry,
    palette: Palette,
) -> Iterator[Line]:
    """One query a line."""
    columns = slice(geometry.first_column, geometry.first_column + geometry.columns)
    for row in range(geometry.first_row, geometry.first_row + geometry.rows):
        is_here = row == place[0]
        cursor = place[1] - geometry.first_column if is_here else None
        label = _row_label(trace, int(shown.rows[row]), geometry, palette, is_here=is_here)
        values, at = shown.values[row, columns].tolist(), positions[row, columns].tolist()
        yield [*label, *_cells(values, at, cursor, geometry, palette)]


def _half_block_rows(
    trace: Trace,
    shown: FilteredMap,
    positions: Array,
    place: tuple[int, int],
    geometry: MapGeometry,
    palette: Palette,
) -> Iterator[Line]:
    """Two queries a line, one over the other; the line is named after the upper one, or after that of the cursor."""
    end = geometry.first_row + geometry.rows
    columns = range(geometry.first_column, geometry.first_column + geometry.columns)
    for row in range(geometry.first_row, end, 2):
        here = place[0] if place[0] in (row, row + 1) else None
        label = _row_label(trace, int(shown.rows[here or row]), geometry, palette, is_here=here is not None)
        halves = [row, row + 1] if row + 1 < end else [row]
        colours = [[_half_colour(positions, half, column, place, palette) for half in halves] for column in columns]
        yield [*label, *(_half_blocks(found, geometry.cell_width) for found in colours)]


def _half_colour(positions: Array, row: int, column: int, place: tuple[int, int], palette: Palette) -> str | None:
    is_here = (row, column) == place
    return cursor_patch(palette).background if is_here else palette.heat(positions[row, column]).background


def _half_blocks(colours: list[str | None], width: int) -> Cell:
    return Cell("▀" * width, Ink(colours[0], colours[1] if len(colours) > 1 else None))


def _cells(
    values: Sequence[float], at: Sequence[float], cursor: int | None, geometry: MapGeometry, palette: Palette
) -> Line:
    line = []
    for index, (value, position) in enumerate(zip(values, at, strict=True)):
        text, ink = _cell_text(value, position, geometry, palette), palette.heat(position)
        if index == cursor:
            text, ink = _under_cursor(text, palette), cursor_patch(palette)
        line.append(Cell(text, ink))
    return line


def _cell_text(value: float, position: float, geometry: MapGeometry, palette: Palette) -> str:
    width = geometry.cell_width
    if geometry.detail == _BLOCKS:
        return palette.pixel(position, width)[0]
    if geometry.has_signs:
        text = _signed(value)
    elif abs(value) < 0.005:
        text = palette.signs.zero
    else:
        text = percent(value) if geometry.detail == _PERCENT else fraction(value)
    if palette.colour:
        return text.rjust(min(width, 3)).ljust(width)
    return (text.rjust(width - 1) + palette.shade(position))[:width]


def _signed(value: float) -> str:
    """Three characters at most: -.6, 1.2, -12; no sign before nothing."""
    text = f"{value:.1f}" if abs(value) < 0.95 or 0.95 <= value < 9.95 else f"{value:.0f}"
    return {"-0.0": "0", "0.0": "0"}.get(text, text.replace("0.", ".", 1) if abs(value) < 0.95 else text)


def _under_cursor(text: str, palette: Palette) -> str:
    if palette.colour:
        return text if text.strip() else text[:-1] + " "
    return text[:-1] + ("<" if palette.ascii_only else "◀")


def _column_labels(
    trace: Trace, shown: FilteredMap, cursor: int, geometry: MapGeometry, palette: Palette
) -> list[Line]:
    """Each lane has every so-manieth label, so that each has the room of so many columns."""
    if geometry.detail == _HALVES:
        return _ticks(trace, shown, cursor, geometry, palette)
    roles, keys = token_roles(trace), shown.columns.tolist()
    lanes: list[list[tuple[int, Cell]]] = [[] for _ in range(geometry.lanes)]
    room = geometry.lanes * geometry.cell_width - 1
    end = geometry.left + geometry.columns * geometry.cell_width
    for index in range(geometry.columns):
        column = geometry.first_column + index
        x = geometry.left + index * geometry.cell_width
        name = clipped(short_name(visible(trace.tokens[keys[column]])), max(1, min(room, end + 6 - x)), palette)
        ink = cursor_patch(palette) if column == cursor else palette.text(roles[keys[column]])
        lanes[index % geometry.lanes].append((x, Cell(name, ink)))
    return [placed(lane) for lane in lanes]


def _ticks(trace: Trace, shown: FilteredMap, cursor: int, geometry: MapGeometry, palette: Palette) -> list[Line]:
    """Columns too narrow for names: positions here and there, and the name of the one under the cursor."""
    keys = shown.columns.tolist()
    numbers, free = [], 0
    for index in range(0, geometry.columns, 5):
        text, x = str(keys[geometry.first_column + index]), index * geometry.cell_width
        if x >= free and x + len(text) <= geometry.columns * geometry.cell_width:
            numbers.append((geometry.left + x, Cell(text, palette.text(Role.MUTED))))
            free = x + len(text) + 1
    name = f"{keys[cursor]} {short_name(visible(trace.tokens[keys[cursor]]))}▼"
    name = clipped(name, geometry.left + geometry.columns, palette)
    x = geometry.left + (cursor - geometry.first_column) * geometry.cell_width - cell_len(name) + 1
    label = Cell(name, cursor_patch(palette))
    return [placed(numbers), placed([(max(0, x), label)])]


def _row_label(trace: Trace, position: int, geometry: MapGeometry, palette: Palette, *, is_here: bool) -> Line:
    digits = len(str(len(trace.tokens) - 1))
    number = f"{position:>{digits}} " if geometry.with_positions else ""
    name = visible(trace.tokens[position])
    name = name if geometry.with_positions else short_name(name)
    name = fitted(name, geometry.left - _MARK - len(number) - 1, palette)
    ink = palette.text(token_roles(trace)[position])
    if is_here:
        return [Cell(f"{palette.signs.right}{number}{name}", cursor_patch(palette)), Cell(" ")]
    return [Cell(f" {number}"), Cell(f"{name} ", ink)]


def window_words(shown: FilteredMap, geometry: MapGeometry) -> str:
    """Which part of the map is in the window, and that two queries share a line; "" where neither is so."""
    queries, keys = shown.values.shape
    row, column = geometry.first_row, geometry.first_column
    parts = [
        f"rows {row + 1}–{row + geometry.rows} of {queries}" if geometry.rows < queries else "",
        f"columns {column + 1}–{column + geometry.columns} of {keys}" if geometry.columns < keys else "",
    ]
    window = ", ".join(part for part in parts if part)
    two = "two rows a line" if geometry.each == 2 else ""
    return "; ".join(part for part in (window, two, "the window follows the cursor" if window else "") if part)


def largest_key(shown: FilteredMap, row: int) -> int:
    """The column of a row's largest value."""
    return int(np.argmax(shown.values[row]))
