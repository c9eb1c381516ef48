"""The shell: keys, sizes, help, themes, what comes back at the next start."""

import json
from collections.abc import Callable

import pytest
from textual.widgets import Input

from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.screens.help import Help
from babybert_tui.tui.themes import OFFERED
from babybert_tui.tui.widgets.tune_pane import TunePane
from tui.waiting import app_of, shown, until

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


@pytest.fixture
def make_idle(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> MakeApp:
    """Apps that compute nothing."""
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)
    return make_app


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_it_fits(make_idle: MakeApp, size: tuple[int, int]) -> None:
    async with make_idle().run_test(size=size) as pilot:
        await pilot.pause()
        lines = shown(pilot).split("\n")
        assert "1·Train" in lines[0]
        assert "help" in lines[-1]
        assert "quit" in lines[-1]
        assert pilot.app.screen.max_scroll_y == 0


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (20, 5), (1, 1)])
async def test_it_says_when_the_terminal_is_too_small(make_idle: MakeApp, size: tuple[int, int]) -> None:
    async with make_idle().run_test(size=size) as pilot:
        await pilot.pause()
        assert pilot.app.screen.query_one("#too-small").display
        if size[0] >= 40:
            assert "At least 80 × 24" in shown(pilot)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: "1·Train" in shown(pilot))


async def test_the_first_focus_is_no_field(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert pilot.app.screen.focused is None


async def test_tune_is_a_tab_where_there_is_no_room_beside(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not pilot.app.screen.query_one(TunePane).display
        assert "t·Tune" in shown(pilot)
        await pilot.press("t")
        await pilot.pause()
        assert "Learning rate" in shown(pilot)
        await pilot.press("1")
        await pilot.pause()
        assert "Learning rate" not in shown(pilot)


async def test_help_explains_the_pane_with_the_focus(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        await pilot.press("question_mark")
        assert "The probe is one fixed example" in shown(pilot)
        await pilot.press("escape")
        pilot.app.screen.query_one("#field-preset").focus()
        await pilot.pause()
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, Help)
        assert "settings of the next run" in shown(pilot)
        await pilot.press("question_mark")
        assert not isinstance(pilot.app.screen, Help)


async def test_every_key_is_in_the_palette(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        titles = {command.title for command in pilot.app.get_system_commands(pilot.app.screen)}
        assert {"Start / pause", "Stop and save", "New run", "Tune", "Edit the probe", "Log scale", "Quit"} <= titles
        await pilot.press("colon")
        await until(pilot, lambda: pilot.app.screen.query("CommandInput"))


@pytest.mark.parametrize("theme", OFFERED)
async def test_every_theme_draws(make_idle: MakeApp, theme: str) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        pilot.app.theme = theme
        await pilot.pause()
        assert "1·Train" in shown(pilot)


async def test_state_comes_back(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        await pilot.press("g", "t")
        app_of(pilot)._theme_chosen("projector")
        app_of(pilot)._tune.apply("num_heads", 8)
        app_of(pilot).leave(0, "stopped")
    app = make_idle()
    assert app.state.is_log
    assert not app.state.is_tune_shown
    assert app.state.theme == "projector"
    assert app.state.settings["num_heads"] == 8


async def test_all_settings_are_shown_again_at_the_next_start(make_idle: MakeApp) -> None:
    for _ in range(2):  # shut, opened; then open from the start
        async with make_idle().run_test(size=(120, 60)) as pilot:
            pane = app_of(pilot).screen.query_one(TunePane)
            if not app_of(pilot).state.are_all_settings_shown:
                pilot.app.screen.query_one("#fold").focus()
                await pilot.press("enter")
            await until(pilot, lambda pane=pane: pane.is_open and bool(pane.query("#row-weight_decay")))
            app_of(pilot).leave(0, "stopped")
    assert make_idle().state.are_all_settings_shown


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"theme": 3, "settings": [], "speeds": {"a": "fast"}, "stranger": 1}']
)
async def test_a_damaged_state_is_as_on_the_first_day(make_idle: MakeApp, content: str) -> None:
    app = make_idle()
    path = app._opening.state_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    async with make_idle().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert "1·Train" in shown(pilot)
        app_of(pilot).remember()
    assert json.loads(path.read_text())["speeds"] == {}


async def test_the_key_bar_in_a_field_shows_the_fields_keys_only(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        pilot.app.screen.query_one("#field-num_layers", Input).focus()
        await until(pilot, lambda: "apply" in shown(pilot).split("\n")[-1])
        bar = shown(pilot).split("\n")[-1]
        assert "restore" in bar
        assert "pause" not in bar
        assert "quit" not in bar


async def test_a_click_does_what_the_key_does(make_idle: MakeApp) -> None:
    async with make_idle().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        bar = shown(pilot).split("\n")[-1]
        await pilot.click("#keys", offset=(bar.index("help"), 0))
        await until(pilot, lambda: isinstance(pilot.app.screen, Help))
