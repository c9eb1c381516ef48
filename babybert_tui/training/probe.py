"""The pinned probe: one input, looked at again and again while the model learns, and its snapshots on the disk.

`probe.npz` holds what a replay needs, so that attention can be seen to form without torch, and without the model.
"""

import io
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from babybert_tui.bert import BabyBert, Record
from babybert_tui.pretraining.masking import FATE_NAMES

FILE = "probe.npz"
TOP = 5
_SNAPSHOTS = 100  # about so many in a run, besides the early ones


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

    def until(self, step: int) -> "Recording":
        """Without the snapshots after `step`."""
        return replace(self, snapshots=tuple(one for one in self.snapshots if one.step <= step))


def is_snapshot_step(step: int, max_steps: int) -> bool:
    """Whether a run records its probe after update `step`: at powers of two, and about a hundred times evenly."""
    return step & (step - 1) == 0 or step % max(1, max_steps // _SNAPSHOTS) == 0 or step == max_steps


@torch.no_grad()
def take_snapshot(model: BabyBert, probe: Probe, step: int, device: torch.device) -> Snapshot:
    """One forward pass of the probe."""
    ids = torch.from_numpy(probe.ids)[None].to(device)
    segments = torch.from_numpy(probe.segments)[None].to(device)
    record = Record()
    selected = torch.tensor(probe.positions, dtype=torch.int64, device=device)
    output = model(ids, segments, selected=selected, record=record)
    assert output.mlm_logits is not None
    probabilities = functional.softmax(output.mlm_logits.float(), dim=-1)  # (M, V)
    top = probabilities.topk(min(TOP, probabilities.shape[-1]), dim=-1)
    is_next = float("nan")
    if output.nsp_logits is not None:
        is_next = float(functional.softmax(output.nsp_logits.float(), dim=-1)[0, 0])
    return Snapshot(
        step=step,
        top_ids=top.indices.cpu().numpy(),
        top_probabilities=top.values.cpu().numpy(),
        original_probabilities=_of_originals(probabilities, probe, model),
        is_next=is_next,
        attention=torch.stack([layer.attention[0].float() for layer in record.layers]).half().cpu().numpy(),
    )


def _of_originals(probabilities: torch.Tensor, probe: Probe, model: BabyBert) -> NDArray[np.float32]:
    found = np.full(len(probe.positions), np.nan, dtype=np.float32)
    for row, original in enumerate(probe.original_ids):
        if original is not None and original < model.config.vocab_size:
            found[row] = float(probabilities[row, original])
    return found


class ProbeRecorder:
    """Records a probe while a run goes on.

    Args:
        probe: What to look at.
        pieces: The vocabulary, by id.
        snapshots: What was recorded before, on resuming.
    """

    def __init__(self, probe: Probe, pieces: list[str], snapshots: tuple[Snapshot, ...] = ()) -> None:
        self.probe = probe
        self._pieces = pieces
        self._snapshots = list(snapshots)

    def record(self, model: BabyBert, step: int, device: torch.device) -> Snapshot:
        """Takes a snapshot and keeps it."""
        if self._snapshots and self._snapshots[-1].step == step:
            return self._snapshots[-1]
        snapshot = take_snapshot(model, self.probe, step, device)
        self._snapshots.append(snapshot)
        return snapshot

    def pin(self, probe: Probe) -> None:
        """Looks at another input from now on; what was recorded of the old one is dropped."""
        self.probe = probe
        self._snapshots.clear()

    @property
    def recording(self) -> Recording:
        """All of it so far."""
        used = {int(number) for snapshot in self._snapshots for number in snapshot.top_ids.flat}
        return Recording(self.probe, tuple(self._snapshots), {number: self._pieces[number] for number in sorted(used)})


def write_recording(folder: Path, recording: Recording) -> None:
    """Replaces `probe.npz` in a run's folder, atomically."""
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
    np.savez_compressed(
        buffer,
        words=np.frombuffer(json.dumps(words).encode(), dtype=np.uint8),
        ids=recording.probe.ids,
        segments=recording.probe.segments,
        steps=np.array([one.step for one in snapshots], dtype=np.int64),
        is_next=np.array([one.is_next for one in snapshots], dtype=np.float32),
        **{
            name: np.stack([getattr(one, name) for one in snapshots])
            for name in ("top_ids", "top_probabilities", "original_probabilities", "attention")
            if snapshots
        },
    )
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE}.")
    with open(descriptor, "wb") as file:
        file.write(buffer.getvalue())
    os.replace(name, folder / FILE)


def read_recording(folder: Path) -> Recording | None:
    """The recording in a run's (or a shipped checkpoint's) folder; None where there is none that can be read."""
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
