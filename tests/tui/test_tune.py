"""Tune: typing, applying, restoring, and what the settings would make."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from babybert_tui.settings import declaration, setting_names
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.widgets.setting_field import stepped
from babybert_tui.tui.widgets.setting_row import SettingRow
from tui.waiting import app_of, shown, until

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


def value(pilot, name: str):
    return getattr(app_of(pilot).tuning.settings, name)


def error_at(pilot, name: str) -> str:
    error = pilot.app.screen.query_one(f"#row-{name} .setting-error")
    return str(error.content) if error.display else ""


async def focus(pilot, name: str) -> Input:
    field = pilot.app.screen.query_one(f"#field-{name}")
    field.focus()
    await until(pilot, lambda: pilot.app.screen.focused is field)
    return field


async def test_typing_applies_on_enter_and_not_before(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "learning_rate")
        await pilot.press(*"0.01")
        assert value(pilot, "learning_rate") == 0.003
        await pilot.press("enter")
        await pilot.pause()
        assert value(pilot, "learning_rate") == 0.01
        assert pilot.app.screen.focused is None, "Enter gives the focus back"


async def test_escape_restores(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        field = await focus(pilot, "num_layers")
        await pilot.press(*"17", "escape")
        assert field.value == "2"
        assert value(pilot, "num_layers") == 2
        assert pilot.app.screen.focused is None


async def test_digits_in_a_field_are_digits_and_outside_they_are_keys(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        field = await focus(pilot, "hidden_size")
        await pilot.press("1", "2")
        assert field.value == "12", "the old value was selected, and replaced"
        await pilot.press("escape", "1")
        assert value(pilot, "hidden_size") == 16


async def test_what_is_wrong_stands_at_the_field_while_typing(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "mask_probability")
        await pilot.press("2")
        await pilot.pause()
        assert "at most 0.9" in error_at(pilot, "mask_probability")
        await pilot.press("enter")
        assert value(pilot, "mask_probability") == 0.15
        assert pilot.app.screen.focused is not None, "a wrong value keeps the focus"
        await pilot.press("backspace", *"0.2", "enter")
        await pilot.pause()
        assert value(pilot, "mask_probability") == 0.2
        assert error_at(pilot, "mask_probability") == ""


async def test_the_arrows_step(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        field = await focus(pilot, "hidden_size")
        await pilot.press("up")
        assert field.value == "32"
        await pilot.press("down", "down")
        assert field.value == "8"
        assert value(pilot, "hidden_size") == 16


@pytest.mark.parametrize(
    ("name", "before", "direction", "after"),
    [
        ("num_layers", 4, 1, 5),
        ("num_layers", 1, -1, 1),
        ("max_steps", 1000, 1, 2000),
        ("max_steps", 1000, -1, 500),
        ("learning_rate", 0.003, 1, 0.005),
        ("learning_rate", 0.001, -1, 0.0005),
        ("mask_probability", 0.15, 1, 0.2),
        ("mask_probability", 0.9, 1, 0.9),
        ("batch_size", 32, -1, 16),
    ],
)
async def test_a_step_makes_sense(name: str, before: float, direction: int, after: float) -> None:
    assert stepped(name, before, direction) == pytest.approx(after)


async def test_a_preset_is_chosen_from_a_list(make_app: MakeApp, corpus: Path) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "preset")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.query(OptionList))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app_of(pilot).tuning.preset == "quick")
        assert value(pilot, "hidden_size") == 64
        assert value(pilot, "corpus") == str(corpus), "a preset leaves the text alone"


async def test_space_in_a_choice_is_the_apps(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "masking")
        await pilot.press("space")
        await until(pilot, lambda: app_of(pilot).trainer.is_busy or app_of(pilot).trainer.history.view().step)


async def test_all_settings_unfold(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        few = len(pilot.app.screen.query(SettingRow))
        pilot.app.screen.query_one("#fold").focus()
        await pilot.press("enter")
        await until(pilot, lambda: len(pilot.app.screen.query(SettingRow)) > few)
        there = {row.setting for row in pilot.app.screen.query(SettingRow)}
        assert there == ({*setting_names(), "preset"} - {"run"})
        assert {name for name in setting_names() if declaration(name).main} <= there


async def test_the_outlook_follows_the_settings(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = app_of(pilot)
        await until(pilot, lambda: app.previewer.outlook.preview is not None)
        before = app.previewer.outlook.preview.parameters
        await until(pilot, lambda: "parameters" in shown(pilot))
        assert "as masked" in shown(pilot)
        await focus(pilot, "hidden_size")
        await pilot.press(*"32", "enter")
        await until(pilot, lambda: app.previewer.outlook.preview.parameters > before)


async def test_what_cannot_be_trained_is_said_and_not_started(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "num_heads")
        await pilot.press("3", "enter")
        await until(pilot, lambda: "not divisible" in app_of(pilot).previewer.outlook.wrong)
        await pilot.press("space")
        assert not app_of(pilot).trainer.is_busy


async def test_a_text_of_ones_own_is_picked_by_its_path(make_app: MakeApp, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("\n\n".join(f"Here is story {n}. It ends after {n} words." for n in range(40)), encoding="utf-8")
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "corpus")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.query(OptionList))
        await pilot.press("up", "enter")  # the last offer is the file
        await until(pilot, lambda: pilot.app.screen.query("#path"))
        pilot.app.screen.query_one("#path", Input).value = str(tmp_path / "none.txt")
        await pilot.press("enter")
        assert "none.txt" in str(pilot.app.screen.query_one("#path-error").content)
        pilot.app.screen.query_one("#path", Input).value = str(own)
        await pilot.press("enter")
        await until(pilot, lambda: value(pilot, "corpus") == str(own))
        preview = app_of(pilot).previewer
        await until(pilot, lambda: preview.outlook.preview is not None and preview.outlook.preview.documents == 40)
        assert app_of(pilot).state.corpora == [str(own)]
