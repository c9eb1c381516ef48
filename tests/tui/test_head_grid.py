"""All heads in one picture: with NumPy or before it is there, the same."""

from pathlib import Path

import numpy as np
import pytest

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.palette import Depth, Palette
from babybert_tui.training.first_look import read_first_look
from babybert_tui.training.recording import read_recording
from babybert_tui.tui.pictures.head_grid import head_at, head_grid_lines

SHIPPED = Path(__file__).parents[2] / "checkpoints" / "stories"


@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.NONE])
@pytest.mark.parametrize("size", [(110, 60), (40, 14), (30, 9), (12, 6), (12, 3)])
def test_tuples_are_drawn_as_arrays_are(size: tuple[int, int], depth: Depth) -> None:
    found, whole = read_first_look(SHIPPED), read_recording(SHIPPED)
    assert found is not None
    assert whole is not None
    before, after = found[0].snapshots[0].attention, whole.snapshots[0].attention
    drawn = [head_grid_lines(one, *size, Palette(depth)) for one in (before, after)]
    assert drawn[0] == drawn[1]
    assert drawn[0]


def columns(line: Line) -> list[Cell]:
    return [Cell(letter, cell.ink) for cell in line for letter in cell.text]


@pytest.mark.parametrize("size", [(110, 60), (40, 14), (30, 9), (12, 6)])
def test_a_place_in_the_picture_is_the_head_that_is_drawn_there(size: tuple[int, int]) -> None:
    recording = read_recording(SHIPPED)
    assert recording is not None
    attention = np.concatenate([recording.snapshots[-1].attention] * 2)  # four layers
    dark = head_grid_lines(0 * attention, *size, Palette(Depth.TRUE))
    for layer, head in ((1, 1), (2, 3), (4, 4)):
        lit = 0 * attention
        lit[layer - 1, head - 1] = 1
        drawn = head_grid_lines(lit, *size, Palette(Depth.TRUE))
        for y, (one, other) in enumerate(zip(dark, drawn, strict=True)):
            for x, (before, after) in enumerate(zip(columns(one), columns(other), strict=True)):
                if before != after:
                    assert head_at(attention, *size, x, y) == (layer, head)
    assert head_at(attention, *size, 0, 1) is None, "the labels"
    assert head_at(attention, *size, 5, 0) is None, "the headings"
    assert head_at(attention, *size, 5, 500) is None
