"""All heads in one picture: with NumPy or before it is there, the same."""

from pathlib import Path

import pytest

from babybert_tui.render.palette import Depth, Palette
from babybert_tui.training.first_look import read_first_look
from babybert_tui.training.recording import read_recording
from babybert_tui.tui.pictures.head_grid import head_grid_lines

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
