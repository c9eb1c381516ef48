"""A run's pinned probe at the moments at which it was recorded: looked at like an input, though no model is there."""

from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
from textual.message import Message

from babybert_tui.inspection.head_statistics import head_statistics
from babybert_tui.inspection.rollout import rollout
from babybert_tui.inspection.trace import NOT_A_TARGET, Candidate, Floats, MaskedToken, Prediction, Trace
from babybert_tui.tui.inspect.question import Kind, Look, PastLook, Request
from babybert_tui.tui.inspect.weights import Weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from babybert_tui.training.recording import Probe, Recording, Snapshot
    from babybert_tui.tui.history import ProbeView

_SPECIAL = ("[CLS]", "[SEP]", "[PAD]")
RECORDED_KINDS = (Kind.ATTENTION, Kind.ROLLOUT)  # scores and vectors were not recorded


@dataclass
class RecordingRead(Message):
    """A recording was read from the disk; None where there is none."""

    folder: Path
    recording: "Recording | None"


def read_in_background(folder: Path, post: "Callable[[Message], object]") -> None:
    """Reads the recording of a run, or of a checkpoint that ships, and posts it."""

    def read() -> None:
        from babybert_tui.training.recording import read_recording

        post(RecordingRead(folder, read_recording(folder)))

    Thread(target=read, name="recording", daemon=True).start()


def recording_of(view: "ProbeView | None") -> "Recording | None":
    """What is recorded so far of the run in training."""
    from babybert_tui.training.recording import Recording

    return None if view is None else Recording(view.probe, view.snapshots, dict(view.pieces))


def recorded_look(request: Request, recording: "Recording") -> Look:
    """What was recorded at the step that the weights of the request name, or next to it."""
    weights = request.question.weights
    steps = np.array([one.step for one in recording.snapshots])
    at = int(np.abs(steps - (weights.step or 0)).argmin()) if weights is not None else -1
    snapshot = recording.snapshots[at]
    found = recorded_trace(recording, snapshot, "" if weights is None else weights.words)
    attention = found.attention
    assert attention is not None
    return Look(
        request,
        trace=found,
        step=snapshot.step,
        values=rollout(attention)[:, None] if request.kind is Kind.ROLLOUT else attention,
        layers=attention.shape[0],
        heads=attention.shape[1],
        past=past_of(recording),
    )


def recorded_trace(recording: "Recording", snapshot: "Snapshot", checkpoint: str) -> Trace:
    """One moment of a recording as a trace."""
    probe = recording.probe
    special = np.array([token in _SPECIAL for token in probe.tokens])
    attention: Floats = np.asarray(snapshot.attention, dtype=np.float32)
    attention = attention / attention.sum(axis=-1, keepdims=True)  # recorded in half precision, it sums to about 1
    layers, heads = (tuple(range(1, count + 1)) for count in attention.shape[:2])
    masked = zip(probe.positions, probe.originals, probe.fates, strict=True)
    return Trace(
        checkpoint=checkpoint,
        tokens=probe.tokens,
        ids=np.asarray(probe.ids),
        words=_words(probe.tokens, special.tolist()),
        segments=np.asarray(probe.segments),
        special=special,
        masked=tuple(MaskedToken(at, original, probe.tokens[at], fate) for at, original, fate in masked),
        unknown=(),
        predictions=_predictions(recording, snapshot),
        is_next=None if np.isnan(snapshot.is_next) else float(snapshot.is_next),
        attention=attention,
        layers=layers,
        head_numbers=heads,
        heads=head_statistics(attention, probe.tokens, special, layers, heads),
        notes=(),
        labels=_labels(probe),
    )


def _words(tokens: tuple[str, ...], special: list[bool]) -> tuple[int | None, ...]:
    """Which word each piece belongs to."""
    number, found = -1, []
    for token, is_special in zip(tokens, special, strict=True):
        number += not is_special and not token.startswith("##")
        found.append(None if is_special else max(0, number))
    return tuple(found)


def _labels(probe: "Probe") -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    labels = np.full(len(probe.tokens), NOT_A_TARGET, dtype=np.int64)
    for position, original in zip(probe.positions, probe.original_ids, strict=True):
        labels[position] = NOT_A_TARGET if original is None else original
    return labels


def _predictions(recording: "Recording", snapshot: "Snapshot") -> tuple[Prediction, ...]:
    found = []
    for row, position in enumerate(recording.probe.positions):
        ids = np.asarray(snapshot.top_ids[row]).tolist()
        shares = np.asarray(snapshot.top_probabilities[row]).tolist()
        names = [recording.pieces.get(piece, "?") for piece in ids]
        top = tuple(Candidate(*pair) for pair in zip(names, shares, strict=True))
        original, number = recording.probe.originals[row], recording.probe.original_ids[row]
        chance = float(snapshot.original_probabilities[row])
        rank = ids.index(number) + 1 if number in ids else None  # beyond those that were recorded nobody knows it
        found.append(Prediction(position, original, rank, None if np.isnan(chance) else chance, top))
    return tuple(found)


def past_of(recording: "Recording") -> tuple[PastLook, ...]:
    """First guesses at all moments."""
    return tuple(_past_look(recording, snapshot) for snapshot in recording.snapshots)


def _past_look(recording: "Recording", snapshot: "Snapshot") -> PastLook:
    guesses = _predictions(recording, snapshot)
    first = {one.position: (one.top[0].token, one.top[0].probability) for one in guesses if one.top}
    return PastLook(snapshot.step, first, None if np.isnan(snapshot.is_next) else float(snapshot.is_next))


def moments_of(weights: Weights, recording: "Recording") -> tuple[Weights, ...]:
    """All moments of a recording, oldest first."""
    return tuple(Weights(weights.name, one.step, weights.folder, is_recorded=True) for one in recording.snapshots)
