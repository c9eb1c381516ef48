"""A trace laid out on white paper: its tokens, and one head's map or all heads as small multiples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.inspection.trace import Floats, HeadStatistics, Trace
from babybert_tui.render.figures import fraction
from babybert_tui.render.heatmap import EVERYTHING, Heatmap, MapChoice, statistic_words
from babybert_tui.render.heatmap_grid import blocks_that_fit
from babybert_tui.render.labels import clipped, visible, wrapped
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.pooling import pool, pooled_words
from babybert_tui.render.ramp import STEPS, paper_ramp
from babybert_tui.render.rgb import relative_luminance
from babybert_tui.render.scale import Scale, Scaling
from babybert_tui.render.scene import ADVANCE, FAINT, INK, Box, HeatMap, Scene, Words, text_width
from babybert_tui.render.strip import fate_words, token_roles

_MARGIN = 28.0
_NARROWEST = 640.0
_SMALL, _NORMAL, _LARGE = 10.0, 12.0, 16.0
_LINE = 16.0
_LONGEST_LABEL = 16
_ROLE_FILL = {
    Role.SEGMENT_A: ("#dbe9f8", "#123f72"),
    Role.SEGMENT_B: ("#fbe6d0", "#763a08"),
    Role.SPECIAL: ("#e8e8ec", "#4a4a52"),
    Role.MASKED: ("#f7d9ee", "#86126a"),
    Role.UNKNOWN: ("#fadcda", "#8f1d1a"),
}
_PALETTE = Palette()


@dataclass(frozen=True)
class _Grid:
    """How large a map is drawn, and which tokens its rows stand for."""

    cell: float
    side: tuple[int, int]  # rows, columns after pooling
    pooled: str


def _fits(rows: int, columns: int, largest: float, pixels: float, most: int) -> _Grid:
    blocks = (blocks_that_fit(rows, most), blocks_that_fit(columns, most))
    return _Grid(min(largest, pixels / max(blocks)), blocks, pooled_words(rows, columns, *blocks))


def _steps(values: NDArray[np.floating], scale: Scale) -> NDArray[np.uint8]:
    return np.rint(scale.positions(values) * (STEPS - 1)).astype(np.uint8)


class Page:
    """A scene that grows downward."""

    def __init__(self, title: str, width: float) -> None:
        self.scene = Scene(width, _MARGIN, title)
        self.y = _MARGIN

    @property
    def room(self) -> float:
        """The width between the margins."""
        return self.scene.width - 2 * _MARGIN

    def say(self, text: str, *, size: float = _NORMAL, fill: str = INK, bold: bool = False) -> None:
        """Writes safe text, wrapped, and moves down."""
        for line in wrapped(text, max(10, int(self.room / (size * ADVANCE)))):
            self.y += size * 1.35
            self.scene.items.append(Words(_MARGIN, self.y, line, size, fill, bold=bold))

    def finish(self) -> Scene:
        """The scene, as high as what was drawn."""
        self.scene.height = self.y + _MARGIN
        return self.scene


def _map_figure(trace: Trace, picture: Heatmap) -> Scene:
    values = picture.view.values
    rows, columns = values.shape
    grid = _fits(max(rows, 1), max(columns, 1), 28.0, 760.0, 1024)
    left = _label_width(trace, picture.view.rows)
    width = max(_NARROWEST, 2 * _MARGIN + left + columns * grid.cell + 20)
    page = Page(picture.name or f"Attention of layer {picture.layer}, head {picture.head}", width)
    _head_title(page, trace, picture)
    _draw_strip(page, trace)
    if not values.size:
        page.say("Nothing to show: this filter leaves no tokens.", fill=FAINT)
        return page.finish()
    scale = Scale.fitted(values, picture.scaling)
    _draw_map(page, trace, picture, grid, left, scale)
    _draw_legend(page, scale)
    for text in (
        scale.caption(),
        ", ".join(picture.extremes(_PALETTE)),
        picture.choice.words(picture.view.hidden_mass),
    ):
        page.say(text, size=_SMALL, fill=FAINT)
    return page.finish()


def _head_title(page: Page, trace: Trace, picture: Heatmap) -> None:
    place = picture.layer, picture.head
    found = [item for item in trace.heads or () if (item.layer, item.head) == place]
    said = f": {statistic_words(found[0])}" if found else ""
    title = visible(picture.name) or f"Layer {place[0]} · Head {place[1]}{said}"
    page.say(title, size=_LARGE, bold=True)
    page.say(f"{visible(trace.checkpoint)} · rows are queries, columns are keys", size=_SMALL, fill=FAINT)
    page.y += 6


def _draw_strip(page: Page, trace: Trace) -> None:
    """Tokens as chips that wrap; under a masked one what it was."""
    roles = token_roles(trace)
    fates = {masked.position: fate_words(masked) for masked in trace.masked}
    x, free, height = _MARGIN, _MARGIN, 18.0  # `free` is where the next note may begin
    page.y += 8
    for position, token in enumerate(trace.tokens):
        name = clipped(visible(token), 40, _PALETTE)
        width = text_width(name, _NORMAL) + 8
        note = fates.get(position, "")
        x = max(x, free) if note else x
        if x + max(width, text_width(note, 8)) > page.scene.width - _MARGIN and x > _MARGIN:
            page.y += height + (14 if free > _MARGIN else 4)
            x = free = _MARGIN
        background, ink = _ROLE_FILL[roles[position]]
        page.scene.items += [
            Box(x, page.y, width, height, background, 3),
            Words(x + 4, page.y + 13, name, _NORMAL, ink),
        ]
        if note:
            page.scene.items.append(Words(x + 1, page.y + height + 9, note, 8, _ROLE_FILL[Role.MASKED][1]))
            free = x + text_width(note, 8) + 8
        x += width + 4
    page.y += height + 18


def _label_width(trace: Trace, positions: Sequence[int] | NDArray[np.int64]) -> float:
    longest = max((text_width(_name(trace, int(position)), _NORMAL) for position in positions), default=0.0)
    return longest + text_width("0000", _SMALL) + 8


def _name(trace: Trace, position: int) -> str:
    return clipped(visible(trace.tokens[position]), _LONGEST_LABEL, _PALETTE)


def _every(count: int, cell: float, size: float) -> int:
    """Label every so many tokens, so that labels do not touch."""
    return max(1, -(-int(size * 1.1) // max(1, int(cell)))) if count * cell else 1


def _draw_map(page: Page, trace: Trace, picture: Heatmap, grid: _Grid, left: float, scale: Scale) -> None:
    values, rows, columns = picture.view.values, picture.view.rows.tolist(), picture.view.columns.tolist()
    roles = token_roles(trace)
    size = min(_NORMAL, max(7.0, grid.cell * 0.9))
    top = max(text_width(_name(trace, position), size) for position in columns) + text_width("0000", _SMALL) + 4
    x, y = _MARGIN + left, page.y + top
    items = page.scene.items
    step = _every(len(columns), grid.cell, size)
    # Name and position are two texts: in one, a name that is written from right to left would carry the figure along.
    beyond = 5 + text_width("000 ", size)
    for index in range(0, len(columns), step):
        ink = _ROLE_FILL[roles[columns[index]]][1]
        at = x + (index + 0.5) * grid.cell + size * 0.35
        items.append(Words(at, y - 5, f"{columns[index]:>3}", size, ink, upright=True))
        items.append(Words(at, y - beyond, _name(trace, columns[index]), size, ink, upright=True))
    for index in range(0, len(rows), step):
        baseline = y + (index + 0.5) * grid.cell + size * 0.35
        ink = _ROLE_FILL[roles[rows[index]]][1]
        items.append(Words(x - 5, baseline, str(rows[index]), size, ink, "end"))
        items.append(Words(x - beyond, baseline, _name(trace, rows[index]), size, ink, "end"))
    items.append(_frame(x, y, len(columns) * grid.cell, len(rows) * grid.cell))
    items.append(HeatMap(x, y, grid.cell, _steps(values, scale)))
    if grid.cell >= 22:
        items.extend(_numbers(values, scale, x, y, grid.cell))
    page.y = y + len(rows) * grid.cell + 14


def _frame(x: float, y: float, width: float, height: float) -> Box:
    """A hairline around a map whose palest cells are as white as the paper."""
    return Box(x - 0.75, y - 0.75, width + 1.5, height + 1.5, "#c9c9d1")


def _numbers(values: NDArray[np.floating], scale: Scale, x: float, y: float, cell: float) -> list[Words]:
    steps = _steps(values, scale)
    found = []
    has_signs = bool(values.min() < 0)
    for row, column in np.argwhere((values >= 0.005) | has_signs).tolist():
        dark = relative_luminance(paper_ramp()[steps[row, column]]) < 0.18
        place = (x + (column + 0.5) * cell, y + (row + 0.5) * cell + 3.2)
        text = f"{values[row, column]:.1f}" if has_signs else fraction(float(values[row, column]))
        found.append(Words(*place, text, 9.0, "#ffffff" if dark else INK, "middle"))
    return found


def _draw_legend(page: Page, scale: Scale) -> None:
    """The ramp with the weights at its ends and in its middle."""
    bar = np.linspace(0, STEPS - 1, 100).astype(np.uint8)[None, :].repeat(4, axis=0)
    page.scene.items.append(HeatMap(_MARGIN, page.y, 2.5, bar))
    percent = scale.scaling is Scaling.ROW
    for position, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        weight = scale.weight_at(position)
        text = f"{round(100 * position)}%" if percent else f"{weight:.3g}"
        page.scene.items.append(Words(_MARGIN + 250 * position, page.y + 22, text, _SMALL, FAINT, anchor))
    page.y += 26


def grid_figure(trace: Trace, *, choice: MapChoice = EVERYTHING, scaling: Scaling = Scaling.GLOBAL) -> Scene:
    """All heads of a trace as small multiples, layers down, on one scale."""
    attention = trace.attention
    if attention is None:
        raise ValueError("this trace holds no attention")
    views = [[choice.of(trace, one) for one in layer] for layer in attention]
    rows, columns = views[0][0].values.shape
    across = len(trace.head_numbers)
    panel = 168.0 if across <= 4 else 124.0 if across <= 8 else 92.0
    grid = _fits(max(rows, 1), max(columns, 1), panel, panel, 64 if across <= 8 else 46)
    pitch = panel + 14
    page = Page("Attention of all heads", max(_NARROWEST, 2 * _MARGIN + 34 + across * pitch))
    page.say(f"{visible(trace.checkpoint)}: attention of every head", size=_LARGE, bold=True)
    page.say("layers down, heads across; in each map rows are queries, columns are keys", size=_SMALL, fill=FAINT)
    _draw_strip(page, trace)
    if not views[0][0].values.size:
        page.say("Nothing to show: this filter leaves no tokens.", fill=FAINT)
        return page.finish()
    maps = np.stack([np.stack([pool(view.values, *grid.side) for view in layer]) for layer in views])
    scale = Scale.fitted(maps, scaling)
    _draw_panels(page, trace, maps, scale, grid, pitch)
    _draw_legend(page, scale)
    how = grid.pooled or "every token is shown"
    hidden = float(np.mean([view.hidden_mass for layer in views for view in layer]))
    for text in (f"{scale.caption('block' if grid.pooled else 'weight')}; {how}", choice.words(hidden)):
        page.say(text, size=_SMALL, fill=FAINT)
    return page.finish()


def _draw_panels(page: Page, trace: Trace, maps: NDArray[np.floating], scale: Scale, grid: _Grid, pitch: float) -> None:
    statistics = {(found.layer, found.head): found for found in trace.heads or ()}
    items, left = page.scene.items, _MARGIN + 34
    page.y += 6
    for column, head in enumerate(trace.head_numbers):
        items.append(Words(left + column * pitch, page.y, f"H{head}", _NORMAL, INK, bold=True))
    page.y += 8
    for layer, row in zip(trace.layers, maps, strict=True):
        items.append(Words(_MARGIN, page.y + 14, f"L{layer}", _NORMAL, INK, bold=True))
        height = grid.side[0] * grid.cell
        for column, head in enumerate(trace.head_numbers):
            x = left + column * pitch
            items.append(_frame(x, page.y, grid.side[1] * grid.cell, height))
            items.append(HeatMap(x, page.y, grid.cell, _steps(row[column], scale)))
            label = _panel_label(statistics.get((layer, head)), pitch)
            items.append(Words(x, page.y + height + 11, label, 8.5, FAINT))
        page.y += height + 22
    page.y += 4


def _panel_label(found: HeadStatistics | None, pitch: float) -> str:
    if found is None:
        return ""
    full = statistic_words(found)
    return full if text_width(full, 8.5) <= pitch else clipped(found.label, int(pitch / (8.5 * ADVANCE)), _PALETTE)


def trace_figure(
    trace: Trace,
    *,
    values: Floats | None = None,
    name: str = "",
    choice: MapChoice = EVERYTHING,
    scaling: Scaling = Scaling.GLOBAL,
) -> Scene:
    """One head's figure (of `values`, where they are given) where the trace holds one head, else small multiples.

    Raises:
        ValueError: The trace holds no attention.
    """
    if len(trace.layers) == 1 and len(trace.head_numbers) == 1:
        place = trace.layers[0], trace.head_numbers[0]
        return _map_figure(trace, Heatmap(trace, *place, values=values, name=name, choice=choice, scaling=scaling))
    return grid_figure(trace, choice=choice, scaling=scaling)
