"""Inspect: what the keys do, and that the numbers shown are the trace's."""

from pathlib import Path

import numpy as np
import pytest
from textual.widgets import Input

from babybert_tui.inspection.ablation import switch_off
from babybert_tui.inspection.cell_arithmetic import cell_arithmetic
from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable
from babybert_tui.inspection.filters import Direction, filter_map
from babybert_tui.inspection.forward_pass import attention_scores, run
from babybert_tui.inspection.rollout import rollout
from babybert_tui.inspection.trace import Trace
from babybert_tui.inspection.tracing import trace
from babybert_tui.inspection.value_norms import weighted_value_norms
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.inspect.map_view import MapView

from .inspect_room import (
    HEADS,
    LAYERS,
    TEXT_A,
    TEXT_B,
    app_on,
    look_of,
    opened,
    pane_of,
    press,
    save_model,
    settled,
)
from .waiting import shown, until

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, model: Inspectable) -> None:
    """Nothing but the room computes, and the one model is read once."""
    monkeypatch.setattr("babybert_tui.inspection.checkpoint.load_inspectable", lambda folder: model)
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("model") / "small")


@pytest.fixture(scope="module")
def model(folder: Path) -> Inspectable:
    return load_inspectable(folder)


@pytest.fixture
def app(folder: Path, tmp_path: Path) -> BabyBertApp:
    return app_on(folder, tmp_path, mask=(4,), layer=2, head=3)


def traced(model: Inspectable, masks: tuple[int, ...] = (4,)) -> Trace:
    return trace(model.model, model.tokenizer, TEXT_A, TEXT_B, masks=masks)


def number(text: str, sign: str) -> float:
    """What stands after `sign =` in the line under the map."""
    return float(text.partition(f"{sign} = ")[2].split(maxsplit=1)[0])


async def test_the_numbers_shown_are_the_traces(app: BabyBertApp, model: Inspectable) -> None:
    async with opened(app) as pilot:
        await press(pilot, "down", "right", "right")
        point, matrix = pane_of(pilot).viewpoint, traced(model).map(2, 3)
        text = shown(pilot)
        assert "Layer 2 · Head 3" in text
        assert point.query == 5
        assert number(text, "α") == pytest.approx(matrix[point.query, point.key], abs=5e-5)
        assert "row Σ 1.0000" in text
        is_next = traced(model).is_next
        assert is_next is not None
        assert f"P(B follows A) {is_next:.3f}".replace(" 0.", " .") in text


async def test_the_map_has_the_focus_and_no_field(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        assert isinstance(pilot.app.screen.focused, MapView)
        await press(pilot, "tab", "tab", "tab")
        assert isinstance(pilot.app.screen.focused, MapView)


async def test_own_texts_are_looked_at_on_enter_only(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        await press(pilot, "e", "b", "e", "n")
        assert isinstance(pilot.app.screen.focused, Input)
        assert look_of(pilot).request.question.text_a == TEXT_A
        await press(pilot, "enter")
        assert look_of(pilot).request.question.text_a == "ben"
        assert look_of(pilot).trace.tokens[:3] == ("[CLS]", "ben", "[SEP]")
        assert isinstance(pilot.app.screen.focused, MapView)


async def test_escape_restores_a_text(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        await press(pilot, "e", "x", "tab", "y", "escape")
        assert TEXT_A in shown(pilot)
        assert TEXT_B in shown(pilot)
        assert look_of(pilot).request.question.text_a == TEXT_A
        assert isinstance(pilot.app.screen.focused, MapView)


async def test_unknown_words_are_said_while_typing(app: BabyBertApp) -> None:
    async with opened(app, (160, 40)) as pilot:
        await press(pilot, "e", *"unable")
        await until(pilot, lambda: "unable → un ##able" in shown(pilot))
        assert look_of(pilot).request.question.text_a == TEXT_A


async def test_tokens_are_hidden_and_shown(app: BabyBertApp, model: Inspectable) -> None:
    async with opened(app) as pilot:
        assert "was cake" in shown(pilot)
        await press(pilot, "down", "m")
        assert [one.position for one in look_of(pilot).trace.masked] == [4, 5]
        expected = traced(model, (4, 5)).predictions
        assert expected is not None
        best = expected[1].top[0]
        assert best.token in shown(pilot)
        await press(pilot, "m")
        assert [one.position for one in look_of(pilot).trace.masked] == [4]
        await press(pilot, "u")
        assert not look_of(pilot).trace.masked


async def test_special_tokens_are_never_hidden(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        await press(pilot, *["up"] * 4, "m")
        assert [one.position for one in look_of(pilot).trace.masked] == [4]


async def test_masks_are_drawn_as_in_training_and_drawn_anew(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        drawn = []
        for _ in range(4):
            await press(pilot, "a")
            drawn.append(tuple((one.position, one.fate) for one in look_of(pilot).trace.masked))
        assert all(drawn)
        assert len(set(drawn)) > 1


async def test_heads_and_layers_come_round(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        place = []
        for key in ("h", "h", "H", "l", "l", "L"):
            await press(pilot, key)
            place.append((pane_of(pilot).viewpoint.layer, pane_of(pilot).viewpoint.head))
        assert place == [(2, 4), (3, 1), (2, 4), (3, 4), (1, 4), (3, 4)]


async def test_what_a_filter_hides_is_counted(app: BabyBertApp, model: Inspectable) -> None:
    found = traced(model)
    async with opened(app) as pilot:
        for direction in list(Direction)[1:]:
            await press(pilot, "f")
            expected = filter_map(found.map(2, 3), found.segments, found.special, direction=direction)
            words = f"{direction.value[0]} to {direction.value[-1]} only"
            assert words in " ".join(shown(pilot).split())
            assert f"hidden mass {expected.hidden_mass:.4f}".replace(" 0.", " .") in flattened(shown(pilot))
        await press(pilot, "f", "s")
        expected = filter_map(found.map(2, 3), found.segments, found.special, hide_special=True)
        assert f"hidden mass {expected.hidden_mass:.4f}".replace(" 0.", " .") in flattened(shown(pilot))
        assert "row Σ 1.0000" not in shown(pilot)
        await press(pilot, "r")
        assert "row Σ 1.0000" in shown(pilot)


def flattened(text: str) -> str:
    """The map's side of the screen as running text."""
    return " ".join(" ".join(line[:82] for line in text.split("\n")).split())


async def test_scales_change_colours_and_no_number(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        before = number(shown(pilot), "α")
        for words in ("one scale for the whole map", "log scale", "row scale"):
            await press(pilot, "c")
            assert words in shown(pilot)
            assert number(shown(pilot), "α") == before


async def test_every_kind_of_value_is_its_analysis(app: BabyBertApp, model: Inspectable) -> None:
    found = traced(model)
    assert found.attention is not None
    recorded = run(model.model, found.ids, found.segments, record=True)
    expected = {
        "q·k/√d": attention_scores(recorded, [2], [3])[0, 0],
        "‖α f(x)‖": weighted_value_norms(model.model, recorded, [2], [3])[0, 0],
        "share": rollout(found.attention)[1],
    }
    async with opened(app) as pilot:
        await press(pilot, "down", "right")
        for sign, values in expected.items():
            await press(pilot, "v")
            point = pane_of(pilot).viewpoint
            assert number(shown(pilot), sign) == pytest.approx(values[point.query, point.key], abs=5e-5)
            assert "hidden mass .0000" in flattened(shown(pilot))


async def test_the_arithmetic_ends_in_the_weight_and_follows_the_cursor(app: BabyBertApp, model: Inspectable) -> None:
    found = traced(model)
    recorded = run(model.model, found.ids, found.segments, record=True)
    async with opened(app) as pilot:
        await press(pilot, "enter", "down")
        point = pane_of(pilot).viewpoint
        expected = cell_arithmetic(
            model.model, recorded, layer=2, head=3, query_position=point.query, key_position=point.key
        )
        assert f"{expected.dot:.4f}" in shown(pilot)
        assert f"{expected.weight:.4f}" in shown(pilot)
        assert expected.weight == pytest.approx(number(shown(pilot), "α"), abs=5e-5)
        await press(pilot, "escape")
        assert f"{expected.dot:.4f}" not in shown(pilot)


async def test_a_head_goes_off_and_on_and_its_loss_is_said(app: BabyBertApp, model: Inspectable) -> None:
    expected = switch_off(model.model, model.tokenizer, traced(model), [(2, 3)])
    async with opened(app) as pilot:
        await press(pilot, "o")
        assert expected.after.mlm_loss is not None
        assert f"L2·H3 off: MLM loss {expected.before.mlm_loss:.3f} → {expected.after.mlm_loss:.3f}" in shown(pilot)
        assert look_of(pilot).trace.heads_off == ((2, 3),)
        assert "Head 3 OFF" in shown(pilot)
        await press(pilot, "o")
        assert look_of(pilot).trace.heads_off == ()
        np.testing.assert_allclose(look_of(pilot).trace.map(2, 3), traced(model).map(2, 3), atol=1e-6)


async def test_the_guess_is_read_off_every_layer(app: BabyBertApp, model: Inspectable) -> None:
    async with opened(app) as pilot:
        await press(pilot, "i")
        lens = look_of(pilot).lens
        assert [one.layer for one in lens] == list(range(LAYERS + 1))
        position = pane_of(pilot).viewpoint.query
        guesses = [next(one.top[0] for one in layer.predictions if one.position == position) for layer in lens]
        own = next(one.top[0] for one in traced(model).predictions if one.position == position)
        assert (guesses[-1].token, guesses[-1].probability) == (own.token, pytest.approx(own.probability, abs=1e-6))
        words = shown(pilot)
        assert ", by layer" in words
        for layer, guess in enumerate(guesses):
            assert f"{f'L{layer}' if layer else 'in':<3} {guess.token}" in words
        await press(pilot, "i")
        assert ", by layer" not in shown(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)])
async def test_it_fits(app: BabyBertApp, size: tuple[int, int]) -> None:
    async with opened(app, size) as pilot:
        lines = shown(pilot).split("\n")
        assert "2·Inspect" in lines[0]
        assert "α = " in shown(pilot)
        assert "row scale" in shown(pilot)
        assert "follows A" in shown(pilot)
        assert "hidden" in shown(pilot)
        assert "quit" in lines[-1]
        assert pilot.app.screen.max_scroll_y == 0


async def test_a_text_of_many_tokens_is_seen_through_a_window(folder: Path, tmp_path: Path) -> None:
    async with opened(app_on(folder, tmp_path, "anna gave it . " * 11, None), (80, 24)) as pilot:
        assert len(look_of(pilot).trace.tokens) == 46
        await press(pilot, *["down"] * 5)
        assert pane_of(pilot).viewpoint.query == 6
        assert "α = " in shown(pilot)


async def test_a_wide_map_shows_two_queries_a_line_and_all_of_it(folder: Path, tmp_path: Path) -> None:
    text = "anna gave the cake to ben . he ate it in bed . " * 3  # 41 tokens
    async with opened(app_on(folder, tmp_path, text, None, mask=(4,)), (120, 48)) as pilot:
        view = pane_of(pilot).query_one("#map", MapView)
        geometry = view._geometry
        assert geometry is not None
        assert (geometry.rows, geometry.columns, geometry.each) == (41, 41, 2)
        assert "two rows a line" in shown(pilot)
        await press(pilot, "down", "right")
        point = pane_of(pilot).viewpoint
        assert f"{point.key} {look_of(pilot).trace.tokens[point.key]}▼" in shown(pilot)
        assert await pilot.click("#map", offset=(geometry.left + 2 * geometry.cell_width, 1 + geometry.lanes + 3))
        await settled(pilot)
        assert (pane_of(pilot).viewpoint.query, pane_of(pilot).viewpoint.key) == (6, 2)


async def test_a_window_says_what_of_the_map_it_shows(folder: Path, tmp_path: Path) -> None:
    async with opened(app_on(folder, tmp_path, "anna gave it . " * 11, None), (80, 24)) as pilot:
        geometry = pane_of(pilot).query_one("#map", MapView)._geometry
        assert geometry is not None
        assert geometry.rows < 46
        assert f"rows {geometry.first_row + 1}–{geometry.first_row + geometry.rows} of 46" in shown(pilot)
        await pilot.press(*["down"] * 44)
        await settled(pilot)
        assert "of 46" in shown(pilot)
        assert "rows 1–" not in shown(pilot)


async def test_a_strip_of_several_rows_tells_of_hidden_tokens_in_one_of_them(folder: Path, tmp_path: Path) -> None:
    text = "anna gave the cake to ben . " * 6
    async with opened(app_on(folder, tmp_path, text, None, mask=(2,))) as pilot:
        assert "▲was gave" in shown(pilot)
        await press(pilot, "down", "down", "m")
        assert [one.position for one in look_of(pilot).trace.masked] == [2, 4]


async def test_unknown_words_are_marked_in_the_field_while_typing(app: BabyBertApp) -> None:
    async with opened(app, (80, 24)) as pilot:
        await press(pilot, "e", *"ben unable")
        marks = pane_of(pilot).query_one("#inspect-a", Input).highlighter
        await until(pilot, lambda: marks.words == {"unable"})
        field = pane_of(pilot).query_one("#inspect-a", Input)
        underlined = [segment.text for segment in field.render_line(0) if segment.style and segment.style.underline]
        assert "".join(underlined).strip() == "unable"


async def test_a_second_click_hides_a_token(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        for hidden in ([4], [1, 4], [4]):
            assert await pilot.click("#strip", offset=(9, 2))
            await settled(pilot)
            assert [one.position for one in look_of(pilot).trace.masked] == hidden


async def test_clicks_choose_cell_head_and_token(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        pane = pane_of(pilot)
        geometry = pane.query_one(MapView)._geometry
        assert geometry is not None
        assert await pilot.click("#map", offset=(geometry.left + 2 * geometry.cell_width, geometry.lanes + 4))
        await settled(pilot)
        assert (pane.viewpoint.query, pane.viewpoint.key) == (3, 2)
        assert await pilot.click("#strip", offset=(1, 2))
        await settled(pilot)
        assert pane.viewpoint.query == 0
        assert await pilot.click("#grid", offset=(6, 3))
        await settled(pilot)
        assert (pane.viewpoint.layer, pane.viewpoint.head) == (1, 1)


async def test_the_grid_moves_by_head_and_layer(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        await press(pilot, "tab", "right", "down")
        assert (pane_of(pilot).viewpoint.layer, pane_of(pilot).viewpoint.head) == (LAYERS, HEADS)


async def test_the_newest_question_is_the_one_that_is_answered(app: BabyBertApp) -> None:
    async with opened(app) as pilot:
        await pilot.press("m", "u", "a", "u", "m")
        await settled(pilot)
        assert look_of(pilot).request.question == pane_of(pilot).question
