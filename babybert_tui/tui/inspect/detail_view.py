"""The arithmetic of a cell, what silent heads change, and first guesses over training."""

from textual.geometry import Size

from babybert_tui.render.arithmetic import Arithmetic
from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.tui.inspect.answer_picture import ablation_lines, past_line
from babybert_tui.tui.inspect.question import Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.widgets.lines import Lines


class DetailView(Lines):
    """As high as what it shows; not there where there is nothing."""

    learner_help = (
        "How the number under the cursor came about. q is what the token of the row asks for, k what the token of the "
        "column offers: both vectors were learned. Their product q·k is large where they fit; divided by √d it is the "
        "score; the softmax turns the scores of a row into shares that sum to 1; and by that share the column's value "
        "v goes into the row's new vector."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: Look | None = None
        self._viewpoint = Viewpoint()

    def show(self, look: Look | None, viewpoint: Viewpoint) -> None:
        """Shows what was asked for beside the map."""
        if look is self._look and viewpoint == self._viewpoint:
            return
        self._look, self._viewpoint = look, viewpoint
        self.display = self._has_something
        self.redraw()
        self.refresh(layout=True)

    @property
    def _has_something(self) -> bool:
        look = self._look
        if look is None or look.trace is None:
            return False
        has_arithmetic = self._viewpoint.is_open and look.arithmetic is not None
        return has_arithmetic or look.ablation is not None or len(look.past) > 1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """A title where there is one, and what stands under it."""
        return bool(self.title()) + len(self._all_lines(width, self.palette))

    def title(self) -> list[tuple[str, str]]:
        """What it is about."""
        look = self._look
        if look is not None and self._viewpoint.is_open and look.arithmetic is not None:
            return [("How this cell came about ", "lines--title"), ("Enter or Esc closes ", "lines--rule")]
        if look is not None and look.ablation is not None:
            return [("With heads off ", "lines--title"), ("o on a head switches it on again ", "lines--rule")]
        return []

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Arithmetic, heads off, the past: those that there are."""
        return self._all_lines(width, palette)[:height]

    def _all_lines(self, width: int, palette: Palette) -> list[Line]:
        look = self._look
        if look is None or look.trace is None or width < 1:
            return []
        lines: list[Line] = []
        if self._viewpoint.is_open and look.arithmetic is not None:
            lines += Arithmetic(look.trace, look.arithmetic).lines(width, palette)
        if look.ablation is not None:
            lines += ablation_lines(look.ablation, width, palette)
        if len(look.past) > 1:
            lines.append(past_line(look.past, self._viewpoint.query, look.step, width, palette))
        return lines
