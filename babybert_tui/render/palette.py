"""The inks of every picture in 24-bit, 256 and 16 colours, and the shades and signs for where there are none."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import NamedTuple

from rich.console import Console, ConsoleOptions

from babybert_tui.render.rgb import Rgb, contrast_ratio
from babybert_tui.render.screen_colours import SCREEN_RAMP

BLACK, WHITE, QUIET = Rgb(0, 0, 0), Rgb(255, 255, 255), Rgb(150, 148, 165)
_QUIET_CONTRAST = 5.5


class Depth(IntEnum):
    """How many colours a terminal shows."""

    NONE = 0
    STANDARD = 4
    EIGHT_BIT = 8
    TRUE = 24


_DEPTHS = {"truecolor": Depth.TRUE, "256": Depth.EIGHT_BIT, "standard": Depth.STANDARD, "windows": Depth.STANDARD}


class Role(StrEnum):
    """What a colour says, apart from the ramp."""

    SEGMENT_A = "segment A"
    SEGMENT_B = "segment B"
    SPECIAL = "special token"
    MASKED = "masked token"
    UNKNOWN = "unknown word"
    MUTED = "muted"
    HEADING = "heading"
    BAR = "bar"
    ORIGINAL = "the original token"


class Ink(NamedTuple):
    """Colours as rich and Textual name them; None is the terminal's own."""

    foreground: str | None = None
    background: str | None = None
    bold: bool = False
    italic: bool = False


class Signs(NamedTuple):
    """The characters that pictures are drawn with."""

    shades: str
    eighths: str  # of a bar, from the thinnest; the last one is a full block
    pointer: str
    ellipsis: str
    arrow: str
    zero: str
    dot: str
    rule: str
    corners: tuple[str, str]
    times: str
    right: str
    end_of_bar: str


_UNICODE = Signs(" ░▒▓█", "▏▎▍▌▋▊▉█", "▲", "…", "→", "·", "·", "─", ("└", "┘"), "×", "▶", "▕")
# No dot or colon among the shades: they stand beside figures.
_ASCII = Signs(" '+*#", "#", "^", "~", "->", "-", "/", "-", ("\\", "/"), "x", ">", "|")

# Text in a colour must be readable on a dark and on a light background: OKLab lightness near 0.63. Chips bring both.
_TEXT = {
    Role.SEGMENT_A: Rgb(46, 132, 214),
    Role.SEGMENT_B: Rgb(204, 112, 32),
    Role.SPECIAL: Rgb(128, 128, 128),
    Role.MASKED: Rgb(208, 80, 170),
    Role.UNKNOWN: Rgb(218, 78, 72),
    Role.MUTED: Rgb(128, 128, 128),
    Role.BAR: Rgb(46, 132, 214),
    Role.ORIGINAL: Rgb(40, 150, 90),
}
_CHIP = {
    Role.SEGMENT_A: Rgb(28, 78, 140),
    Role.SEGMENT_B: Rgb(148, 74, 14),
    Role.SPECIAL: Rgb(88, 88, 88),
    Role.MASKED: Rgb(178, 40, 140),
    Role.UNKNOWN: Rgb(170, 36, 36),
}
_TEXT_16 = {
    Role.SEGMENT_A: "blue",
    Role.SEGMENT_B: "yellow",
    Role.MASKED: "magenta",
    Role.UNKNOWN: "red",
    Role.BAR: "blue",
    Role.ORIGINAL: "green",
}
_CHIP_16 = {
    Role.SEGMENT_A: ("bright_white", "blue"),
    Role.SEGMENT_B: ("black", "yellow"),
    Role.SPECIAL: ("black", "white"),
    Role.MASKED: ("bright_white", "magenta"),
    Role.UNKNOWN: ("bright_white", "red"),
}
# Where the second to fifth of five steps begin: closer together where most weights are.
_THRESHOLDS = (0.05, 0.2, 0.45, 0.75)
# Rising in lightness in every usual palette; few steps, because their exact colours are the terminal's business.
_RAMP_16 = (
    ("bright_white", "black"),
    ("bright_white", "blue"),
    ("bright_white", "magenta"),
    ("black", "yellow"),
    ("black", "bright_white"),
)


@lru_cache(maxsize=1)
def _eight_bit_colours() -> tuple[Rgb, ...]:
    """The fixed colours 16 to 255 of xterm: a cube of 6 × 6 × 6 and 24 greys."""
    levels = (0, 95, 135, 175, 215, 255)
    cube = [Rgb(red, green, blue) for red in levels for green in levels for blue in levels]
    return (*cube, *(Rgb(grey, grey, grey) for grey in range(8, 248, 10)))


@lru_cache(maxsize=1024)
def nearest_eight_bit(colour: Rgb) -> int:
    """The number (16 to 255) of the xterm colour that looks most like `colour`."""
    import numpy as np

    from babybert_tui.render.ramp import rgb_to_oklab

    table = rgb_to_oklab(np.array(_eight_bit_colours(), dtype=float))
    distance = np.linalg.norm(table - rgb_to_oklab(np.array(colour, dtype=float)), axis=1)
    return 16 + int(distance.argmin())


@lru_cache(maxsize=1)
def _eight_bit_ramp() -> tuple[int, ...]:
    """The distinct xterm colours along the ramp, each one lighter than the one before."""
    import numpy as np

    from babybert_tui.render.ramp import rgb_to_oklab

    chosen: list[int] = []
    lightest = -1.0
    for colour in SCREEN_RAMP:
        number = nearest_eight_bit(colour)
        lightness = float(rgb_to_oklab(np.array(_eight_bit_colours()[number - 16], dtype=float))[0])
        if lightness > lightest + 0.02:
            chosen.append(number)
            lightest = lightness
    return tuple(chosen)


def readable_on(background: Rgb) -> Rgb:
    """Black or white, whichever stands out more."""
    return max(BLACK, WHITE, key=lambda ink: contrast_ratio(ink, background))


def _figure_ink(background: Rgb) -> Rgb:
    """Small weights in a quieter grey where that is still easy to read, so that the large ones catch the eye."""
    return QUIET if contrast_ratio(QUIET, background) >= _QUIET_CONTRAST else readable_on(background)


@lru_cache(maxsize=len(Depth))
def _ramp(depth: Depth) -> tuple[Ink, ...]:
    """An ink for each step: background and a foreground that is readable on it."""
    if depth is Depth.TRUE:
        return tuple(Ink(_figure_ink(colour).hex, colour.hex) for colour in SCREEN_RAMP)
    if depth is Depth.EIGHT_BIT:
        table = _eight_bit_colours()
        pairs = [(nearest_eight_bit(_figure_ink(table[number - 16])), number) for number in _eight_bit_ramp()]
        return tuple(Ink(f"color({figure})", f"color({number})") for figure, number in pairs)
    if depth is Depth.STANDARD:
        return tuple(Ink(foreground, background) for foreground, background in _RAMP_16)
    return tuple(Ink() for _ in _UNICODE.shades)


@lru_cache(maxsize=len(Depth))
def _thresholds(depth: Depth) -> tuple[float, ...]:
    steps = len(_ramp(depth))
    if depth in {Depth.NONE, Depth.STANDARD}:
        return _THRESHOLDS
    return tuple(step / steps for step in range(1, steps))


def _ramp_index(position: float) -> int:
    """The index into the ramp for a position of 0 to 1."""
    return round(min(1.0, max(0.0, position)) * (len(SCREEN_RAMP) - 1))


@dataclass(frozen=True)
class Palette:
    """What a picture may use: so many colours, and Unicode or ASCII only."""

    depth: Depth = Depth.TRUE
    ascii_only: bool = False
    quiet: Rgb | None = None  # for what is said in passing; None: a grey that is readable on dark and on light

    @classmethod
    def of(cls, console: Console, options: ConsoleOptions | None = None) -> "Palette":
        """The palette that a console can show. `NO_COLOR` and a console without colours both give shades."""
        depth = Depth.NONE if console.no_color else _DEPTHS.get(console.color_system or "", Depth.NONE)
        return cls(depth, (options or console.options).ascii_only)

    @property
    def signs(self) -> Signs:
        """The characters to draw with."""
        return _ASCII if self.ascii_only else _UNICODE

    @property
    def half_blocks(self) -> bool:
        """Whether one character can show two values, one over the other."""
        return self.depth is not Depth.NONE and not self.ascii_only

    @property
    def colour(self) -> bool:
        """Whether there are colours at all."""
        return self.depth is not Depth.NONE

    @property
    def steps(self) -> int:
        """How many values the ramp (or the shades) can tell apart."""
        return len(_ramp(self.depth))

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Where on the scale each step after the first begins, for a ramp that is not smooth."""
        return _thresholds(self.depth)

    def _step(self, position: float) -> int:
        return _ramp_index(position) if self.depth is Depth.TRUE else bisect_right(self.thresholds, position)

    def heat(self, position: float) -> Ink:
        """The ink for a value at `position` (0 to 1) of the scale."""
        return _ramp(self.depth)[self._step(position)]

    def shade(self, position: float) -> str:
        """The character whose darkness stands for `position` where there is no colour."""
        return self.signs.shades[bisect_right(_THRESHOLDS, position)]

    def pixel(self, position: float, width: int = 1) -> tuple[str, Ink]:
        """A cell that shows one value: a coloured blank, or a shade."""
        return (" " if self.colour else self.shade(position)) * width, self.heat(position)

    def pixel_pair(self, top: float, bottom: float) -> tuple[str, Ink]:
        """One character that shows two values with an upper half block; only where `half_blocks` holds."""
        above, below = self.heat(top).background, self.heat(bottom).background
        return (" ", Ink(None, below)) if above == below else ("▀", Ink(above, below))

    def text(self, role: Role, *, bold: bool = False) -> Ink:
        """Coloured text on the terminal's own background."""
        if role is Role.HEADING:
            return Ink(bold=self.colour)
        own = self.quiet if role is Role.MUTED else None
        colour = _TEXT_16.get(role) if self.depth is Depth.STANDARD else self._name(own or _TEXT[role])
        return Ink(colour, bold=bold and self.colour)

    def chip(self, role: Role) -> Ink:
        """Text on a patch of colour, readable whatever the terminal's background."""
        if self.depth is Depth.STANDARD:
            return Ink(*_CHIP_16[role])
        return Ink(self._name(WHITE), self._name(_CHIP[role]))

    def _name(self, colour: Rgb) -> str | None:
        if self.depth is Depth.TRUE:
            return colour.hex
        return f"color({nearest_eight_bit(colour)})" if self.depth is Depth.EIGHT_BIT else None
