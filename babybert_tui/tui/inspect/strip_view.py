"""The tokens of the input, one of them under the cursor."""

from dataclasses import dataclass

from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from babybert_tui.inspection.trace import Trace
from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.tui.inspect.strip_picture import StripGeometry, fit_strip, strip_lines
from babybert_tui.tui.widgets.lines import Lines

_MOST_LINES = 9


class StripView(Lines, can_focus=True):
    """As high as it has to be; a click or the arrows choose a token."""

    learner_help = (
        "What the model is given. The text is cut into word pieces: ## marks a piece that continues a word. Above each "
        "stands its position and its number in the vocabulary. [CLS] begins every input, [SEP] ends each part; blue is "
        "sentence A, orange is B.\n\n"
        "m hides the token under the cursor behind [MASK], and the model has to find it; the likeliest words stand at "
        "the right, green is right. a hides 15 % as in training: most behind [MASK], some replaced by a random word, "
        "some left as they are. u shows all again.\n\n"
        "Arrows move along the tokens. A click chooses one, a second click hides it."
    )

    @dataclass
    class Pointed(Message):
        """A token was clicked."""

        position: int

    @dataclass
    class PointedAgain(Message):
        """The token under the cursor was clicked."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._trace: Trace | None = None
        self._cursor = 0
        self._geometry: StripGeometry | None = None

    def show(self, trace: Trace | None, cursor: int) -> None:
        """Shows the tokens of a trace."""
        if trace is self._trace and cursor == self._cursor:
            return
        is_other = trace is not self._trace
        self._trace, self._cursor = trace, cursor
        self.redraw()
        if is_other:
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """A title, and the lines of the strip."""
        if self._trace is None:
            return 5
        most = max(4, min(_MOST_LINES, viewport.height // 5))
        return 1 + fit_strip(self._trace, self._cursor, width, most, self.palette).height

    def title(self) -> list[tuple[str, str]]:
        """How many."""
        count = f"{len(self._trace.tokens)} " if self._trace is not None else ""
        return [(f"{count}Tokens ", "lines--title")]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """The rows of tokens."""
        if self._trace is None:
            return []
        self._geometry = fit_strip(self._trace, self._cursor, width, height, palette)
        return strip_lines(self._trace, self._cursor, self._geometry, width, palette)[:height]

    def on_click(self, event: Click) -> None:
        """Chooses the token under the pointer."""
        found = self._geometry.position_at(event.x, event.y - 1) if self._geometry is not None else None
        if found is not None:
            self.post_message(self.PointedAgain() if found == self._cursor else self.Pointed(found))
