"""What earlier runs left on the disk: a recording for the first screen, and the ghost behind the charts."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from babybert_tui.training.first_look import read_first_look
from babybert_tui.training.metrics import iterate_metrics
from babybert_tui.training.recording import read_recording
from babybert_tui.training.runs import DEFAULT_SHIPPED, all_runs, shipped_checkpoints
from babybert_tui.tui.history import ProbeView, RunHistory, RunView, State


def read_past(folder: Path) -> RunView:
    """A run as it stands in its folder: its curves, and its probe where that was recorded; damaged curves are left."""
    history = RunHistory(State.REPLAY)
    with suppress(KeyError, TypeError, ValueError):
        history.note_past(iterate_metrics(folder))
    recording = read_recording(folder)
    if recording is not None and recording.snapshots:
        history.note_probe(ProbeView(recording.probe, recording.snapshots, None, recording.pieces))
    return history.view()


def first_look() -> RunView | None:
    """The beginning of the recording that ships, at once: it is shown while the rest of it is read."""
    folder = shipped_checkpoints() / DEFAULT_SHIPPED
    found = read_first_look(folder)
    if found is None:
        return None
    recording, last = found
    probe = ProbeView(recording.probe, recording.snapshots, None, recording.pieces)
    return RunView(State.REPLAY, folder.name, max_steps=last, probe=probe, has_curves_to_come=True)


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
