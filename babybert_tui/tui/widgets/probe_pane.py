"""The pinned probe: one input, and what the model makes of it at the step that is looked at."""

from dataclasses import dataclass

from textual.events import Click
from textual.geometry import Region
from textual.message import Message

from babybert_tui.render.cells import Cell, Line, line_width, text_lines
from babybert_tui.render.palette import Palette, Role
from babybert_tui.sanitise import sanitise
from babybert_tui.training.recording import Snapshot
from babybert_tui.tui.history import ProbeView
from babybert_tui.tui.pictures.head_grid import head_at, head_grid_lines
from babybert_tui.tui.pictures.probe_lines import prediction_lines, strip_lines
from babybert_tui.tui.widgets.lines import Lines

_GRID_SHARE = 0.48
_LEAST_HEIGHT_FOR_A_STRIP = 14
_LEAST_ROOM = 2
_GRID_LABELS = 3
_WIDEST_MAP = 25
_NOT_YET = "A sentence with hidden words, asked every second. It appears with the first step."


class ProbePane(Lines, can_focus=True):
    """Tokens above, predictions at the left, all heads at the right."""

    learner_help = (
        "The probe is one fixed example that the model is asked again and again while it learns, and that it never "
        "trains on.\n\n"
        "Above are its tokens. [CLS] begins every input and [SEP] ends each part; blue is sentence A, orange is B. The "
        "pink tokens were selected: most are hidden behind [MASK], a few are replaced by a random word or left as they "
        "are, and the word under the arrow is what stood there.\n\n"
        "At the left are the words that the model finds likeliest in each place; green is right. The line under them "
        "is what it said first at earlier steps. B follows A: how likely the model thinks that B comes after A.\n\n"
        "At the right is the attention of every head: layers down, heads across. In each small map a row is a token "
        "that looks, a column one that is looked at; bright is much. At first all are dull: every token looks at every "
        "other alike. Watch columns form ([CLS], [SEP], a full stop) and diagonals (the neighbours).\n\n"
        "e types your own sentence; , and . walk back and forth through what was recorded. Enter, or a click on a "
        "head, opens it in Inspect."
    )

    @dataclass
    class Opened(Message):
        """The probe was clicked: on this layer and head, from 1, or None for beside them."""

        place: tuple[int, int] | None

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._view: ProbeView | None = None
        self._snapshot: Snapshot | None = None
        self._note = ""
        self._instead = _NOT_YET
        self._grid = Region()  # where the heads are drawn

    def on_click(self, event: Click) -> None:
        """Opens the head under the pointer."""
        place = None
        if self._snapshot is not None and self._grid.contains(event.x, event.y):
            x, y = event.x - self._grid.x, event.y - self._grid.y
            place = head_at(self._snapshot.attention, self._grid.width, self._grid.height, x, y)
        self.post_message(self.Opened(place))

    def show(self, view: ProbeView | None, snapshot: Snapshot | None, note: str, failure: str = "") -> None:
        """Shows a look at the probe.

        Args:
            view: The probe and its past.
            snapshot: The look to show.
            note: For the title: whether it is live, or from when.
            failure: Why there is no probe, and will be none.
        """
        instead = failure or _NOT_YET
        if (view is self._view and snapshot is self._snapshot) and (note, instead) == (self._note, self._instead):
            return
        self._view, self._snapshot, self._note, self._instead = view, snapshot, note, instead
        self.redraw_lines()

    def title(self) -> list[tuple[str, str]]:
        """What it is, and of which step."""
        return [("Probe ", "lines--title"), (f"{self._note} ", "lines--rule")]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """The tokens, and under them what the model makes of them."""
        if self._view is None:
            role = Role.MUTED if self._instead is _NOT_YET else Role.UNKNOWN
            return text_lines(sanitise(self._instead), width, palette, role)
        if height < _LEAST_HEIGHT_FOR_A_STRIP:
            return self._draw_columns(self._view, width, height, palette)
        lines = strip_lines(self._view.probe, width - 1, palette)
        return [*lines, *self._draw_answers(self._view, width, height - len(lines), palette)]

    def _draw_columns(self, view: ProbeView, width: int, height: int, palette: Palette) -> list[Line]:
        """Little height: everything at the left, all heads at the right."""
        grid_width = self._grid_width(view, width, 0.4)
        left_width = width - grid_width - 2
        strip = strip_lines(view.probe, left_width, palette, with_originals=False)
        left = [*strip, *self._predictions(view, left_width, height - len(strip), palette)]
        return _beside(left[:height], self._heads(left_width + 2, grid_width, height, palette), left_width + 2)

    def _draw_answers(self, view: ProbeView, width: int, height: int, palette: Palette) -> list[Line]:
        grid_width = self._grid_width(view, width, _GRID_SHARE)
        left_width = width - grid_width - 2
        left = self._predictions(view, left_width, height, palette)
        return _beside(left, self._heads(left_width + 2, grid_width, height, palette), left_width + 2)

    def _grid_width(self, view: ProbeView, width: int, share: float) -> int:
        heads = 1 if self._snapshot is None else len(self._snapshot.attention[0])
        return min(int(width * share), heads * (min(_WIDEST_MAP, len(view.probe.tokens)) + 1) + _GRID_LABELS)

    def _predictions(self, view: ProbeView, width: int, height: int, palette: Palette) -> list[Line]:
        if self._snapshot is None or height < 1:
            return []
        return prediction_lines(view.probe, self._snapshot, view.snapshots, view.pieces, width, height, palette)

    def _heads(self, x: int, width: int, height: int, palette: Palette) -> list[Line]:
        self._grid = Region(x, self.size.height - height, width, height)
        if self._snapshot is None or height < _LEAST_ROOM:
            return []
        return head_grid_lines(self._snapshot.attention, width, height, palette)


def _beside(left: list[Line], right: list[Line], width: int) -> list[Line]:
    lines = []
    for index in range(max(len(left), len(right))):
        first = left[index] if index < len(left) else []
        second = right[index] if index < len(right) else []
        lines.append([*first, Cell(" " * (width - line_width(first))), *second])
    return lines
