"""What the model says: about the token under the cursor, and about the pair."""

from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.tui.inspect.answer_picture import lens_lines, pair_line, prediction_lines, prediction_title
from babybert_tui.tui.inspect.question import Look
from babybert_tui.tui.widgets.lines import Lines

_NARROW = 30


class PredictionView(Lines):
    """The likeliest tokens at one position."""

    learner_help = (
        "What the model would put in the place under the cursor, with probabilities. Where a token is hidden (m), this "
        "is its task in training: the word that was there is green. Where nothing is hidden it sees the answer, and "
        "mostly says it.\n\n"
        "i shows the first guess layer by layer: the model's last step, from a vector to a word, taken early, after "
        "the embeddings (in) and after each layer. It was trained on the last layer alone, so this is a reading of the "
        "others (the logit lens). You see at which depth the word is found."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: Look | None = None
        self._position = 0

    def show(self, look: Look | None, position: int) -> None:
        """Shows what is said at a position."""
        if look is not self._look or position != self._position:
            self._look, self._position = look, position
            self.redraw()

    def title(self) -> list[tuple[str, str]]:
        """Which token."""
        if self._look is None or self._look.trace is None:
            return [("Predictions ", "lines--title")]
        is_brief = self.size.width < _NARROW
        title = prediction_title(self._look.trace, self._position, is_brief=is_brief)
        by_layer = ", by layer" if self._look.lens and not is_brief else ""
        return [(f"{title}{by_layer} ", "lines--title")]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Bars."""
        if self._look is None or self._look.trace is None or height < 1:
            return []
        if self._look.lens and not self._look.trace.special[self._position]:
            return lens_lines(self._look.lens, self._position, width, height, palette)
        return prediction_lines(self._look.trace, self._position, width, height, palette)[:height]


class PairView(Lines):
    """P(B follows A), in one line."""

    learner_help = (
        "P(B follows A): the model's other task in training, to say whether sentence B really came after sentence A "
        "in a text, or was taken from another one."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="pair")
        self._look: Look | None = None

    def show(self, look: Look | None) -> None:
        """Shows what is said of a pair."""
        if look is not self._look:
            self._look = look
            self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """A bar."""
        if self._look is None or self._look.trace is None:
            return []
        return [pair_line(self._look.trace, self._look.request.question.follows, width, palette)][:height]
