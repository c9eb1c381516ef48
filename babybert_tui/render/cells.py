"""A picture as lines of coloured cells: computed here for any front, printed by rich, Textual or a test alike."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style

from babybert_tui.render.labels import wrapped
from babybert_tui.render.palette import Ink, Palette, Role

PLAIN = Ink()


class Cell(NamedTuple):
    """A piece of text in one ink. Its text is safe to print: whatever came from outside went through `sanitise`."""

    text: str
    ink: Ink = PLAIN


Line = list[Cell]


def line_width(line: Iterable[Cell]) -> int:
    """The number of terminal columns that a line takes."""
    return sum(cell_len(cell.text) for cell in line)


def placed(items: Iterable[tuple[int, Cell]]) -> Line:
    """Builds a line from cells that each know their column; they come in order and do not overlap."""
    line: Line = []
    at = 0
    for column, cell in items:
        if column > at:
            line.append(Cell(" " * (column - at)))
        line.append(cell)
        at = max(at, column) + cell_len(cell.text)
    return line


@lru_cache(maxsize=4096)
def _style(ink: Ink) -> Style:
    return Style(color=ink.foreground, bgcolor=ink.background, bold=ink.bold or None, italic=ink.italic or None)


def segments(line: Iterable[Cell]) -> Iterator[Segment]:
    """Turns a line into rich segments, neighbours of one ink joined to keep the output small."""
    text, ink = "", PLAIN
    for cell in line:
        if cell.ink != ink and text:
            yield Segment(text, _style(ink))
            text = ""
        text, ink = text + cell.text, cell.ink
    if text:
        yield Segment(text, _style(ink))


def plain_text(lines: Iterable[Iterable[Cell]]) -> str:
    """The text of a picture without its colours, one line each."""
    return "\n".join("".join(cell.text for cell in line).rstrip() for line in lines)


def text_lines(text: str, width: int, palette: Palette, role: Role = Role.MUTED) -> list[Line]:
    """Safe text, wrapped between words."""
    return [[Cell(line, palette.text(role))] for line in wrapped(text, width)]


class Picture(ABC):
    """A rich renderable that is drawn for a width and a palette."""

    minimum_width = 20

    @abstractmethod
    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws the picture in at most `width` columns."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Prints the picture in the console's width and colours."""
        for line in self.lines(options.max_width, Palette.of(console, options)):
            yield from segments(line)
            yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Measures the picture: it can shrink to `minimum_width`, by wrapping or with less detail."""
        lines = self.lines(options.max_width, Palette.of(console, options))
        widest = max((line_width(line) for line in lines), default=0)
        return Measurement(min(self.minimum_width, widest), widest)


class Stack(Picture):
    """Pictures one under another, an empty line between them."""

    def __init__(self, *pictures: Picture) -> None:
        self.pictures = pictures

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws every picture that has something to show."""
        stacked: list[Line] = []
        for picture in self.pictures:
            drawn = picture.lines(width, palette)
            if drawn and stacked:
                stacked.append([])
            stacked.extend(drawn)
        return stacked
