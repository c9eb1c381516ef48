"""Colour ramps of even perceptual steps, computed in OKLab (Ottosson 2020, "A perceptual color space").

A ramp is a path through OKLab whose lightness only rises (or only falls) and whose points are spread evenly along its
length, so that equal steps of a value look like equal steps of colour, also in print and to the colour-blind.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.rgb import Rgb

Array = NDArray[np.float64]

STEPS = 256

_LMS_TO_LINEAR = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)
_LINEAR_TO_LMS = np.linalg.inv(_LMS_TO_LINEAR)
_LAB_TO_LMS = np.array(
    [[1.0, 0.3963377774, 0.2158037573], [1.0, -0.1055613458, -0.0638541728], [1.0, -0.0894841775, -1.2914855480]]
)
_LMS_TO_LAB = np.linalg.inv(_LAB_TO_LMS)


def oklab_to_linear(lab: Array) -> Array:
    """Converts (…, 3) OKLab to linear sRGB, which lies outside 0 to 1 for colours that no screen shows."""
    linear: Array = ((lab @ _LAB_TO_LMS.T) ** 3) @ _LMS_TO_LINEAR.T
    return linear


def rgb_to_oklab(rgb: Array) -> Array:
    """Converts (…, 3) sRGB of 0 to 255 to OKLab."""
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    lab: Array = np.cbrt(linear @ _LINEAR_TO_LMS.T) @ _LMS_TO_LAB.T
    return lab


def _to_rgb(lab: Array) -> list[Rgb]:
    linear = np.clip(oklab_to_linear(lab), 0, 1)
    value = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return [Rgb(*(int(channel) for channel in row)) for row in np.rint(value * 255)]


def _within_gamut(lightness: Array, chroma: Array, hue: Array) -> Array:
    """Builds OKLab from lightness, chroma and hue (degrees), taking away chroma where sRGB cannot show it."""

    def lab_of(scale: Array) -> Array:
        angle = np.deg2rad(hue)
        return np.stack([lightness, chroma * scale * np.cos(angle), chroma * scale * np.sin(angle)], axis=-1)

    low, high = np.zeros_like(chroma), np.ones_like(chroma)
    for _ in range(20):
        middle = (low + high) / 2
        linear = oklab_to_linear(lab_of(middle))
        inside = np.all((linear >= 0) & (linear <= 1), axis=-1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return lab_of(low)


def _even_steps(path: Array, count: int) -> Array:
    """Picks `count` points that lie evenly along the length of a finely sampled OKLab path."""
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    wanted = np.linspace(0, lengths[-1], count)
    return np.stack([np.interp(wanted, lengths, path[:, axis]) for axis in range(3)], axis=-1)


def _smooth(values: Array, width: int = 401) -> Array:
    """Rounds the corners of a path of straight pieces, which the eye would see as bands."""
    padded = np.pad(values, width // 2, mode="reflect", reflect_type="odd")
    smooth: Array = np.convolve(padded, np.full(width, 1 / width), mode="valid")
    return smooth


def _ramp(lightness: tuple[float, float], chroma: tuple[float, ...], hue: tuple[float, ...]) -> tuple[Rgb, ...]:
    position = np.linspace(0, 1, 2001)
    path = _within_gamut(
        np.interp(position, [0, 1], lightness),
        np.maximum(0, _smooth(np.interp(position, np.linspace(0, 1, len(chroma)), chroma))),
        _smooth(np.interp(position, np.linspace(0, 1, len(hue)), hue)),
    )
    return tuple(_to_rgb(_even_steps(path, STEPS)))


@lru_cache(maxsize=1)
def screen_ramp() -> tuple[Rgb, ...]:
    """256 colours from near black through violet and coral to pale yellow: dark is little, bright is much."""
    return _ramp((0.17, 0.96), (0.03, 0.13, 0.17, 0.16, 0.15, 0.09), (282, 295, 345, 390, 435, 460))


@lru_cache(maxsize=1)
def paper_ramp() -> tuple[Rgb, ...]:
    """256 colours from white through orange and plum to near black: pale is little, dark is much. For white pages."""
    return _ramp((1.0, 0.2), (0.0, 0.1, 0.17, 0.19, 0.15, 0.05), (440, 425, 400, 360, 310, 285))
