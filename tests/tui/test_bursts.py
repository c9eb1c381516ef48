"""Keys that come faster than the screen answers: pasted by a script, or over a slow line. Each does what it is for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Input

from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable
from babybert_tui.settings import default_of
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.inspect.pane import InspectPane
from babybert_tui.tui.inspect.question import Kind
from babybert_tui.tui.screens.edit_probe import EditProbe

from .inspect_room import app_on, opened, pane_of, save_model
from .waiting import app_of, until

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]
_NAMES = {" ": "space", ".": "full_stop", "{": "left_curly_bracket", "}": "right_curly_bracket"}


@pytest.fixture(autouse=True)
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model directory, read once."""
    folder = save_model(tmp_path / "small")
    found: Inspectable = load_inspectable(folder)
    monkeypatch.setattr("babybert_tui.inspection.checkpoint.load_inspectable", lambda _: found)
    return folder


def burst(pilot, *keys: str) -> None:
    """All at once, as a terminal's driver hands them on: nothing happens in between."""
    for key in keys:
        event = Key(_NAMES.get(key, key), key if len(key) == 1 else None)
        event.set_sender(pilot.app)
        pilot.app._driver.send_message(event)


async def test_a_text_is_typed_and_the_keys_after_it_are_keys(model: Path, tmp_path: Path) -> None:
    async with opened(app_on(model, tmp_path)) as pilot:
        scaling = pane_of(pilot).viewpoint.scaling
        burst(pilot, "e", *"ben ate it .", "enter", "c")
        await until(pilot, lambda: pane_of(pilot).question.text_a == "ben ate it .")
        await until(pilot, lambda: pane_of(pilot).viewpoint.scaling is not scaling)
        assert pane_of(pilot).query_one("#inspect-a", Input).value == "ben ate it ."


async def test_tab_goes_to_the_other_text_before_what_is_typed_for_it(model: Path, tmp_path: Path) -> None:
    async with opened(app_on(model, tmp_path)) as pilot:
        burst(pilot, "e", *"anna ate .", "tab", *"he gave it .", "backspace", "enter", "v")
        await until(pilot, lambda: pane_of(pilot).question.text_b == "he gave it ")
        assert pane_of(pilot).question.text_a == "anna ate ."
        await until(pilot, lambda: pane_of(pilot).viewpoint.kind is Kind.SCORES)


async def test_a_key_behind_the_key_of_a_room_is_for_that_room(model: Path, tmp_path: Path) -> None:
    async with opened(app_on(model, tmp_path)) as pilot:
        burst(pilot, "1", "2", "v", "r")  # r on the bench makes the last run again
        await until(pilot, lambda: pane_of(pilot).viewpoint.kind is Kind.SCORES)
        await until(pilot, lambda: pane_of(pilot).viewpoint.choice.renormalise)
        assert not app_of(pilot).trainer.is_busy


async def test_a_text_is_typed_in_a_room_that_is_just_opened(model: Path, tmp_path: Path) -> None:
    app = app_on(model, tmp_path)
    app.inspect_request = None
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        burst(pilot, "2", "e", "ctrl+u")
        await until(pilot, lambda: bool(app.bench.query(InspectPane)) and pane_of(pilot).display)
        for key in "tom sat .":
            burst(pilot, key)
            await pilot.pause()
        assert pane_of(pilot).query_one("#inspect-a", Input).value == "tom sat ."
        assert not app.trainer.is_busy


async def test_a_value_is_typed_and_the_keys_after_it_are_keys(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        pilot.app.screen.query_one("#field-learning_rate").focus()
        await pilot.pause()
        burst(pilot, "ctrl+u", *"0.15", "backspace", "enter", "z")
        await until(pilot, lambda: app_of(pilot).tuning.settings.learning_rate == 0.1)
        await until(pilot, lambda: app_of(pilot).bench._frozen is not None)
        assert default_of("learning_rate") != 0.1


async def test_a_probe_is_typed_in_one_go(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        burst(pilot, "e", *"tom {ran} .", "tab", *"he {sat} .", "enter")
        await until(pilot, lambda: app_of(pilot).trainer.probe_text is not None)
        pinned = app_of(pilot).trainer.probe_text
        assert pinned is not None
        assert (pinned.text_a, pinned.text_b) == ("tom {ran} .", "he {sat} .")


async def test_a_brace_without_a_partner_is_not_pinned(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("e", *"tom {ran .", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, EditProbe)
        assert pilot.app.screen.query_one("#probe-error").display
        assert app_of(pilot).trainer.probe_text is None
