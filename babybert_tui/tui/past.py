"""What earlier runs left on the disk: a recording for the first screen, and the ghost behind the charts."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from babybert_tui.errors import BabyBertError
from babybert_tui.training.metrics import read_metrics
from babybert_tui.training.recording import read_recording
from babybert_tui.training.runs import DEFAULT_SHIPPED, RunFolder, all_runs, shipped_checkpoints
from babybert_tui.tui.history import ProbeView, RunHistory, RunView, State

if TYPE_CHECKING:
    from babybert_tui.training.record import RunRecord


def read_past(folder: Path) -> RunView:
    """A run as it stands in its folder: its curves, and its probe where that was recorded; damaged curves are left."""
    history = RunHistory(State.REPLAY)
    with suppress(KeyError, TypeError, ValueError):
        history.note_past(read_metrics(folder))
    recording = read_recording(folder)
    if recording is not None and recording.snapshots:
        history.note_probe(ProbeView(recording.probe, recording.snapshots, None, recording.pieces))
    return history.view()


def find_replay(checkpoints_dir: Path) -> RunView | None:
    """The recording that ships, else that of the newest run that has one."""
    shipped = shipped_checkpoints() / DEFAULT_SHIPPED
    for folder in [shipped, *(run.path for run in reversed(all_runs(checkpoints_dir)))]:
        view = read_past(folder)
        if view.probe is not None:
            return _named(view, folder)
    return None


def find_ghost(checkpoints_dir: Path) -> RunView | None:
    """The newest run with curves."""
    for run in reversed(all_runs(checkpoints_dir)):
        view = read_past(run.path)
        if view.points("mlm_loss"):
            return view
    return None


def _named(view: RunView, folder: Path) -> RunView:
    snapshots = view.probe.snapshots if view.probe else ()
    last = snapshots[-1].step if snapshots else 1
    return replace(view, run=view.run or folder.name, max_steps=max(view.max_steps, last), step=last)


def runs_to_continue(checkpoints_dir: Path) -> list[tuple[RunFolder, "RunRecord", int]]:
    """Runs, the newest first, with what they were started with and the step of the last checkpoint."""
    from babybert_tui.training.record import read_record

    found = []
    for run in reversed(all_runs(checkpoints_dir)):
        steps = run.steps()
        try:
            record = read_record(run.path)
        except BabyBertError:
            continue
        found.append((run, record, steps[-1] if steps else 0))
    return found
