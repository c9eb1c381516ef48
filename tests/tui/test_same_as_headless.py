"""What the app trains and shows is what a script trains and prints."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from babybert_tui.settings import Settings
from babybert_tui.training.metrics import read_metrics
from babybert_tui.training.opening import RunRequest, open_session
from babybert_tui.training.recording import read_recording
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.figures import METRICS
from babybert_tui.tui.history import State
from tui.waiting import app_of, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]
_OF_THE_CLOCK = ("elapsed_seconds", "tokens_per_second", "path", "checkpoint", "run", "settings")


def told(folder: Path) -> list[dict]:
    """The stream of a run, without what differs between any two runs."""
    return [{name: value for name, value in one.items() if name not in _OF_THE_CLOCK} for one in read_metrics(folder)]


def train_without_a_screen(settings: Settings, folder: Path) -> Path:
    with open_session(RunRequest(replace(settings, run="alone"), "baby", folder)) as session:
        for _ in session.events():
            pass
    return folder / "alone"


async def test_the_app_ends_in_the_same_state(make_app: MakeApp, small: Settings, tmp_path: Path) -> None:
    settings = replace(small, log_every=1, eval_every=10, save_every=20)
    async with make_app(trains=True, **vars(settings)).run_test(size=(120, 36)) as pilot:
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().step > 5)
        await pilot.press("space", "z", "g", "space", "t", "z")  # looked at in every way meanwhile
        await until_state(pilot, State.FINISHED)
        view = trainer.history.view()
    alone = train_without_a_screen(settings, tmp_path / "headless")
    theirs, ours = told(alone), told(trainer.checkpoints_dir / view.run)
    assert ours == theirs
    assert ours[-1]["state_sha256"]
    recorded = read_recording(alone)
    assert recorded is not None
    assert view.probe is not None
    assert [one.step for one in view.probe.snapshots] == [one.step for one in recorded.snapshots]
    for shown, kept in zip(view.probe.snapshots, recorded.snapshots, strict=True):
        assert np.array_equal(shown.attention, kept.attention)
        assert np.array_equal(shown.top_probabilities, kept.top_probabilities)
    for metric in METRICS:
        for event, held_out in (("step", False), ("evaluation", True)):
            printed = [one[metric.name] for one in theirs if one["event"] == event]
            assert view.points(metric.name, held_out=held_out).values.tolist() == printed
