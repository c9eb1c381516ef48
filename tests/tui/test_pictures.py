"""Pictures at two sizes: the first screen as in the README, Train and Tune in the middle of a run, Inspect, the game.

`BABYBERT_TUI_DRAW_PICTURES=1 pytest tests/tui/test_pictures.py` draws them anew; look at them before they are kept.
"""

import os
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from textual.pilot import Pilot

from babybert_tui.settings import Settings
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import State
from babybert_tui.tui.previewer import Outlook
from babybert_tui.tui.screens.bench import Bench
from tui.inspect_room import app_on, opened, pane_of, press
from tui.made_up_run import SHIPPED, made_up_batch, made_up_history, made_up_preview
from tui.test_play import Table, dealt
from tui.waiting import app_of, until

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]
PICTURES = Path(__file__).parent / "pictures"
SIZES = [(120, 36), (80, 24)]
both_sizes = pytest.mark.parametrize("size", SIZES)


@pytest.fixture
def make_still(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> MakeApp:
    """Apps that compute nothing, and in which nothing moves."""
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)
    monkeypatch.setattr(Bench, "_play", lambda self: None)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    return lambda: make_app(**vars(Settings()))


@both_sizes
async def test_the_first_screen_looks_as_in_the_readme(
    make_still: MakeApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("babybert_tui.tui.past.shipped_checkpoints", lambda: SHIPPED)
    async with make_still().run_test(size=size) as pilot:
        await until(
            pilot, lambda: pilot.app.screen.view.state is State.REPLAY and pilot.app.screen.view.points("mlm_loss")
        )
        screen = pilot.app.screen
        assert isinstance(screen, Bench)
        screen._cursor = len(screen.view.probe.snapshots) - 1
        screen.refresh_view()
        await pilot.pause()
        compare(pilot, "first-screen")


@both_sizes
async def test_train_in_the_middle_of_a_run(make_still: MakeApp, size: tuple[int, int]) -> None:
    async with make_still().run_test(size=size) as pilot:
        await put_run_on_screen(pilot)
        compare(pilot, "train")


@both_sizes
async def test_train_after_a_single_step(make_still: MakeApp, size: tuple[int, int]) -> None:
    async with make_still().run_test(size=size) as pilot:
        history = app_of(pilot).trainer.history = made_up_history(700)
        history.enter(State.PAUSED)
        history.note_batch(made_up_batch(700))
        await put_run_on_screen(pilot)
        compare(pilot, "single-step")


@both_sizes
async def test_tune_with_the_focus_in_a_field(make_still: MakeApp, size: tuple[int, int]) -> None:
    async with make_still().run_test(size=size) as pilot:
        await put_run_on_screen(pilot)
        if not app_of(pilot).bench.is_wide:
            await pilot.press("t")
        pilot.app.screen.query_one("#field-mask_probability").focus()
        await pilot.press("2")
        await until(pilot, lambda: pilot.app.screen.query_one("#row-mask_probability .setting-error").display)
        await pilot.pause()
        compare(pilot, "tune")


@both_sizes
@pytest.mark.usefixtures("make_still")
async def test_inspect_with_the_recorded_probe(tmp_path: Path, size: tuple[int, int]) -> None:
    """Of the recording that ships, in half precision: the same figures on every machine."""
    app = app_on(SHIPPED / "stories", tmp_path)
    app.loading = ""
    async with opened(app, size) as pilot:
        await pilot.press("P")
        await until(pilot, lambda: pane_of(pilot).recording is not None)
        await press(pilot, "down", "down", "right")
        compare(pilot, "inspect")


@both_sizes
@pytest.mark.usefixtures("make_still")
async def test_the_game_after_an_answer(size: tuple[int, int]) -> None:
    async with Table().run_test(size=size) as pilot:
        await dealt(pilot)
        await pilot.press("2", "enter")
        await dealt(pilot)
        await pilot.press("1")
        compare(pilot, "game")


async def put_run_on_screen(pilot: Pilot) -> None:
    """A made-up run, with an earlier one behind it, and what the settings would make."""
    app = app_of(pilot)
    if app.trainer.history.state is State.IDLE:
        app.trainer.history = made_up_history(1100)
    ghost = made_up_history(1500, speed=0.8, run="stories-baby-1").view()
    app.ghost_for = lambda view: ghost
    app.loading = ""
    app.previewer.outlook = Outlook(made_up_preview(), seconds=95.0)
    app.bench.tune_pane.show_outlook(app.previewer.outlook)
    app.bench.run_begins()
    await pilot.pause()


def compare(pilot: Pilot, name: str) -> None:
    """The screen with the picture of that name, or the picture drawn anew."""
    picture = pilot.app.export_screenshot(title="babybert-tui")
    path = PICTURES / f"{name}-{pilot.app.size.width}x{pilot.app.size.height}.svg"
    if os.environ.get("BABYBERT_TUI_DRAW_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture, encoding="utf-8")
    assert words(picture) == words(path.read_text(encoding="utf-8")), "draw it anew, and look at it"


def words(picture: str) -> list[str]:
    """The texts of an SVG in order, without the colours and ids, which change with the version of the exporter."""
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", picture)]
