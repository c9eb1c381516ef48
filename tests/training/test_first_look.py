"""The beginning of a recording, read without NumPy, is what NumPy reads."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from babybert_tui.training.first_look import read_first_look
from babybert_tui.training.recording import FILE, read_recording

SHIPPED = Path(__file__).parents[2] / "checkpoints" / "stories"


def test_it_is_what_numpy_reads() -> None:
    found = read_first_look(SHIPPED)
    whole = read_recording(SHIPPED)
    assert found is not None
    assert whole is not None
    recording, last = found
    ours, theirs = recording.snapshots[0], whole.snapshots[0]
    assert last == whole.snapshots[-1].step
    assert recording.pieces == whole.pieces
    assert (recording.probe.tokens, recording.probe.fates) == (whole.probe.tokens, whole.probe.fates)
    for name in ("ids", "segments"):
        assert np.array_equal(getattr(recording.probe, name), getattr(whole.probe, name))
    for name in ("step", "top_ids", "top_probabilities", "original_probabilities", "is_next", "attention"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=name == "original_probabilities")


def test_it_needs_no_numpy() -> None:
    code = (
        "import sys, pathlib; from babybert_tui.training.first_look import read_first_look;"
        "found = read_first_look(pathlib.Path(sys.argv[1])); print(found is not None, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(SHIPPED)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def without_snapshots() -> bytes:
    """As a run that was stopped before its first look leaves it."""
    import io

    words = {name: [] for name in ("tokens", "positions", "originals", "fates", "original_ids")} | {"pieces": {}}
    arrays = dict.fromkeys(("top_ids", "top_probabilities", "original_probabilities", "attention"), np.empty(0))
    arrays |= {name: np.empty(0, dtype=np.int64) for name in ("ids", "segments", "steps")}
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(words).encode(), dtype=np.uint8)
    np.savez_compressed(buffer, words=text, is_next=np.empty(0, dtype=np.float32), **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize("damage", ["none", "empty", "cut", "other", "early"])
def test_what_cannot_be_read_is_no_look(tmp_path: Path, damage: str) -> None:
    whole = (SHIPPED / FILE).read_bytes()
    content = {"empty": b"", "cut": whole[: len(whole) // 2], "other": b"PK" + bytes(100), "early": without_snapshots()}
    if damage in content:
        (tmp_path / FILE).write_bytes(content[damage])
    assert read_first_look(tmp_path) is None
