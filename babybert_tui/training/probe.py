"""The pinned probe: one input, looked at again and again while the model learns."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from babybert_tui.bert import BabyBert, Record
from babybert_tui.training.recording import Probe, Recording, Snapshot

TOP = 5
_SNAPSHOTS = 100  # about so many in a run, besides the early ones


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
        self.pieces = pieces
        self._snapshots = list(snapshots)

    def record(self, model: BabyBert, step: int, device: torch.device) -> Snapshot:
        """Takes a snapshot and keeps it."""
        if self._snapshots and self._snapshots[-1].step == step:
            return self._snapshots[-1]
        snapshot = take_snapshot(model, self.probe, step, device)
        self._snapshots.append(snapshot)
        return snapshot

    def taken_since(self, count: int) -> tuple[Snapshot, ...]:
        """The snapshots kept after the first `count`."""
        return tuple(self._snapshots[count:])

    def pin(self, probe: Probe) -> None:
        """Looks at another input from now on; what was recorded of the old one is dropped."""
        self.probe = probe
        self._snapshots.clear()

    @property
    def recording(self) -> Recording:
        """All of it so far."""
        used = {int(number) for snapshot in self._snapshots for number in snapshot.top_ids.flat}
        return Recording(self.probe, tuple(self._snapshots), {number: self.pieces[number] for number in sorted(used)})
