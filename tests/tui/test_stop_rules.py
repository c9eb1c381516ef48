"""What ends a run before its last step."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from textual.widgets import OptionList

from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.curve import Points
from babybert_tui.tui.history import RunView, State
from babybert_tui.tui.screens.choose import Choose
from babybert_tui.tui.stop_rules import NEVER, STOP_RULES, StopRule
from tui.made_up_run import BASELINES
from tui.waiting import app_of, said, shown, until, until_state

MakeApp = Callable[..., BabyBertApp]


def held_out(metric: str, *values: float) -> RunView:
    points = Points(np.arange(len(values)) * 10.0, np.array(values))
    return RunView(baselines=BASELINES, held_out={metric: points})


@pytest.mark.parametrize(
    ("rule", "metric", "level"),
    [
        ("words beat counting", "mlm_accuracy", BASELINES.mlm_accuracy_count),
        ("pairs beat shared words", "nsp_accuracy", BASELINES.nsp_accuracy_overlap),
    ],
)
def test_a_rival_must_be_passed_by_the_newest_evaluation(rule: str, metric: str, level: float) -> None:
    is_reached = STOP_RULES[rule].is_reached
    assert is_reached(held_out(metric, 0.1, level + 0.001))
    assert not is_reached(held_out(metric, level + 0.001, level))
    assert not is_reached(held_out(metric))
    assert not is_reached(held_out("mlm_loss", 9.0))
    without = replace(BASELINES, mlm_accuracy_count=None, nsp_accuracy_overlap=None)
    assert not is_reached(replace(held_out(metric, 0.99), baselines=without))
    assert not is_reached(replace(held_out(metric, 0.99), baselines=None))


@pytest.mark.parametrize(
    ("losses", "is_over"),
    [
        ((5, 4, 4.1, 4.2, 4.3), True),
        ((5, 4, 4.1, 4.2), False),
        ((5, 4, 4.1, 4.2, 3.9), False),
        ((5, 5, 5, 5), True),
        ((), False),
    ],
)
def test_the_loss_has_three_evaluations_for_a_new_low(losses: tuple[float, ...], is_over: bool) -> None:
    assert STOP_RULES["loss falls no more"].is_reached(held_out("mlm_loss", *losses)) is is_over


@pytest.mark.asyncio
async def test_the_run_stops_and_saves_at_the_evaluation_that_the_rule_waits_for(make_app: MakeApp) -> None:
    asked: list[int] = []

    def third(view: RunView) -> bool:
        asked.append(view.step)
        return len(asked) == 3

    async with make_app(max_steps=100_000, eval_every=5).run_test(size=(120, 36)) as pilot:
        trainer = app_of(pilot).trainer
        trainer.stop_rule = StopRule("the third", "", third)
        await pilot.press("space")
        await until_state(pilot, State.STOPPED)
        view = trainer.history.view()
        assert asked == [0, 5, 10]
        assert (view.step, view.saved) == (10, 10)
        assert "Stopped at step 10: the third." in said(pilot)
        assert trainer.stop_rule is None, "going on is not stopped by it again"


@pytest.mark.asyncio
async def test_a_rule_is_chosen_from_a_list_shown_and_taken_back(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        for name, is_shown in ((list(STOP_RULES)[1], True), (NEVER, False)):
            await pilot.press("X")
            await until(pilot, lambda: isinstance(pilot.app.screen, Choose) and pilot.app.screen.query(OptionList))
            options = pilot.app.screen.query_one(OptionList)
            options.highlighted = [NEVER, *STOP_RULES].index(name)
            await pilot.press("enter")
            await until(pilot, lambda: not isinstance(pilot.app.screen, Choose))
            assert app_of(pilot).trainer.stop_rule is STOP_RULES.get(name)
            await pilot.pause()
            assert ("until pairs beat shared words" in shown(pilot)) is is_shown
