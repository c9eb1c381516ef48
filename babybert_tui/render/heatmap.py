"""One head's attention as a heatmap with labels, legend, exact extremes, and how it was scaled and cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from babybert_tui.inspection.filters import Direction, FilteredMap, filter_map
from babybert_tui.inspection.head_labels import BROAD, LABELS
from babybert_tui.inspection.trace import Floats, HeadStatistics, Trace
from babybert_tui.render.cells import Cell, Line, Picture, line_width, placed, text_lines
from babybert_tui.render.figures import fraction
from babybert_tui.render.heatmap_grid import Detail, GridLayout, choose_layout, grid_lines
from babybert_tui.render.labels import clipped, fitted, short_name, visible
from babybert_tui.render.legend import legend_lines
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.pooling import block_starts, pool
from babybert_tui.render.scale import Scale, Scaling
from babybert_tui.render.strip import token_roles

_LONGEST_LABEL = 12
_MOST_LANES = 4


@dataclass(frozen=True)
class MapChoice:
    """Which part of a map to show: three switches that do not touch each other."""

    direction: Direction = Direction.ALL
    hide_special: bool = False
    renormalise: bool = False

    def of(self, trace: Trace, matrix: Floats) -> FilteredMap:
        """Cuts an (n, n) map of `trace` down to the chosen part."""
        return filter_map(
            matrix,
            trace.segments,
            trace.special,
            direction=self.direction,
            hide_special=self.hide_special,
            renormalise=self.renormalise,
        )

    def words(self, hidden_mass: float) -> str:
        """The three switches and the mass that they hide, which is said even where it is none."""
        block = "all tokens"
        if self.direction is not Direction.ALL:
            block = f"{self.direction.value[0]} to {self.direction.value[-1]} only"
        special = "special tokens hidden" if self.hide_special else "special tokens shown"
        rows = "rows renormalised to 1" if self.renormalise else "rows as they are"
        return f"{block}, {special}, {rows}; hidden mass {fraction(hidden_mass, 4)} a row"


EVERYTHING = MapChoice()


def telling_statistic(statistics: HeadStatistics) -> tuple[str, float]:
    """The number behind a head's label, with its name."""
    for field, label in LABELS.items():
        if label == statistics.label:
            return field, getattr(statistics, field)
    return ("entropy", statistics.entropy) if statistics.label == BROAD else ("confidence", statistics.confidence)


def statistic_words(statistics: HeadStatistics) -> str:
    """A head's label with its number, as `previous token .93` or `mixed, confidence .41`."""
    field, value = telling_statistic(statistics)
    between = " " if field in LABELS else f", {field} "
    return f"{statistics.label}{between}{fraction(value)}"


class Heatmap(Picture):
    """The map of one head.

    Args:
        trace: It holds the attention of that head.
        layer: Counted from 1.
        head: Counted from 1.
        values: (n, n) of something else than the attention of that head, such as a rollout or norms; None: attention.
        name: What to call it in the title; "" calls it by layer and head.
        choice: Which part to show.
        scaling: What the colours stand for.

    Raises:
        ValueError: The trace does not hold that head.
    """

    minimum_width = 40

    def __init__(
        self,
        trace: Trace,
        layer: int,
        head: int,
        *,
        values: Floats | None = None,
        name: str = "",
        choice: MapChoice = EVERYTHING,
        scaling: Scaling = Scaling.GLOBAL,
    ) -> None:
        self.trace = trace
        self.layer = layer
        self.name = name
        self.head = head
        self.scaling = scaling
        self.choice = choice
        self.view: FilteredMap = choice.of(trace, trace.map(layer, head) if values is None else values)
        self._queries: list[int] = self.view.rows.tolist()
        self._keys: list[int] = self.view.columns.tolist()
        self._roles = token_roles(trace)

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws title, labels, map, legend and captions."""
        title = self._title(width, palette)
        if not self.view.values.size:
            return [*title, *text_lines("Nothing to show: this filter leaves no tokens.", width, palette)]
        layout, label_width = self._fit(width, palette)
        scale = Scale.fitted(pool(self.view.values, layout.rows, layout.columns), self.scaling)
        return [
            *title,
            *self._column_lines(layout, label_width, width, palette),
            *self._rows(layout, scale, label_width, palette),
            *self._captions(layout, scale, width, palette),
        ]

    @property
    def full_width(self) -> int:
        """The columns that are enough for every figure of a small map, and for a large one to be seen well."""
        return max(60, min(100, 4 * len(self._keys) + _LONGEST_LABEL + 5))

    def _fit(self, width: int, palette: Palette) -> tuple[GridLayout, int]:
        """The layout of the map and the width of the row labels; names give way before figures do."""
        queries, keys = self.view.values.shape
        digits = len(str(len(self.trace.tokens) - 1))
        longest = max(cell_len(name) for name in self._names(self._queries, palette))
        full = digits + 1 + min(longest, _LONGEST_LABEL, max(4, width // 6)) + 1
        return choose_layout(queries, keys, width - full, shares=self._shares), full

    @property
    def _shares(self) -> bool:
        """Whether all values are between 0 and 1, so that they can be said in per cent."""
        return bool(self.view.values.min() >= 0 and self.view.values.max() <= 1.001)

    def _names(self, positions: Sequence[int], palette: Palette) -> list[str]:
        return [visible(self.trace.tokens[position], ascii_only=palette.ascii_only) for position in positions]

    def _title(self, width: int, palette: Palette) -> list[Line]:
        dot = palette.signs.dot
        name = self.name or f"Layer {self.layer} {dot} Head {self.head}"
        heads = () if self.name else self.trace.heads or ()
        found = [item for item in heads if (item.layer, item.head) == (self.layer, self.head)]
        said = f"  {statistic_words(found[0])}" if found else ""
        reading = "  rows are queries, columns are keys"
        line = [Cell(name, palette.text(Role.HEADING)), Cell(said)]
        if len(name + said + reading) <= width:
            line.append(Cell(reading, palette.text(Role.MUTED)))
        return [line]

    def _column_lines(self, layout: GridLayout, left: int, width: int, palette: Palette) -> list[Line]:
        if layout.detail is Detail.HALF_BLOCKS:
            return [self._ticks(layout, left, palette)]
        names = [short_name(name) for name in self._names(self._keys, palette)]
        longest = min(_LONGEST_LABEL, max(cell_len(name) for name in names))
        lanes = min(_MOST_LANES, len(names), -(-(longest + 1) // layout.cell_width))
        room_for_numbers = layout.detail is not Detail.BLOCKS or self._keys[-1] < 10
        numbers = [self._numbers(layout, left, palette)] if room_for_numbers else []
        return [*numbers, *(self._lane(names, lane, lanes, layout, left, width, palette) for lane in range(lanes))]

    def _numbers(self, layout: GridLayout, left: int, palette: Palette) -> Line:
        muted = palette.text(Role.MUTED)
        return placed(
            (left + index * layout.cell_width, Cell(str(position).rjust(layout.cell_width - 1), muted))
            for index, position in enumerate(self._keys)
        )

    def _lane(
        self, names: list[str], lane: int, lanes: int, layout: GridLayout, left: int, width: int, palette: Palette
    ) -> Line:
        """Every `lanes`-th column label, so that each has the room of so many columns."""
        items = []
        for index in range(lane, len(names), lanes):
            x = left + index * layout.cell_width
            room = min(lanes * layout.cell_width - 1, width - x)
            ink = palette.text(self._roles[self._keys[index]])
            items.append((x, Cell(clipped(names[index], room, palette), ink)))
        return placed(items)

    def _ticks(self, layout: GridLayout, left: int, palette: Palette) -> Line:
        """Positions above the columns of a map too narrow for names."""
        starts = block_starts(len(self._keys), layout.columns).tolist()
        items, free = [], 0
        for column in range(0, layout.columns, 5):
            text = str(self._keys[starts[column]])
            if column >= free and column + len(text) <= layout.columns:
                items.append((left + column, Cell(text, palette.text(Role.MUTED))))
                free = column + len(text) + 1
        return placed(items)

    def _rows(self, layout: GridLayout, scale: Scale, left: int, palette: Palette) -> list[Line]:
        grid = grid_lines(self.view.values, scale, layout, palette)
        starts = block_starts(len(self._queries), layout.rows).tolist()
        step = 2 if layout.detail is Detail.HALF_BLOCKS else 1
        return [
            [*self._row_label(self._queries[starts[index * step]], left, palette), *line]
            for index, line in enumerate(grid)
        ]

    def _row_label(self, position: int, left: int, palette: Palette) -> Line:
        digits = len(str(len(self.trace.tokens) - 1))
        name = fitted(self._names([position], palette)[0], left - digits - 2, palette)
        return [
            Cell(f"{position:>{digits}} ", palette.text(Role.MUTED)),
            Cell(f"{name} ", palette.text(self._roles[position])),
        ]

    def _captions(self, layout: GridLayout, scale: Scale, width: int, palette: Palette) -> list[Line]:
        lines, caption = legend_lines(scale, palette, width), scale.caption("block" if layout.pooled else "weight")
        beside = line_width(lines[-1]) + 2 + cell_len(caption) <= width
        if beside:
            lines[-1].append(Cell(f"  {caption}", palette.text(Role.MUTED)))
        texts = (
            "" if beside else caption,
            self._detail_words(layout, palette),
            *self._extreme_lines(width, palette),
            self.choice.words(self.view.hidden_mass),
        )
        for text in texts:
            lines.extend(text_lines(text, width, palette))
        return lines

    def _detail_words(self, layout: GridLayout, palette: Palette) -> str:
        if layout.pooled:
            return layout.pooled
        if layout.detail is Detail.HALF_BLOCKS:
            return "two queries a line" if palette.half_blocks else "two queries a line: their mean"
        if layout.detail is Detail.BLOCKS:
            return ""
        unit = "weights in %" if layout.detail is Detail.PERCENT else "weights"
        return f"figures are {unit}; {palette.signs.zero} is less than .005"

    def _extreme_lines(self, width: int, palette: Palette) -> list[str]:
        together = ", ".join(self.extremes(palette))
        return [together] if cell_len(together) <= width else self.extremes(palette)

    def extremes(self, palette: Palette) -> list[str]:
        """The largest and the smallest weight shown, and between which tokens; never those of pooled blocks."""
        values = self.view.values
        said = []
        for name, flat in (("largest", int(values.argmax())), ("smallest", int(values.argmin()))):
            row, column = divmod(flat, values.shape[1])
            query, key = self._place(self._queries[row], palette), self._place(self._keys[column], palette)
            weight = float(values[row, column])
            exact = f"{weight:.4f}" if weight >= 0.001 or weight == 0 else f"{weight:.2e}"
            said.append(f"{name} {query} {palette.signs.arrow} {key} = {exact}")
        return said

    def _place(self, position: int, palette: Palette) -> str:
        name = clipped(self._names([position], palette)[0], _LONGEST_LABEL * 2, palette)
        return f"{name} ({position})"
