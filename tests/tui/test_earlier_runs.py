"""Runs that go on, that are made longer, and that are made once more."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from babybert_tui.render.figures import fraction
from babybert_tui.settings import Settings
from babybert_tui.training.opening import RunRequest, open_session
from babybert_tui.training.recording import read_recording
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.earlier_runs import earlier_runs
from babybert_tui.tui.history import State
from babybert_tui.tui.past import read_past
from babybert_tui.tui.screens.choose import Choose
from babybert_tui.tui.screens.extend import Extend
from babybert_tui.tui.typed_probe import ProbeText
from tui.waiting import app_of, said, shown, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


@pytest.fixture(autouse=True)
def nothing_is_previewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


def train(directory: Path, settings: Settings, *, until_step: int | None = None) -> str:
    """Trains without any screen; the digest at the end."""
    with open_session(RunRequest(settings, "baby", directory)) as session:
        digest = ""
        for event in session.events():
            if event.name == "step" and event.step == until_step:
                session.orders.stop()
            digest = getattr(event, "state_sha256", digest) or digest
        return digest


@pytest.fixture
def checkpoints(tmp_path: Path) -> Path:
    return tmp_path / "checkpoints"


def named(small: Settings, run: str, **changes: object) -> Settings:
    return replace(small, run=run, log_every=1, **changes)


def events(directory: Path, run: str) -> list[dict]:
    return [json.loads(line) for line in (directory / run / "metrics.jsonl").read_text().splitlines()]


async def test_a_stopped_run_is_chosen_from_the_list_and_goes_on_to_its_own_end(
    make_app: MakeApp, small: Settings, checkpoints: Path
) -> None:
    whole = train(checkpoints, named(small, "whole", max_steps=12))
    train(checkpoints, named(small, "half", max_steps=12), until_step=5)
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        last = [one for one in events(checkpoints, "half") if one["event"] == "evaluation"][-1]
        reached = f"MLM {fraction(last['mlm_accuracy'])}, NSP {fraction(last['nsp_accuracy'])}"
        assert f"half  baby, stopped at step 5 of 12 ({reached})" in shown(pilot)
        assert "whole  baby, finished after 12 steps" in shown(pilot)
        await pilot.press("enter")  # the newest stands first
        await until_state(pilot, State.FINISHED)
        view = app_of(pilot).trainer.history.view()
        assert (view.run, view.step) == ("half", 12)
        assert view.points("mlm_loss").steps.tolist() == list(range(1, 13)), "its past is plotted too"
    assert events(checkpoints, "half")[-1]["state_sha256"] == whole


async def test_a_finished_run_is_made_longer(make_app: MakeApp, small: Settings, checkpoints: Path) -> None:
    train(checkpoints, named(small, "short", max_steps=8))
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Extend))
        field = pilot.app.screen.query_one(Input)
        assert field.value == "16"
        for wrong, words in (("8", "It has 8 already"), ("many", "whole number"), ("", "whole number")):
            field.value = wrong
            await pilot.press("enter")
            await until(pilot, lambda words=words: words in shown(pilot))
        field.value = "11"
        await pilot.press("enter")
        await until_state(pilot, State.FINISHED)
        view = app_of(pilot).trainer.history.view()
        assert (view.run, view.step, view.max_steps) == ("short", 11, 11)
    assert earlier_runs(checkpoints)[0].length == 11, "it is recorded"


async def test_a_run_that_goes_on_keeps_its_probe_and_its_ghost(
    make_app: MakeApp, small: Settings, checkpoints: Path
) -> None:
    train(checkpoints, named(small, "before", max_steps=6))
    train(checkpoints, named(small, "half", max_steps=12), until_step=5)
    recorded = read_recording(checkpoints / "half")
    assert recorded is not None
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = app_of(pilot)
        app.trainer.pin(ProbeText("the {cat} sees .", "anna likes it ."))
        await until(pilot, lambda: app._ghost is not None)
        app._ghost = read_past(checkpoints / "before")
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        await pilot.press("enter")
        await until_state(pilot, State.FINISHED)
        assert "grey: before" in shown(pilot)
    now = read_recording(checkpoints / "half")
    assert now is not None
    assert now.probe.tokens == recorded.probe.tokens
    assert [one.step for one in now.snapshots][: len(recorded.snapshots)] == [one.step for one in recorded.snapshots]


async def test_a_stopped_runs_last_step_is_recorded(small: Settings, checkpoints: Path) -> None:
    train(checkpoints, named(small, "half", max_steps=3000), until_step=7)
    recorded = read_recording(checkpoints / "half")
    assert recorded is not None
    assert recorded.snapshots[-1].step == 7


async def test_a_run_of_so_many_minutes_is_not_made_longer(
    make_app: MakeApp, small: Settings, checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("babybert_tui.training.calibration._MEASURED_SECONDS", 0.0)
    train(checkpoints, named(small, "timed", minutes=0.0001))
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, Choose))
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be made longer" in said(pilot))
        assert not app_of(pilot).trainer.is_busy


async def test_the_list_leaves_out_what_cannot_go_on_here(checkpoints: Path, small: Settings) -> None:
    train(checkpoints, named(small, "good", max_steps=1))
    for name, content in (("torn", b"settings = {"), ("piped", None)):
        (checkpoints / name).mkdir()
        record = (checkpoints / "good" / "run.toml").read_text()
        piped = record.replace(f'corpus = "{small.corpus}"', 'corpus = "-"').encode()
        (checkpoints / name / "run.toml").write_bytes(content or piped)
    assert [run.name for run in earlier_runs(checkpoints)] == ["good"]


async def test_without_runs_it_says_so(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("c")
        await until(pilot, lambda: "no run to go on with" in said(pilot))
        await pilot.press("r")
        await until(pilot, lambda: "no run yet that could be made again" in said(pilot))
        assert not pilot.app.screen.query(OptionList)


async def test_the_same_again_begins_with_the_same_seed_whatever_tune_says_now(
    make_app: MakeApp, small: Settings, checkpoints: Path
) -> None:
    first = train(checkpoints, named(small, "first", max_steps=6, seed=5))
    async with make_app().run_test(size=(120, 36)) as pilot:
        assert app_of(pilot).tuning.settings.seed != 5
        await pilot.press("r")
        await until_state(pilot, State.FINISHED)
        again = app_of(pilot).trainer.history.view().run
        assert again != "first"
        assert events(checkpoints, again)[-1]["state_sha256"] == first
        app_of(pilot)._tune.apply("max_steps", 3)
        await pilot.press("r")
        await until(pilot, lambda: app_of(pilot).trainer.history.view().run not in ("", again))
        await until_state(pilot, State.FINISHED)
        third = app_of(pilot).trainer.history.view().run
        assert events(checkpoints, third)[-1]["state_sha256"] == first
        assert f"grey: {again}" in shown(pilot), "the run before stands behind it"
