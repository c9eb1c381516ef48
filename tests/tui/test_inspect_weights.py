"""Inspect: whose weights, what is wrong with them, and what leaves the room."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from babybert_tui.sanitise import sanitise
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import State

from .inspect_room import (
    TEXT_A,
    app_on,
    look_at_training,
    look_of,
    opened,
    pane_of,
    press,
    save_model,
    save_run,
    settled,
)
from .waiting import said, shown, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the room computes."""
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model") / "small")


@pytest.mark.usefixtures("quiet")
async def test_the_checkpoints_of_a_run_are_walked_through(tmp_path: Path) -> None:
    save_run(tmp_path / "young", (10, 20, 30))
    async with opened(app_on(None, tmp_path, mask=(4,))) as pilot:
        assert "young @ step 30" in shown(pilot)
        await until(pilot, lambda: "over training" in shown(pilot))
        before = look_of(pilot).trace.attention
        await press(pilot, "comma", "comma")
        assert "young @ step 10" in shown(pilot)
        assert "1 of 3" in shown(pilot)
        assert (look_of(pilot).trace.attention != before).any()
        await press(pilot, "comma", "full_stop")
        assert "young @ step 20" in shown(pilot)


@pytest.mark.usefixtures("quiet")
async def test_weights_are_chosen_from_a_list(tmp_path: Path) -> None:
    save_run(tmp_path / "young", (10,))
    save_run(tmp_path / "old", (500,))
    async with opened(app_on(tmp_path / "young" / "step-000010", tmp_path)) as pilot:
        assert "young @ step 10" in shown(pilot)
        await pilot.press("b")
        await until(pilot, lambda: "Whose weights" in shown(pilot))
        is_above = "old at" in shown(pilot).split("young at")[0]
        await pilot.press("up" if is_above else "down", "enter")
        await until(pilot, lambda: "old @ step 500" in shown(pilot))
        await settled(pilot)
        assert look_of(pilot).step == 500


@pytest.mark.usefixtures("quiet")
async def test_a_broken_checkpoint_is_one_line_and_no_end(tmp_path: Path, folder: Path) -> None:
    broken = save_model(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no tensors at all")
    async with opened(app_on(broken, tmp_path)) as pilot:
        assert "cannot be read" in shown(pilot)
        await press(pilot, "e", "x", "enter", "m", "l", "v", "f", "o", "y", "w")
        assert "cannot be read" in shown(pilot)
        pane_of(pilot).choose_named(str(folder))
        await press(pilot, "u")
        assert look_of(pilot).trace is not None
        assert "q·k/√d = " in shown(pilot)


@pytest.mark.usefixtures("quiet")
async def test_nothing_trained_yet_is_said(tmp_path: Path) -> None:
    async with opened(app_on(None, tmp_path)) as pilot:
        assert "There is no model yet" in shown(pilot)


HOSTILE = "[/bold] \x1b[31mred\x1b]52;c;aGk=\x07 \u202egnp.exe [red]anna[/] \x00 ☃ ##a " + "w" * 120


@pytest.mark.usefixtures("quiet")
async def test_hostile_text_acts_on_nothing(folder: Path, tmp_path: Path) -> None:
    async with opened(app_on(folder, tmp_path, HOSTILE, HOSTILE), (80, 24)) as pilot:
        for size in ((80, 24), (120, 36)):
            await pilot.resize_terminal(*size)
            await press(pilot, "down", "m", "enter", "o", "f", "s", "e", "escape")
            text = shown(pilot)
            assert text == sanitise(text, keep_newlines=True)
        assert look_of(pilot).request.question.text_a == HOSTILE
        await press(pilot, "e", "enter")
        assert look_of(pilot).request.question.text_a == HOSTILE, "showing a text must not change it"


@pytest.mark.usefixtures("quiet")
async def test_what_is_shown_is_written_and_copied(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(app_on(folder, tmp_path, mask=(4,), layer=2, head=3)) as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert "layer 2 head 3" in pilot.app.clipboard
        assert "[MASK] (4) →" in pilot.app.clipboard
        for typed, name in (("", "attention-L2-H3.svg"), ("x.json", "x.json"), ("x.doc", "")):
            await pilot.press("w")
            await until(pilot, lambda: "to a file" in shown(pilot))
            await pilot.press(*(["home", "ctrl+k", *typed] if typed else []), "enter")
            written = (tmp_path / name).is_file if name else lambda: "Cannot tell" in said(pilot)
            await until(pilot, written)
    assert (tmp_path / "attention-L2-H3.svg").read_text().startswith("<?xml")
    assert json.loads((tmp_path / "x.json").read_text())["tokens"][4] == "[MASK]"


@pytest.mark.usefixtures("quiet")
async def test_the_figure_is_of_the_values_that_are_shown(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened(app_on(folder, tmp_path, mask=(4,), layer=2, head=3)) as pilot:
        for name, title in (
            ("scores-L2-H3.svg", "q·k/√d"),
            ("norms-L2-H3.svg", "‖α f(x)‖"),
            ("rollout-L2.svg", "rollout"),
        ):
            await press(pilot, "v")
            shown_value = float(pane_of(pilot).viewpoint.filtered(look_of(pilot)).values[4, 4])
            await pilot.press("w")
            await until(pilot, lambda: "to a file" in shown(pilot))
            await pilot.press("enter")
            await until(pilot, (tmp_path / name).is_file)
            figure = (tmp_path / name).read_text()
            assert title in figure
            assert figure.count("<text") > 40
            if name.startswith("scores"):
                assert f">{shown_value:.1f}<" in figure


@pytest.mark.usefixtures("quiet")
async def test_texts_come_back_at_the_next_start(folder: Path, tmp_path: Path) -> None:
    async with opened(app_on(folder, tmp_path)) as pilot:
        await press(pilot, "e", "b", "e", "n", "enter")
        pilot.app.remember()
    async with opened(app_on(folder, tmp_path, "")) as pilot:
        assert look_of(pilot).request.question.text_a == "ben"


async def test_the_model_in_training_is_looked_at_and_followed(make_app: MakeApp) -> None:
    app = make_app(trains=True, max_steps=100_000)
    async with app.run_test(size=(120, 36)) as pilot:
        pane = await look_at_training(pilot)
        await until(pilot, lambda: "in training, as it is now" in shown(pilot))
        first = look_of(pilot).step
        await until(pilot, lambda: (look_of(pilot).step or 0) > (first or 0))
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)
        saved = app.trainer.history.view().saved
        await until(pilot, lambda: pane.question.weights is not None and not pane.question.weights.is_live)
        await settled(pilot)
        assert look_of(pilot).step == saved


async def test_a_held_out_pair_comes_with_its_answer(make_app: MakeApp) -> None:
    app = make_app(trains=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        await pilot.press("2")
        pane = pane_of(pilot)
        await until(pilot, lambda: pane.look is not None and pane.look.trace is not None)
        await pilot.press("d")
        await until(pilot, lambda: pane.question.follows is not None)
        await settled(pilot)
        assert pane.question.text_a != TEXT_A
        assert "held-out pair" in shown(pilot)
