"""Tune: typing, applying, restoring, and what the settings would make."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from babybert_tui.settings import Settings, build, declaration, setting_names
from babybert_tui.training.calibration import operations_per_second
from babybert_tui.training.preparation import prepare
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.previewer import Outlook
from babybert_tui.tui.screens.help import Help
from babybert_tui.tui.speeds import Speeds
from babybert_tui.tui.tuning import Tuning
from babybert_tui.tui.widgets.setting_field import stepped
from babybert_tui.tui.widgets.setting_row import SettingRow
from tui.made_up_run import made_up_preview
from tui.waiting import app_of, shown, until

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


@pytest.fixture
def previews() -> None:
    """For tests that look at what the settings would make."""


@pytest.fixture(autouse=True)
def nothing_is_computed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the other tests: while a thread computes, each key takes its time."""
    if "previews" not in request.fixturenames:
        monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
        monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


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


@pytest.mark.usefixtures("previews")
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


@pytest.mark.usefixtures("previews")
async def test_what_cannot_be_trained_is_said_and_not_started(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "num_heads")
        await pilot.press("3", "enter")
        await until(pilot, lambda: "not divisible" in app_of(pilot).previewer.outlook.wrong)
        await pilot.press("space")
        assert not app_of(pilot).trainer.is_busy


@pytest.mark.usefixtures("previews")
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


@pytest.mark.usefixtures("previews", "measures_speed")
async def test_the_time_is_estimated_before_the_first_run(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        app = app_of(pilot)
        await until(pilot, lambda: "on this machine" in shown(pilot))
        short = app.previewer.outlook.seconds
        assert short > 0
        await focus(pilot, "max_steps")
        await pilot.press(*"4000", "enter")
        await until(pilot, lambda: app.previewer.outlook.seconds > 5 * short)
        assert app.state.speeds == app.previewer.speeds.known != {}


async def test_the_speed_of_one_kind_of_model_is_not_taken_for_that_of_another() -> None:
    small, large = build({"hidden_size": 16}), build({"hidden_size": 256})
    speeds = Speeds()
    assert speeds.of(small) is None
    speeds.learn(small, 1.0)
    assert not speeds.knows(large)
    speeds.learn(large, 9.0)
    assert (speeds.of(small), speeds.of(large)) == (1.0, 9.0)
    assert speeds.of(build({"hidden_size": 64})) == 9.0, "better than nothing: what was measured last"
    assert Speeds(speeds.known).of(small) == 1.0, "remembered"


async def test_speeds_of_many_kinds_do_not_pile_up() -> None:
    speeds = Speeds()
    for layers in range(1, 90):
        speeds.learn(build({"num_layers": layers}), float(layers))
    assert len(speeds.known) < 50
    assert speeds.knows(build({"num_layers": 89}))


async def test_no_speed_is_measured_while_a_run_is_in_training(small: Settings) -> None:
    prepared = prepare(small)
    assert operations_per_second(small, prepared, lambda: True) > 0
    asked: list[None] = []

    def wanted_elsewhere() -> bool:
        asked.append(None)
        return len(asked) < 2

    assert operations_per_second(small, prepared, wanted_elsewhere) is None
    assert len(asked) < 5, "it left at once"


async def test_the_setting_with_the_focus_is_explained_below(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await focus(pilot, "mask_token_fraction")
        await until(pilot, lambda: "Share of the selected tokens shown as [MASK]" in shown(pilot).split("\n")[-1])
        await pilot.press("escape")
        await until(pilot, lambda: "Share of the selected" not in shown(pilot))


async def test_a_question_mark_in_a_number_explains_it(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        field = await focus(pilot, "mask_probability")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, Help))
        text = shown(pilot)
        assert "Mask: Share of tokens selected in training. Above 0, at most 0.9." in text
        assert "settings of the next run" in text
        await pilot.press("escape")
        assert field.value == "0.15"


async def test_a_question_mark_in_a_path_is_typed(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        pilot.app.screen.query_one("#fold").focus()
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.query("#field-tokenizer"))
        field = await focus(pilot, "tokenizer")
        await pilot.press("a", "question_mark")
        assert field.value == "a?"


async def test_a_preset_says_when_it_was_changed(make_app: MakeApp) -> None:
    plain = Tuning(build({}), "baby")
    assert plain.title == "baby"
    assert plain.with_value("corpus", "python-reference").title == "baby", "a preset leaves the text alone"
    assert plain.with_value("num_layers", 3).title == "baby, changed"
    assert plain.with_value("num_layers", 3).with_value("num_layers", 2).title == "baby"
    async with make_app(num_layers=3).run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "baby, changed" in shown(pilot))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (120, 60)])
async def test_what_the_settings_would_make_stays_in_view(make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app().run_test(size=size) as pilot:
        await pilot.pause()
        app_of(pilot).bench.tune_pane.show_outlook(Outlook(made_up_preview(), seconds=95.0))
        if not app_of(pilot).bench.is_wide:
            await pilot.press("t")
        app_of(pilot).bench.tune_pane.fold(is_open=True)
        await until(pilot, lambda: pilot.app.screen.query("#field-seed"))
        await pilot.pause()
        text = shown(pilot)
        assert all(words in text for words in ("parameters", "1:35 on this machine", "as masked", "▲cake"))
