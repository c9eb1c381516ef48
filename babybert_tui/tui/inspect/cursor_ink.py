"""The one colour that the cursor has everywhere: no ramp, segment or token kind uses it."""

from babybert_tui.render.palette import Depth, Ink, Palette

_PATCH = {
    Depth.TRUE: Ink("#00171c", "#2fd3e6", bold=True),
    Depth.EIGHT_BIT: Ink("color(16)", "color(44)", bold=True),
    Depth.STANDARD: Ink("black", "bright_cyan", bold=True),
    Depth.NONE: Ink(bold=True),
}


def cursor_patch(palette: Palette) -> Ink:
    """Text on the cursor's colour."""
    return _PATCH[palette.depth]


def cursor_frame(palette: Palette) -> Ink:
    """A line in the cursor's colour."""
    return Ink(_PATCH[palette.depth].background, None, bold=palette.depth is Depth.NONE)
