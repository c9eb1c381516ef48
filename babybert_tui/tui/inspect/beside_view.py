"""Two models on the same input: what they say differently about one token, one cell, and the pair."""

from dataclasses import replace

from textual.geometry import Size

from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.answer_picture import prediction_title
from babybert_tui.tui.inspect.beside_picture import beside_lines
from babybert_tui.tui.inspect.question import Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.widgets.lines import Lines

_LOW, _TALL = 6, 9  # lines, on a low screen and on others
_LOW_SCREEN = 30


class BesideView(Lines):
    """A column each model, and a column for the difference."""

    learner_help = (
        "Two models on one text, the one at the left and the one set beside it (B): the likeliest words in the place "
        "under the cursor, the attention in the cell under it, P(B follows A), and the mean loss of the hidden "
        "tokens, -ln p. The last column is the right one less the left one. , and . walk the left one along its run."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: Look | None = None
        self._beside: Look | None = None
        self._viewpoint = Viewpoint()

    def show(self, look: Look, beside: Look, viewpoint: Viewpoint) -> None:
        """Shows two answers to one question."""
        if (look, beside, viewpoint) != (self._look, self._beside, self._viewpoint):
            self._look, self._beside, self._viewpoint = look, beside, viewpoint
            self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """The same whatever the cursor is on, so that the maps above stand still."""
        return _LOW if viewport.height < _LOW_SCREEN else _TALL

    def title(self) -> list[tuple[str, str]]:
        """Which token."""
        if self._look is None or self._look.trace is None:
            return []
        return [(f"{prediction_title(self._look.trace, self._viewpoint.query, is_brief=False)} ", "lines--title")]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """The table."""
        if self._look is None or self._beside is None:
            return []
        names = whose_words(self._look), whose_words(self._beside)
        return beside_lines(self._look, self._beside, self._viewpoint, names, width, height, palette)


def whose_words(look: Look) -> str:
    """Whose weights an answer is of."""
    weights = look.request.question.weights
    if weights is None:
        return ""
    return sanitise((weights if look.step is None else replace(weights, step=look.step)).words)
