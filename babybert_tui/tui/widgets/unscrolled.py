"""Boxes that fill the room they are given and never scroll."""

from textual.containers import Grid, Horizontal, Vertical
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import ContentSwitcher


class Unscrolled(Widget):
    """For widgets that fill their place and have no scroll bars.

    Textual lays the whole screen out once more whenever what a widget holds has changed its size, since a scroll bar
    may come or go by it. Where none can, that is half of the time that a change of panes or of the terminal takes.
    """

    virtual_size = Reactive(Size(0, 0))


class Box(Unscrolled):
    """For widgets that only hold others: their own lines are all alike, so no border above or below.

    Textual draws what lies under others too, line by line.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        """One line, as often as it is asked for."""
        return super().render_lines(Region(crop.x, crop.y, crop.width, 1)) * crop.height


class Column(Vertical, Box):
    """One below the other."""


class Row(Horizontal, Box):
    """Side by side."""


class Quarters(Grid, Box):
    """In rows and columns."""


class Rooms(ContentSwitcher, Box):
    """One at a time."""
