"""All heads of the model on this input."""

from dataclasses import dataclass

from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.tui.inspect.grid_picture import GridGeometry, fit_grid, grid_picture
from babybert_tui.tui.inspect.question import Kind, Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.widgets.lines import Lines

_ROOM_FOR_WORDS = 60


class GridView(Lines, can_focus=True):
    """Layers down, heads across; a click or the arrows choose the head whose map is shown."""

    learner_help = (
        "All heads at once: layers down, heads across. In each small map a row is a token that looks, a column one "
        "that is looked at; bright is much. A bright column is a token that everybody looks at, often [CLS], [SEP] or "
        "a full stop; a diagonal is a head that looks at the neighbour.\n\n"
        "Where there is no room for maps a patch stands for each head: how sharply it looks, the mean of each row's "
        "largest weight.\n\n"
        "Arrows (or h and l anywhere) choose the head whose map stands at the left. o switches a head off."
    )

    @dataclass
    class Pointed(Message):
        """A head was clicked."""

        layer: int
        head: int

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._look: Look | None = None
        self._viewpoint = Viewpoint()
        self._geometry: GridGeometry | None = None

    def show(self, look: Look | None, viewpoint: Viewpoint) -> None:
        """Shows a look's heads."""
        if look is self._look and viewpoint == self._viewpoint:
            return
        self._look, self._viewpoint = look, viewpoint
        self.redraw()

    def title(self) -> list[tuple[str, str]]:
        """What the grid is."""
        look = self._look
        across = "Layers, all heads" if look is not None and look.request.kind is Kind.ROLLOUT else "Layers × heads"
        if self._geometry is None or self._geometry.queries:
            return [(f"{across} ", "lines--title")]
        if self.size.width < _ROOM_FOR_WORDS:
            return [("Sharpness ", "lines--title"), ("of heads ", "lines--rule")]
        return [(f"{across} ", "lines--title"), ("how sharp: mean of each row's largest ", "lines--rule")]

    def _drawn(self) -> list[Strip]:
        self._geometry = self._fitted()  # the title says what the drawing is of
        return super()._drawn()

    def _fitted(self) -> GridGeometry | None:
        look = self._look
        if look is None or look.values is None or look.trace is None:
            return None
        layers, heads = look.values.shape[:2]
        width, height = self.size
        return fit_grid(layers, heads, len(look.trace.tokens), self._viewpoint.layer, width, height - 1)

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:  # noqa: ARG002 - fitted for the title
        """Thumbnails, or patches where those would be too small."""
        look, geometry, point = self._look, self._geometry, self._viewpoint
        if look is None or look.values is None or geometry is None:
            return []
        chosen = point.layer, min(point.head, look.values.shape[1])
        heads_off = look.request.question.heads_off if look.request.kind is not Kind.ROLLOUT else ()
        is_attention = look.request.kind in (Kind.ATTENTION, Kind.ROLLOUT)
        return grid_picture(look.values, geometry, chosen, heads_off, palette, is_attention=is_attention)[:height]

    def on_click(self, event: Click) -> None:
        """Chooses the head under the pointer."""
        found = self._geometry.head_at(event.x, event.y - 1) if self._geometry is not None else None
        if found is not None:
            self.post_message(self.Pointed(*found))
