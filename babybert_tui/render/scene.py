"""A picture for a page: rectangles, texts and maps at places in pixels, which SVG and PNG are both made from."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.cells import cell_len

INK, FAINT, PAPER = "#1a1a1f", "#6b6b76", "#ffffff"
ADVANCE = 0.602  # width of a character of a monospaced font, in its size


@dataclass(frozen=True)
class Box:
    """A filled rectangle, with rounded corners where `radius` says so."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    radius: float = 0.0


@dataclass(frozen=True)
class Words:
    """One line of monospaced text; `y` is its baseline. Safe to show, but not yet escaped for any format."""

    x: float
    y: float
    text: str
    size: float = 12.0
    fill: str = INK
    anchor: str = "start"  # or "middle", "end"
    bold: bool = False
    upright: bool = False  # turned to read from below to above, about its anchor


@dataclass(frozen=True)
class HeatMap:
    """A map whose cells are steps of the paper ramp."""

    x: float
    y: float
    cell: float
    steps: NDArray[np.uint8]  # (rows, columns)


@dataclass
class Scene:
    """Things to draw, from back to front.

    Attributes:
        width: In pixels.
        height: In pixels.
        title: What the picture shows, for those who do not see it.
        items: What to draw.
    """

    width: float
    height: float
    title: str
    items: list[Box | Words | HeatMap] = field(default_factory=list)


def text_width(text: str, size: float) -> float:
    """The width of a monospaced text in pixels."""
    return cell_len(text) * size * ADVANCE
