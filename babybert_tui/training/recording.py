"""What is kept of a pinned probe: one input, and what the model made of it at many steps.

`probe.npz` holds what a replay needs, so that attention can be seen to form without torch, and without the model.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from babybert_tui.files import write_bytes

if TYPE_CHECKING:  # the first screen shows a recording before NumPy is there
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

FILE = "probe.npz"


@dataclass(frozen=True)
class Probe:
    """An input of n tokens, special ones included, as the model is given it."""

    tokens: tuple[str, ...]  # n, after masking
    ids: NDArray[np.int64]  # (n,)
    segments: NDArray[np.int64]  # (n,)
    positions: tuple[int, ...]  # where the masked-LM head is asked
    originals: tuple[str | None, ...]  # what stood there; None where the user typed [MASK]
    fates: tuple[str, ...]  # "mask", "random" or "kept", of each position
    original_ids: tuple[int | None, ...]


@dataclass(frozen=True)
class Snapshot:
    """What the model made of the probe after `step` updates. M is the number of positions asked."""

    step: int
    top_ids: NDArray[np.int64]  # (M, TOP), most probable first
    top_probabilities: NDArray[np.float32]  # (M, TOP)
    original_probabilities: NDArray[np.float32]  # (M,), nan where there is no original
    is_next: float  # P(B follows A)
    attention: NDArray[np.float16]  # (layers, heads, n, n)


@dataclass(frozen=True)
class Recording:
    """A probe and its snapshots, oldest first, with the pieces that their ids stand for."""

    probe: Probe
    snapshots: tuple[Snapshot, ...]
    pieces: dict[int, str]

    def until(self, step: int) -> Recording:
        """Without the snapshots after `step`."""
        return replace(self, snapshots=tuple(one for one in self.snapshots if one.step <= step))


def write_recording(folder: Path, recording: Recording) -> None:
    """Replaces `probe.npz` in a run's folder, atomically."""
    import numpy as np

    snapshots = recording.snapshots
    words: dict[str, Any] = {
        "tokens": recording.probe.tokens,
        "positions": recording.probe.positions,
        "originals": recording.probe.originals,
        "original_ids": recording.probe.original_ids,
        "fates": recording.probe.fates,
        "pieces": {str(number): piece for number, piece in recording.pieces.items()},
    }
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {
        "words": np.frombuffer(json.dumps(words).encode(), dtype=np.uint8),
        "ids": recording.probe.ids,
        "segments": recording.probe.segments,
        "steps": np.array([one.step for one in snapshots], dtype=np.int64),
        "is_next": np.array([one.is_next for one in snapshots], dtype=np.float32),
    }
    for name in ("top_ids", "top_probabilities", "original_probabilities", "attention"):
        arrays[name] = np.stack([getattr(one, name) for one in snapshots]) if snapshots else np.empty(0)
    np.savez_compressed(buffer, **arrays)
    write_bytes(folder / FILE, buffer.getvalue())


def read_recording(folder: Path) -> Recording | None:
    """The recording in a run's (or a shipped checkpoint's) folder; None where there is none that can be read."""
    import numpy as np

    try:
        with np.load(folder / FILE, allow_pickle=False) as arrays:
            words = json.loads(arrays["words"].tobytes())
            probe = Probe(
                tuple(words["tokens"]),
                arrays["ids"],
                arrays["segments"],
                tuple(words["positions"]),
                tuple(words["originals"]),
                tuple(words["fates"]),
                tuple(words["original_ids"]),
            )
            parts = [arrays[name] for name in ("top_ids", "top_probabilities", "original_probabilities")]
            rows = zip(arrays["steps"].tolist(), *parts, arrays["is_next"].tolist(), arrays["attention"], strict=True)
            return Recording(
                probe,
                tuple(Snapshot(*row) for row in rows),
                {int(number): piece for number, piece in words["pieces"].items()},
            )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def probe_from_batch(
    input_ids: NDArray[np.int64],
    original_ids: NDArray[np.int64],
    segments: NDArray[np.int64],
    fates: NDArray[np.uint8],
    pieces: list[str],
) -> Probe:
    """The probe that one unpadded row (n,) of a batch makes."""
    import numpy as np

    from babybert_tui.pretraining.masking import FATE_NAMES

    positions = np.flatnonzero(fates)
    originals = tuple(int(original_ids[position]) for position in positions)
    return Probe(
        tokens=tuple(pieces[number] for number in input_ids),
        ids=input_ids,
        segments=segments,
        positions=tuple(int(position) for position in positions),
        originals=tuple(pieces[number] for number in originals),
        fates=tuple(FATE_NAMES[int(fates[position])] for position in positions),
        original_ids=originals,
    )
