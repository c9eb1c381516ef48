"""A widget that is drawn as lines of coloured cells, once for each change."""

from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip

from babybert_tui.render.cells import Line, segments
from babybert_tui.render.palette import Depth, Palette
from babybert_tui.render.rgb import Rgb
from babybert_tui.tui.widgets.unscrolled import Unscrolled

_DEPTHS = {"truecolor": Depth.TRUE, "256": Depth.EIGHT_BIT, "standard": Depth.STANDARD, "windows": Depth.STANDARD}


class Lines(Unscrolled):
    """Draws what `draw` returns under a title, and keeps it until `redraw`.

    Attributes:
        learner_help: What `?` says of it.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--title", "lines--rule"}
    learner_help = ""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strips: list[Strip] | None = None
        self._drawn_in = Size(0, 0)
        self._inks: dict[str, Style] = {}

    def ink(self, component: str = "") -> Style:
        """The theme's style of a component class, or of the widget; looking it up anew costs as much as drawing."""
        if component not in self._inks:
            style = self.rich_style
            self._inks[component] = style + self.get_component_rich_style(component) if component else style
        return self._inks[component]

    def title(self) -> list[tuple[str, str]]:
        """Pieces of the title with the names of their component classes; none for no title."""
        return []

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """What stands under the title."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Something changed."""
        self._strips = None
        self.refresh()

    def redraw_lines(self) -> None:
        """Something changed, on few lines perhaps: draws now, and has Textual go through those alone."""
        before = self._strips
        if before is None or self._drawn_in != self.size:
            self.redraw()
            return
        changed = [y for y, (old, new) in enumerate(zip_longest(before, self._draw_anew())) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    @property
    def palette(self) -> Palette:
        """What the terminal can show."""
        console = self.app.console
        if self.app.no_color or console.no_color:
            return Palette(Depth.NONE)
        return Palette(_DEPTHS.get(console.color_system or "", Depth.TRUE), quiet=self._quiet())

    def _quiet(self) -> Rgb | None:
        """The theme's grey; None where it leaves that to the terminal."""
        named = self.app.theme_variables.get("quiet", "")
        return Rgb(*Color.parse(named).rgb) if named.startswith("#") else None

    def render_line(self, y: int) -> Strip:
        """One line, from what was drawn last.

        A new size is painted before `on_resize` hears of it: what was drawn for the old one is shown until then, since
        all of a screen drawn anew would keep the answer to a key waiting.
        """
        width, strips = self.size.width, self._draw_anew() if self._strips is None else self._strips
        return strips[y].adjust_cell_length(width, self.ink()) if y < len(strips) else Strip.blank(width, self.ink())

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines as they were drawn: there is no padding and no border, which Textual would look for at each of them."""
        strips = [self.render_line(y) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return [strip.crop(*crop.column_span) for strip in strips]

    def on_resize(self) -> None:
        """Draws anew, unless it was done."""
        if self._drawn_in != self.size:
            self.redraw()

    def _draw_anew(self) -> list[Strip]:
        self._drawn_in = self.size
        self._strips = self._drawn()
        return self._strips

    def notify_style_update(self) -> None:
        """Draws anew in the theme's colours."""
        super().notify_style_update()
        self._strips = None
        self._inks.clear()

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        title = self.title()
        strips = [self._title_strip(title, width)] if title else []
        lines = self.draw(width, height - len(strips), self.palette)
        base = self.ink()
        strips += [self._strip(list(segments(line)), base, width) for line in lines]
        return strips[:height]

    def _strip(self, parts: list[Segment], base: Style, width: int) -> Strip:
        return Strip(parts).apply_style(base).adjust_cell_length(width, base)

    def _title_strip(self, title: list[tuple[str, str]], width: int) -> Strip:
        rule = self.ink("lines--rule")
        parts = [Segment("─ ", rule)]
        parts += [Segment(text, self.ink(name)) for text, name in title]
        used = sum(part.cell_length for part in parts)
        parts.append(Segment(f" {'─' * max(0, width - used - 1)}", rule))
        return Strip(parts).adjust_cell_length(width, self.ink())
