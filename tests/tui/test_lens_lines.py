"""The logit lens as lines: which word, how sure, and at which depth the right one comes."""

import pytest

from babybert_tui.inspection.logit_lens import LensLayer
from babybert_tui.inspection.trace import Candidate, Prediction
from babybert_tui.render.cells import line_width, plain_text
from babybert_tui.render.palette import Depth, Palette, Role
from babybert_tui.tui.inspect.answer_picture import lens_lines

PALETTE = Palette(Depth.TRUE)


def lens() -> list[LensLayer]:
    found = []
    for layer, (token, probability, rank) in enumerate([("##q", 0.1, 800), ("the", 0.3, 12), ("cake", 0.6, 1)]):
        guess = Prediction(4, "cake", rank, probability / rank, (Candidate(token, probability),))
        found.append(LensLayer(layer, (guess,)))
    return found


@pytest.mark.parametrize("width", [20, 30, 80])
def test_a_line_for_each_layer_with_its_guess(width: int) -> None:
    lines = lens_lines(lens(), 4, width, 10, PALETTE)
    assert [text.split()[0] for text in plain_text(lines).split("\n")] == ["in", "L1", "L2"]
    assert all(line_width(line) <= width for line in lines)
    if width >= 30:
        assert [text.split()[1:3] for text in plain_text(lines).split("\n")] == [
            ["##q", ".100"],
            ["the", ".300"],
            ["cake", ".600"],
        ]


def test_the_right_word_stands_out() -> None:
    ink = PALETTE.text(Role.ORIGINAL, bold=True)
    right = [any(cell.ink == ink for cell in line) for line in lens_lines(lens(), 4, 40, 10, PALETTE)]
    assert right == [False, False, True]


def test_the_last_layers_are_kept_where_there_is_little_room() -> None:
    assert plain_text(lens_lines(lens(), 4, 40, 2, PALETTE)).split()[0] == "L1"


def test_where_nothing_was_asked_it_says_so() -> None:
    assert plain_text(lens_lines(lens(), 5, 40, 5, PALETTE)) == "Nothing was asked here."
