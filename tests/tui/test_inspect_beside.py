"""Inspect: two models on one text, the recorded probe, the model in training held still."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from babybert_tui.inspection.checkpoint import load_inspectable
from babybert_tui.inspection.tracing import trace
from babybert_tui.training.recording import Probe, Recording, Snapshot, write_recording
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import State
from babybert_tui.tui.inspect.beside_picture import mean_loss
from babybert_tui.tui.inspect.map_view import MapView

from .inspect_room import (
    HEADS,
    LAYERS,
    TEXT_A,
    TEXT_B,
    WORDS,
    app_on,
    look_at_training,
    look_of,
    opened,
    pane_of,
    press,
    save_run,
    settled,
)
from .waiting import shown, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the room computes."""
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


async def set_beside(pilot: Pilot[Any], words: str) -> None:
    """Chooses from the list of what can stand beside."""
    await pilot.press("B")
    await until(pilot, lambda: "Beside it" in shown(pilot))
    listed = shown(pilot).partition("Beside it")[2].split("\n")
    rows = [row for row in listed if " at step " in row or "nothing beside" in row]
    await pilot.press("home", *["down"] * next(at for at, row in enumerate(rows) if words in row))
    pane = pane_of(pilot)
    before = pane._request
    await pilot.press("enter")
    await until(pilot, lambda: pane._request is not before)  # the list is gone a moment before it is asked
    await settled(pilot)


def line_of(text: str, name: str) -> str:
    """The line of the table that begins with a name."""
    return next(line for line in text.split("\n") if line.startswith(name))


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_two_steps_are_seen_side_by_side_with_their_differences(tmp_path: Path, size: tuple[int, int]) -> None:
    run = save_run(tmp_path / "young", (10, 30))
    async with opened(app_on(None, tmp_path, mask=(4,), layer=2, head=3), size) as pilot:
        await set_beside(pilot, "step 10")
        found = {}
        for step in (10, 30):
            model, tokenizer, _ = load_inspectable(run / f"step-{step:06d}")
            found[step] = trace(model, tokenizer, TEXT_A, TEXT_B, masks=(4,))
        difference = found[10].is_next - found[30].is_next
        text = shown(pilot)
        assert "young at step 30" in text
        assert "young at step 10" in text
        assert f"{difference:+.3f}" in line_of(text, " P(B follows A)")
        true = found[10].predictions[0].probability - found[30].predictions[0].probability
        assert f"{true:+.3f}" in line_of(text, " cake")
        if size[1] > 24:
            losses = mean_loss(found[10]), mean_loss(found[30])
            assert f"{losses[0] - losses[1]:+.3f}" in line_of(text, " loss of hidden")
        beside = pane_of(pilot).query_one("#map-beside", MapView)
        np.testing.assert_allclose(beside._shown.values, found[10].map(2, 3), atol=1e-6)


@pytest.mark.usefixtures("quiet")
async def test_walking_along_the_run_leaves_what_stands_beside(tmp_path: Path) -> None:
    save_run(tmp_path / "young", (10, 20, 30))
    async with opened(app_on(None, tmp_path, mask=(4,))) as pilot:
        await set_beside(pilot, "step 30")
        await press(pilot, "comma")
        assert look_of(pilot).step == 20
        assert look_of(pilot).beside.step == 30
        await set_beside(pilot, "nothing beside")
        assert look_of(pilot).beside is None
        assert "Layers × heads" in shown(pilot)


@pytest.mark.usefixtures("quiet")
async def test_a_broken_one_beside_leaves_the_other_whole(tmp_path: Path) -> None:
    run = save_run(tmp_path / "young", (10, 30))
    (run / "step-000010" / "model.safetensors").write_bytes(b"no tensors")
    async with opened(app_on(None, tmp_path, mask=(4,))) as pilot:
        await set_beside(pilot, "step 10")
        assert look_of(pilot).trace is not None
        region = pane_of(pilot).query_one("#map-beside").region
        lines = shown(pilot).split("\n")[region.y : region.bottom]
        assert "cannot be read" in " ".join(" ".join(line[region.x :] for line in lines).split())
        assert "nothing beside" not in shown(pilot)


def recorded_run(folder: Path, steps: tuple[int, ...]) -> Recording:
    """A run whose probe was recorded at these steps; attention gathers on the token of the step's index."""
    tokens = ("[CLS]", "anna", "gave", "[MASK]", ".", "[SEP]")
    ids = np.array([WORDS.index(token) for token in tokens])
    cake = WORDS.index("cake")
    probe = Probe(tokens, ids, np.zeros(6, np.int64), (3,), ("cake",), ("mask",), (cake,))
    snapshots = []
    for at, step in enumerate(steps):
        attention = np.full((LAYERS, HEADS, 6, 6), 0.1, np.float16)
        attention[..., at] = 0.5
        top = np.array([[WORDS.index(("the", "ben", "cake")[at % 3]), cake]])
        shares = np.array([[0.6, 0.25]], np.float32)
        snapshots.append(Snapshot(step, top, shares, np.array([0.25], np.float32), 0.1 * (at + 1), attention))
    recording = Recording(probe, tuple(snapshots), dict(enumerate(WORDS)))
    write_recording(folder, recording)
    return recording


@pytest.mark.usefixtures("quiet")
async def test_the_recorded_probe_is_walked_through(tmp_path: Path) -> None:
    recorded_run(save_run(tmp_path / "young", (10,)), (0, 5, 10))
    async with opened(app_on(None, tmp_path, mask=(4,))) as pilot:
        await pilot.press("P")
        await until(pilot, lambda: "recorded probe of young @ step 10" in shown(pilot))
        await settled(pilot)
        assert "3 of 3" in shown(pilot)
        assert look_of(pilot).trace.tokens[3] == "[MASK]"
        for step, largest, word, is_next in ((5, 1, "ben", 0.2), (0, 0, "the", 0.1)):
            await press(pilot, "comma")
            look = look_of(pilot)
            assert look.step == step
            assert look.trace.map(2, 2)[3].argmax() == largest
            assert f"{word}" in shown(pilot)
            assert look.trace.is_next == pytest.approx(is_next)
        assert "over training" in shown(pilot)
        await press(pilot, "P")
        assert "weights young @ step 10" in shown(pilot)
        assert look_of(pilot).request.question.text_a == TEXT_A


@pytest.mark.usefixtures("quiet")
async def test_typing_leaves_a_recording(tmp_path: Path) -> None:
    recorded_run(save_run(tmp_path / "young", (10,)), (0, 10))
    async with opened(app_on(None, tmp_path, mask=(4,))) as pilot:
        before = pane_of(pilot).question
        await pilot.press("P")
        await until(pilot, lambda: pane_of(pilot).recording is not None)
        await settled(pilot)
        await pilot.press("e", *"anna ate .", "enter")
        await settled(pilot)
        assert pane_of(pilot).recording is None
        assert pane_of(pilot).question.text_a == "anna ate ."
        assert pane_of(pilot).question.weights == before.weights


@pytest.mark.usefixtures("quiet")
async def test_nothing_is_asked_of_a_recording(tmp_path: Path) -> None:
    recorded_run(save_run(tmp_path / "young", (10,)), (0, 10))
    async with opened(app_on(None, tmp_path, mask=(4,))) as pilot:
        await pilot.press("P")
        await until(pilot, lambda: pane_of(pilot).recording is not None)
        await settled(pilot)
        before = pane_of(pilot).question
        await press(pilot, "m", "a", "u", "o", "enter", "d")
        assert pane_of(pilot).question == before
        kinds = []
        for _ in range(3):
            await press(pilot, "v")
            kinds.append(look_of(pilot).request.kind.name)
        assert kinds == ["ROLLOUT", "ATTENTION", "ROLLOUT"]


@pytest.mark.usefixtures("quiet")
async def test_a_run_without_a_recording_says_so(tmp_path: Path) -> None:
    save_run(tmp_path / "young", (10,))
    async with opened(app_on(None, tmp_path)) as pilot:
        await pilot.press("P")
        await until(pilot, lambda: any("Nothing was recorded" in one.message for one in pilot.app._notifications))
        assert pane_of(pilot).recording is None


async def test_the_model_in_training_is_held_still_and_taken_anew(make_app: MakeApp) -> None:
    app = make_app(trains=True, max_steps=100_000)
    async with app.run_test(size=(120, 36)) as pilot:
        pane = await look_at_training(pilot)
        await pilot.press("z")
        await settled(pilot)
        held = look_of(pilot).step
        assert "held still" in shown(pilot)
        for _ in range(3):
            pane.follow()
        await settled(pilot)
        assert look_of(pilot).step == held
        await until(pilot, lambda: app.trainer.session.step > held)
        await press(pilot, "full_stop")
        assert look_of(pilot).step > held
        await until(pilot, lambda: (probe := app.trainer.history.view().probe) is not None and probe.snapshots)
        await pilot.press("P")
        await until(pilot, lambda: "recorded probe of" in shown(pilot))
        await settled(pilot)
        assert look_of(pilot).trace.tokens == app.trainer.session.probe.probe.tokens
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)


async def taken_anew(pilot: Pilot[Any], app: BabyBertApp) -> None:
    """Until the model in training is looked at after another update."""
    before = look_of(pilot).step
    await until(pilot, lambda: app.trainer.session.step > before)
    pane_of(pilot).follow()
    await until(pilot, lambda: look_of(pilot).step > before)


async def test_the_model_in_training_stands_beside_itself_as_it_was(make_app: MakeApp) -> None:
    app = make_app(trains=True, max_steps=100_000)
    async with app.run_test(size=(120, 36)) as pilot:
        await look_at_training(pilot)
        await pilot.press("B")
        await until(pilot, lambda: "as it is now" in shown(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: look_of(pilot).beside is not None)
        then = look_of(pilot).beside
        for _ in range(2):  # it is kept however often the other one is taken anew
            await taken_anew(pilot, app)
        look = look_of(pilot)
        assert look.beside.step == then.step < look.step
        np.testing.assert_array_equal(look.beside.trace.attention, then.trace.attention)
        assert not np.array_equal(look.trace.attention, then.trace.attention)
        assert f"at step {then.step:,}" in shown(pilot)
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)
