"""One line whose words can be clicked."""

from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from babybert_tui.tui.widgets.unscrolled import Unscrolled


@dataclass(frozen=True)
class Word:
    """A piece of the line, and what a click on it does."""

    text: str
    component: str = ""
    action: str = ""


class ClickableLine(Unscrolled):
    """Draws `words` from the left and `words_right` from the right; the left ones give way."""

    DEFAULT_CSS = "ClickableLine { height: 1; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._inks: dict[str, Style] = {}

    def notify_style_update(self) -> None:
        """Other colours."""
        super().notify_style_update()
        self._inks.clear()

    def _ink(self, component: str) -> Style:
        if component not in self._inks:
            style = self.rich_style
            self._inks[component] = style + self.get_component_rich_style(component) if component else style
        return self._inks[component]

    def words(self) -> list[Word]:
        """From the left."""
        return []

    def words_right(self) -> list[Word]:
        """From the right."""
        return []

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - there is only one
        """The only line."""
        width = self.size.width
        right = self._segments(self.words_right())
        room = width - sum(part.cell_length for part in right)
        left = Strip(self._segments(self.words())).adjust_cell_length(max(0, room), self._ink(""))
        return Strip([*left, *right]).adjust_cell_length(width, self._ink(""))

    def _segments(self, words: list[Word]) -> list[Segment]:
        found = []
        for word in words:
            style = self._ink(word.component)
            if word.action:
                style += Style(meta={"@click": word.action})
            found.append(Segment(word.text, style))
        return found
