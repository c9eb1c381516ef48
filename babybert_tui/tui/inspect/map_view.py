"""The map of one head with its cursor, the exact number under it, and how all of it is to be read."""

from dataclasses import dataclass

from textual.events import Click
from textual.message import Message

from babybert_tui.inspection.filters import FilteredMap
from babybert_tui.inspection.trace import Trace
from babybert_tui.render.cells import Cell, Line, line_width, text_lines
from babybert_tui.render.figures import fraction
from babybert_tui.render.heatmap import statistic_words
from babybert_tui.render.labels import clipped, visible
from babybert_tui.render.legend import legend_lines
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.render.scale import Scale, Scaling
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.cursor_ink import cursor_patch
from babybert_tui.tui.inspect.map_picture import MapGeometry, fit_map, map_lines, window_words
from babybert_tui.tui.inspect.question import Kind, Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.widgets.lines import Lines

_SHORT = 20  # lines; below that captions give way to rows of the map
_NARROW = 70  # columns
_SIGNS = {Kind.ATTENTION: "α", Kind.SCORES: "q·k/√d", Kind.NORMS: "‖α f(x)‖", Kind.ROLLOUT: "share"}
_LEGEND = {
    Scaling.ROW: "of each row's largest (row scale)",
    Scaling.GLOBAL: "one scale for the whole map",
    Scaling.LOG: "log scale: every decade as wide",
}


class MapView(Lines, can_focus=True):
    """Rows are tokens that look, columns tokens that are looked at."""

    learner_help = (
        "The map of one head. Each row is a token that looks (a query), each column one that is looked at (a key); "
        "the number says which share of its attention the row gives to the column, and a row sums to 1.\n\n"
        "Arrows move the cursor; the line below says its exact number. Enter shows how that number came about: two "
        "vectors multiplied (q·k), divided by the root of their length, and put in relation to the rest of the row "
        "(softmax).\n\n"
        "f shows only what goes from one sentence to the other (A→B, B→A) or stays within one; s hides [CLS] and "
        "[SEP]; r divides what is left by its sum. What is hidden is always counted: heads like to park attention on "
        "[SEP] when they have nothing to do.\n\n"
        "c changes what the colours stand for: each row's own largest, the largest of all, or decades (log).\n"
        "v changes what is shown: the weights α; the scores before the softmax; ‖α f(x)‖, what is really handed over "
        "(a large weight on a short vector moves nothing); rollout, what a token is made of after so many layers.\n"
        "o switches this head off, and shows what the model then says."
    )

    @dataclass
    class Pointed(Message):
        """A cell or a row was clicked."""

        query: int
        key: int | None

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: Look | None = None
        self._viewpoint = Viewpoint()
        self._message = ""
        self._whose = ""
        self._is_waiting = False
        self._geometry: MapGeometry | None = None
        self._shown: FilteredMap | None = None

    def show(self, look: Look | None, viewpoint: Viewpoint, message: str, *, is_waiting: bool, whose: str = "") -> None:
        """Shows a look from a viewpoint, or where there is none a message.

        Args:
            look: The last good answer.
            viewpoint: Which head, which cell, how.
            message: What is wrong, or being waited for.
            is_waiting: Whether a newer answer is on its way.
            whose: Whose weights these are, where there are others beside them.
        """
        self._look, self._viewpoint, self._message, self._is_waiting = look, viewpoint, message, is_waiting
        self._whose = whose
        self.redraw()

    def title(self) -> list[tuple[str, str]]:
        """Which head, what it does as a rule, what its cells are."""
        point, look = self._viewpoint, self._look
        if look is None or look.trace is None:
            return [("Attention ", "lines--title")]
        if self._whose:
            where = f"after L{point.layer}" if look.request.kind is Kind.ROLLOUT else f"L{point.layer}·H{point.head}"
            return [(f"{sanitise(self._whose)} ", "lines--title"), (f"{where} {look.request.kind} ", "lines--rule")]
        if look.request.kind is Kind.ROLLOUT:
            return [(f"Rollout after layer {point.layer} ", "lines--title"), ("row is made of columns ", "lines--rule")]
        found = next(
            (one for one in look.trace.heads or () if (one.layer, one.head) == (point.layer, point.head)), None
        )
        said = f"{statistic_words(found)} " if found else ""
        off = "OFF " if (point.layer, point.head) in look.request.question.heads_off else ""
        return [
            (f"Layer {point.layer} · Head {point.head} {off}", "lines--title"),
            (f"“{said.strip()}” " if said else "", "lines--rule"),
            (f"{look.request.kind} ", "lines--rule"),
            ("row looks at column " if self.size.width >= _NARROW else "", "lines--rule"),
        ]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """The map, the number, the captions."""
        self._geometry = None
        look = self._look
        if self._message or look is None or look.trace is None:
            return text_lines(sanitise(self._message), width, palette, Role.UNKNOWN if look is None else Role.MUTED)
        shown = self._shown = self._viewpoint.filtered(look)
        place = None if shown is None else self._viewpoint.place_in(shown)
        if shown is None or place is None:
            return text_lines("This filter leaves no tokens: f and s bring them back.", width, palette)
        captions = self._captions(look, look.trace, shown, width, palette, is_short=height < _SHORT or width < _NARROW)
        point = self._point(look.trace, shown, place, palette)
        room = height - len(captions) - 1
        geometry = fit_map(look.trace, shown, place, width, room, palette)
        if window_words(shown, geometry):  # costs a line, which may make the window smaller
            geometry = fit_map(look.trace, shown, place, width, room - 1, palette)
            captions.append([Cell(clipped(window_words(shown, geometry), width, palette), palette.text(Role.MUTED))])
        self._geometry = geometry
        lines = map_lines(look.trace, shown, place, geometry, self._viewpoint.scaling_shown, palette)
        return [*lines, point, *captions][:height]

    def _point(self, trace: Trace, shown: FilteredMap, place: tuple[int, int], palette: Palette) -> Line:
        """The exact number under the cursor, and the sum of its row."""
        row, column = place
        query, key = int(shown.rows[row]), int(shown.columns[column])
        arrow = palette.signs.arrow if self._viewpoint.kind is not Kind.ROLLOUT else "holds of"
        names = f"{_name(trace, query)} ({query}) {arrow} {_name(trace, key)} ({key})"
        sign = _SIGNS[self._viewpoint.kind]
        line = [
            Cell(f"{palette.signs.right}{names} ", cursor_patch(palette)),
            Cell(f" {sign} = {exact(float(shown.values[row, column]))}", Ink(bold=True)),
        ]
        if self._viewpoint.kind is not Kind.SCORES:
            whole = " of what is shown" if self._viewpoint.choice.renormalise else ""
            line.append(Cell(f"{whole}   row Σ {exact(float(shown.values[row].sum()))}", palette.text(Role.MUTED)))
        if self._is_waiting:
            line.append(Cell("   …", palette.text(Role.MUTED)))
        return line

    def _captions(
        self, look: Look, trace: Trace, shown: FilteredMap, width: int, palette: Palette, *, is_short: bool
    ) -> list[Line]:
        scale = Scale.fitted(shown.values, self._viewpoint.scaling_shown)
        words = self._filter_words(look, is_short=is_short)
        if is_short:
            return text_lines(f"{scale.scaling} scale · {words}", width, palette)
        lines = legend_lines(scale, palette, width)
        caption = _LEGEND[scale.scaling]
        if line_width(lines[-1]) + 1 + len(caption) > width:
            lines.append([])
        lines[-1].append(Cell(f" {caption}" if lines[-1] else caption, palette.text(Role.MUTED)))
        lines += text_lines(words, width, palette)
        for note in trace.notes:
            if "vocabulary" not in note:  # the strip says it where it is
                lines += text_lines(visible(note), width, palette, Role.UNKNOWN)[:2]
        return lines

    def _filter_words(self, look: Look, *, is_short: bool) -> str:
        choice, hidden = self._viewpoint.choice, self._viewpoint.hidden_mass(look)
        if not is_short:
            words = choice.words(hidden)
            if self._viewpoint.kind is Kind.SCORES and choice.renormalise:
                return words.replace("rows renormalised to 1", "scores are never renormalised")
            return words
        parts = [
            choice.direction.value,
            "no specials" if choice.hide_special else "",
            "Σ=1" if choice.renormalise else "",
        ]
        return " · ".join(part for part in parts if part) + f" · hidden {fraction(hidden, 4)}"

    def on_click(self, event: Click) -> None:
        """A click on a cell moves the cursor there, one on a row's name moves it to the row."""
        if self._geometry is None or self._shown is None:
            return
        place = self._geometry.place_at(event.x, event.y - 1)
        row = self._geometry.row_at(event.y - 1)
        if place is not None:
            self.post_message(self.Pointed(int(self._shown.rows[place[0]]), int(self._shown.columns[place[1]])))
        elif row is not None and event.x < self._geometry.left:
            self.post_message(self.Pointed(int(self._shown.rows[row]), None))


def exact(value: float) -> str:
    """Four places, and more where those would say nothing."""
    return f"{value:.4f}" if abs(value) >= 0.001 or value == 0 else f"{value:.2e}"


def _name(trace: Trace, position: int) -> str:
    name = visible(trace.tokens[position])
    return name if len(name) <= 24 else name[:23] + "…"
