"""One map with a cursor: labels, cells in as much detail as fits, and which part of it is in the window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len

from babybert_tui.inspection.filters import FilteredMap
from babybert_tui.inspection.trace import Trace
from babybert_tui.render.cells import Cell, Line, placed
from babybert_tui.render.figures import fraction, percent
from babybert_tui.render.labels import clipped, fitted, short_name, visible
from babybert_tui.render.palette import Palette
from babybert_tui.render.scale import Scale, Scaling
from babybert_tui.render.strip import token_roles
from babybert_tui.tui.inspect.cursor_ink import cursor_patch

_LONGEST_LABEL = 12
_FRACTIONS, _PERCENT, _BLOCKS = 4, 3, 2  # columns a key
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
    rows: int
    first_column: int
    columns: int
    has_signs: bool  # scores, not shares
    with_positions: bool  # before the names of the rows

    def place_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Row and column of the filtered map under a point; None outside."""
        row, column = y - self.lanes, (x - self.left) // self.cell_width
        if 0 <= row < self.rows and x >= self.left and column < self.columns:
            return self.first_row + row, self.first_column + column
        return None

    def row_at(self, y: int) -> int | None:
        """The row of a line, wherever in it."""
        row = y - self.lanes
        return self.first_row + row if 0 <= row < self.rows else None


def fit_map(trace: Trace, shown: FilteredMap, place: tuple[int, int], width: int, height: int) -> MapGeometry:
    """What fits into `width` by `height`; where not all does, a window around the cursor."""
    queries, keys = shown.values.shape
    left = full = _label_width(trace, shown, width, with_positions=True)
    if keys * _PERCENT > width - left:  # figures tell more than positions and brackets
        bare = _label_width(trace, shown, width, with_positions=False)
        left = bare if keys * _PERCENT <= width - bare else left
    room = width - left
    shares = bool(shown.values.min() >= 0 and shown.values.max() <= 1.001)
    details = (_FRACTIONS, _PERCENT, _BLOCKS) if shares else (_FRACTIONS, _BLOCKS)
    detail = next((one for one in details if keys * one <= room), _BLOCKS)
    cell_width = max(detail, min(_WIDEST, room // keys)) if detail == _FRACTIONS else detail
    columns = max(1, min(keys, room // cell_width))
    lanes = _lanes_for(trace, shown, cell_width, height - queries)
    rows = max(1, min(queries, height - lanes))
    first_row, first_column = _window(place[0], rows, queries), _window(place[1], columns, keys)
    has_signs = bool(shown.values.min() < 0)
    return MapGeometry(left, lanes, cell_width, detail, first_row, rows, first_column, columns, has_signs, left >= full)


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
    scale = Scale.fitted(shown.values, scaling)
    rows = slice(geometry.first_row, geometry.first_row + geometry.rows)
    columns = slice(geometry.first_column, geometry.first_column + geometry.columns)
    positions = scale.positions(shown.values)[rows, columns]
    lines = _column_labels(trace, shown, place[1], geometry, palette)
    for index, (values, at) in enumerate(zip(shown.values[rows, columns].tolist(), positions.tolist(), strict=True)):
        row = geometry.first_row + index
        column = place[1] - geometry.first_column if row == place[0] else None
        label = _row_label(trace, int(shown.rows[row]), geometry, palette, is_here=row == place[0])
        lines.append([*label, *_cells(values, at, column, geometry, palette)])
    return lines


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
        text = f"{value:.1f}" if abs(value) < 9.95 else f"{value:.0f}"
    elif abs(value) < 0.005:
        text = palette.signs.zero
    else:
        text = percent(value) if geometry.detail == _PERCENT else fraction(value)
    if palette.colour:
        return text.rjust(min(width, 3)).ljust(width)
    return (text.rjust(width - 1) + palette.shade(position))[:width]


def _under_cursor(text: str, palette: Palette) -> str:
    if palette.colour:
        return text if text.strip() else text[:-1] + " "
    return text[:-1] + ("<" if palette.ascii_only else "◀")


def _column_labels(
    trace: Trace, shown: FilteredMap, cursor: int, geometry: MapGeometry, palette: Palette
) -> list[Line]:
    """Each lane has every so-manieth label, so that each has the room of so many columns."""
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
    """Which part of the map is in the window; "" where all of it is."""
    queries, keys = shown.values.shape
    if (geometry.rows, geometry.columns) == (queries, keys):
        return ""
    row, column = geometry.first_row, geometry.first_column
    return (
        f"rows {row + 1}–{row + geometry.rows} of {queries}, "
        f"columns {column + 1}–{column + geometry.columns} of {keys}: the window follows the cursor"
    )


def largest_key(shown: FilteredMap, row: int) -> int:
    """The column of a row's largest value."""
    return int(np.argmax(shown.values[row]))
