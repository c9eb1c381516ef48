"""Colours: even steps, readable figures, honest fallbacks."""

import re

import numpy as np
import pytest
from rich.color import Color

from babybert_tui.render.cells import plain_text
from babybert_tui.render.legend import legend_lines
from babybert_tui.render.palette import Depth, Palette, nearest_eight_bit
from babybert_tui.render.ramp import paper_ramp, rgb_to_oklab, screen_ramp
from babybert_tui.render.rgb import Rgb, contrast_ratio
from babybert_tui.render.scale import Scale, Scaling
from babybert_tui.render.screen_colours import SCREEN_RAMP

WHITE, BLACK = Rgb(255, 255, 255), Rgb(0, 0, 0)


@pytest.mark.parametrize(("ramp", "sign"), [(screen_ramp, 1), (paper_ramp, -1)])
def test_lightness_only_rises_or_only_falls(ramp, sign: int) -> None:
    lightness = rgb_to_oklab(np.array(ramp(), dtype=float))[:, 0]

    assert np.all(sign * np.diff(lightness) > 0)
    assert abs(lightness[-1] - lightness[0]) > 0.75


@pytest.mark.parametrize("ramp", [screen_ramp, paper_ramp])
def test_equal_steps_of_value_are_equal_steps_of_colour(ramp) -> None:
    lab = rgb_to_oklab(np.array(ramp(), dtype=float))
    # Over eight steps, so that rounding to 8 bits a channel does not count.
    distances = np.linalg.norm(lab[8:] - lab[:-8], axis=1)

    assert distances.max() / distances.min() < 1.35


def test_the_colours_that_are_written_down_are_those_computed() -> None:
    assert screen_ramp() == SCREEN_RAMP


def test_oklab_of_known_colours() -> None:
    # Ottosson 2020: white is (1, 0, 0); sRGB red is (0.628, 0.225, 0.126).
    assert rgb_to_oklab(np.array([255.0, 255, 255])) == pytest.approx([1, 0, 0], abs=1e-4)
    assert rgb_to_oklab(np.array([255.0, 0, 0])) == pytest.approx([0.628, 0.2249, 0.1258], abs=1e-3)


def rgb_of(name: str | None) -> Rgb:
    assert name is not None
    return Rgb(*Color.parse(name).get_truecolor())


@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.EIGHT_BIT])
def test_figures_on_every_colour_have_a_contrast_of_four_and_a_half(depth: Depth) -> None:
    palette = Palette(depth)

    for position in np.linspace(0, 1, 256):
        ink = palette.heat(float(position))
        assert contrast_ratio(rgb_of(ink.foreground), rgb_of(ink.background)) >= 4.5


@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.EIGHT_BIT])
def test_text_is_readable_on_dark_and_on_light_terminals(depth: Depth) -> None:
    from babybert_tui.render.palette import _CHIP, _TEXT

    palette = Palette(depth)
    for role in _TEXT:
        colour = rgb_of(palette.text(role).foreground)
        assert min(contrast_ratio(colour, BLACK), contrast_ratio(colour, WHITE)) >= 3
    for role in _CHIP:
        ink = palette.chip(role)
        assert contrast_ratio(rgb_of(ink.foreground), rgb_of(ink.background)) >= 4.5


def test_the_256_colour_ramp_has_distinct_rising_steps() -> None:
    palette = Palette(Depth.EIGHT_BIT)
    names = list(dict.fromkeys(palette.heat(position).background for position in np.linspace(0, 1, 500)))
    lightness = [rgb_to_oklab(np.array(rgb_of(name), dtype=float))[0] for name in names]

    assert len(names) == palette.steps >= 10
    assert all(np.diff(lightness) > 0)


def test_nearest_eight_bit_finds_exact_colours_back() -> None:
    assert nearest_eight_bit(Rgb(255, 0, 0)) == 196
    assert nearest_eight_bit(Rgb(8, 8, 8)) == 232


def test_sixteen_colours_and_shades_are_few_steps_at_the_same_thresholds() -> None:
    assert Palette(Depth.STANDARD).steps == Palette(Depth.NONE).steps == 5
    assert [Palette(Depth.NONE).shade(at) for at in (0.0, 0.04, 0.06, 0.3, 0.7, 0.8, 1.0)] == list("  ░▒▓██")
    assert Palette(Depth.STANDARD).heat(0.04) == Palette(Depth.STANDARD).heat(0)
    assert Palette(Depth.STANDARD).heat(0.06) != Palette(Depth.STANDARD).heat(0)


def test_two_values_share_a_character_only_where_it_can_show_both() -> None:
    assert Palette(Depth.TRUE).half_blocks
    assert not Palette(Depth.NONE).half_blocks
    assert not Palette(Depth.TRUE, ascii_only=True).half_blocks
    text, ink = Palette(Depth.TRUE).pixel_pair(1.0, 0.0)
    assert (text, ink.foreground, ink.background) == ("▀", screen_ramp()[-1].hex, screen_ramp()[0].hex)


@pytest.mark.parametrize("depth", [Depth.STANDARD, Depth.NONE])
def test_the_legend_of_few_steps_says_the_weight_at_which_each_begins(depth: Depth) -> None:
    scale = Scale(Scaling.GLOBAL, 0.0, 0.8)
    text = plain_text(legend_lines(scale, Palette(depth), 80))

    assert re.findall(r"\] (\S+)\+", text) == [".04", ".16", ".36", ".60"]
