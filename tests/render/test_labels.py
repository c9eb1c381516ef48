"""Words in the room that there is."""

from itertools import product

import pytest
from rich.cells import cell_len

from babybert_tui.render.labels import clipped_path, wrapped
from babybert_tui.render.palette import Palette

TEXTS = ("a sentence with hidden words", "abc defghij", "日本語 です", "x", "", "  ", "Donaudampfschifffahrt")


@pytest.mark.parametrize(("text", "width", "indent"), product(TEXTS, (-1, 0, 1, 2, 3, 7, 80), (0, 3)))
@pytest.mark.timeout(10)
def test_whatever_the_width_nothing_is_lost_and_it_ends(text: str, width: int, indent: int) -> None:
    lines = wrapped(text, width, indent=indent)
    assert "".join("".join(lines).split()) == "".join(text.split())
    widest = max((cell_len(character) for character in text), default=1)
    assert all(cell_len(line) <= max(width, widest, 1) for line in lines)


def test_lines_after_the_first_are_indented() -> None:
    assert wrapped("one two three", 7, indent=2) == ["one two", "  three"]


def test_of_a_path_the_end_is_kept() -> None:
    palette = Palette()
    assert clipped_path("/home/anna/texts/reviews.txt", 12, palette) == "…reviews.txt"
    assert clipped_path("python-reference", 8, palette) == "python-…"
    assert clipped_path("stories", 8, palette) == "stories"
    assert clipped_path("/a/日本語.txt", 7, palette) == "…語.txt"
