"""A colour, and how well one stands out from another."""

from functools import lru_cache
from typing import NamedTuple


class Rgb(NamedTuple):
    """A colour of 8 bits a channel in sRGB."""

    red: int
    green: int
    blue: int

    @property
    def hex(self) -> str:
        """The colour as `#rrggbb`."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"


@lru_cache(maxsize=1024)
def relative_luminance(colour: Rgb) -> float:
    """The relative luminance of WCAG 2, from 0 (black) to 1 (white)."""
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def contrast_ratio(first: Rgb, second: Rgb) -> float:
    """The contrast of WCAG 2, from 1 to 21; text wants at least 4.5."""
    dark, light = sorted((relative_luminance(first), relative_luminance(second)))
    return (light + 0.05) / (dark + 0.05)
