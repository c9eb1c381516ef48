"""Tokens as they may be shown: safe, measured in terminal columns, cut and padded without splitting a character."""

import unicodedata

from rich.cells import cell_len, set_cell_size

from babybert_tui.render.palette import Palette
from babybert_tui.sanitise import sanitise

_CARRIER = "\u25cc"  # the dotted circle that stands under a combining mark with no letter of its own


def visible(text: str, *, ascii_only: bool = False) -> str:
    """Returns text from outside as it may be printed: no controls, no mark that would join the cell before it.

    With `ascii_only` other characters are written as Python escapes, so that nothing is lost and nothing fails.
    """
    if ascii_only:
        return sanitise(text).encode("ascii", "backslashreplace").decode("ascii")
    shown = sanitise(text)
    if shown and unicodedata.category(shown[0]) in {"Mn", "Me", "Mc"}:
        shown = _CARRIER + shown
    return shown


def clipped(text: str, width: int, palette: Palette) -> str:
    """Cuts safe text to `width` columns; an ellipsis says that something is missing."""
    if cell_len(text) <= width:
        return text
    ellipsis = palette.signs.ellipsis
    return set_cell_size(text, max(0, width - cell_len(ellipsis))).rstrip() + ellipsis if width > 0 else ""


def clipped_path(text: str, width: int, palette: Palette) -> str:
    """Cuts safe text to `width` columns; of a path the end is kept, which tells more."""
    if cell_len(text) <= width or not ("/" in text or "\\" in text):
        return clipped(text, width, palette)
    ellipsis = palette.signs.ellipsis
    end = text
    while end and cell_len(ellipsis + end) > width:
        end = end[1:]
    return ellipsis + end if end else clipped(text, width, palette)


def fitted(text: str, width: int, palette: Palette, *, align: str = "left") -> str:
    """Cuts or pads safe text to exactly `width` columns."""
    text = clipped(text, width, palette)
    missing = width - cell_len(text)
    left = {"left": 0, "right": missing, "centre": missing // 2}[align]
    return " " * left + text + " " * (missing - left)


def wrapped(text: str, width: int, *, indent: int = 0) -> list[str]:
    """Breaks safe text between words into lines of at most `width` columns; a longer word is broken where it must.

    Where not even one character fits, each has a line of its own.
    """
    width = max(1, width)
    indent = max(0, min(indent, width - 2))  # a wide character has room beside it
    lines: list[str] = []
    current = ""
    for word in text.split():
        if current and cell_len(current) + 1 + cell_len(word) <= width:
            current = f"{current} {word}"
            continue
        if current.strip():
            lines.append(current)
        current = (" " * indent if lines else "") + word
        while cell_len(current) > width:
            spaces = len(current) - len(current.lstrip())
            cut = max(len(set_cell_size(current, width).rstrip()), spaces + 1)
            if cut == len(current):
                break  # one wide character where there is one column
            lines.append(current[:cut])
            current = " " * indent + current[cut:]
    return [*lines, current] if current.strip() else lines


def short_name(token: str) -> str:
    """A token as the label of a column: special tokens lose their brackets to save room."""
    return token[1:-1] if token.startswith("[") and token.endswith("]") and len(token) > 2 else token
