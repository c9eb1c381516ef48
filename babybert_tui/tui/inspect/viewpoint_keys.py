"""The keys and clicks that only change from where a look is looked at."""

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from babybert_tui.tui.inspect.grid_view import GridView
from babybert_tui.tui.inspect.map_view import MapView
from babybert_tui.tui.inspect.question import Kind
from babybert_tui.tui.inspect.recorded import RECORDED_KINDS
from babybert_tui.tui.inspect.strip_view import StripView
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.widgets.unscrolled import Column

if TYPE_CHECKING:
    from babybert_tui.tui.inspect.question import Look


class ViewpointKeys(Column):
    """Head, layer, filters, scale, values, cursor.

    Attributes:
        viewpoint: From where is looked.
        good: The newest good answer.
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.viewpoint = Viewpoint()
        self.good: Look | None = None

    def move(self, viewpoint: Viewpoint, *, needs_answer: bool = False) -> None:
        """Looks from somewhere else; whether that needs a new answer."""
        raise NotImplementedError

    def _move_into(self, viewpoint: Viewpoint) -> None:
        """Another part of the map is shown: the cursor comes along."""
        shown = viewpoint.filtered(self.good) if self.good is not None else None
        self.move(viewpoint if shown is None else viewpoint.moved_in(shown, 0, 0))

    def action_head(self, by: int) -> None:
        """Another head."""
        if self.good is not None:
            self.move(self.viewpoint.next_head(by, self.good))

    def action_layer(self, by: int) -> None:
        """Another layer."""
        if self.good is not None:
            self.move(self.viewpoint.next_layer(by, self.good))

    def action_filter(self) -> None:
        """The next direction."""
        self._move_into(self.viewpoint.next_direction())

    def action_specials(self) -> None:
        """Special tokens hidden or shown."""
        self._move_into(self.viewpoint.with_special_toggled())

    def action_renormalise(self) -> None:
        """Rows renormalised or not."""
        self.move(self.viewpoint.with_renormalise_toggled())

    def action_scale(self) -> None:
        """The next scale."""
        self.move(self.viewpoint.next_scaling())

    def action_values(self) -> None:
        """The next kind of values."""
        kinds = RECORDED_KINDS if self.good is not None and self.good.is_recorded else tuple(Kind)
        self.move(self.viewpoint.next_kind(kinds), needs_answer=True)

    def action_arithmetic(self) -> None:
        """How the number under the cursor came about; pressed again, closed."""
        self.move(replace(self.viewpoint, is_open=not self.viewpoint.is_open))

    def action_close(self) -> None:
        """Closes what was opened."""
        if self.viewpoint.is_open:
            self.move(replace(self.viewpoint, is_open=False))

    def action_arrow(self, down: int, right: int) -> None:
        """Moves what has the focus: the cell, the head, or the token."""
        look = self.good
        if look is None or look.trace is None:
            return
        focused = self.screen.focused
        if isinstance(focused, GridView):
            point = self.viewpoint.next_layer(down, look) if down else self.viewpoint.next_head(right, look)
            self.move(point)
        elif isinstance(focused, StripView):
            last = len(look.trace.tokens) - 1
            self.move(replace(self.viewpoint, query=min(max(0, self.viewpoint.query + down + right), last)))
        elif (shown := self.viewpoint.filtered(look)) is not None:
            self.move(self.viewpoint.moved_in(shown, down, right))

    @on(MapView.Pointed)
    def _cell_pointed(self, event: MapView.Pointed) -> None:
        event.stop()
        key = self.viewpoint.key if event.key is None else event.key
        self.move(replace(self.viewpoint, query=event.query, key=key))

    @on(GridView.Pointed)
    def _head_pointed(self, event: GridView.Pointed) -> None:
        event.stop()
        self.move(replace(self.viewpoint, layer=event.layer, head=event.head))

    @on(StripView.Pointed)
    def _token_pointed(self, event: StripView.Pointed) -> None:
        event.stop()
        self.move(replace(self.viewpoint, query=event.position))
