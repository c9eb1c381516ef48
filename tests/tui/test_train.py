"""Train: from the first key to the end of a run."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from babybert_tui.training.evaluation import Evaluation
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.figures import METRICS
from babybert_tui.tui.history import State
from babybert_tui.tui.messages import PastRead, PreviewChanged, RunChanged, RunEnded, TorchLoaded, Warned
from babybert_tui.tui.past import find_replay
from babybert_tui.tui.pictures.chart import short_number
from babybert_tui.tui.pictures.chart_scale import GUTTER
from babybert_tui.tui.widgets.batch_pane import BatchPane
from babybert_tui.tui.widgets.chart_panel import ChartPanel
from tui.made_up_run import MAX_STEPS, made_up_history
from tui.waiting import app_of, shown, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]
SECONDS_TO_SAY_SO = 1.6  # after 1.5 seconds the screen is told at the latest
ENDLESS = {"max_steps": 100_000, "log_every": 1}


def metrics(app: BabyBertApp) -> list[dict]:
    run = app.trainer.history.view().run
    lines = (app.trainer.checkpoints_dir / run / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


async def test_space_trains_to_the_end(make_app: MakeApp) -> None:
    async with make_app(eval_every=20).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        await until_state(pilot, State.FINISHED)
        view = app_of(pilot).trainer.history.view()
        assert view.step == 40
        assert view.saved == 40
        assert len(view.points("mlm_loss").steps) == 40, "every step is plotted"
        assert view.points("mlm_loss", held_out=True).steps.tolist() == [0, 20, 40]
        assert "finished" in shown(pilot)
        assert "40/40" in shown(pilot)


async def test_what_is_plotted_is_what_is_logged(make_app: MakeApp) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        app = app_of(pilot)
        logged = [entry["mlm_loss"] for entry in metrics(app) if entry["event"] == "step"]
        plotted = app.trainer.history.view().points("mlm_loss")
        every = app.trainer.history.view().settings["log_every"]
        assert plotted.values[plotted.steps % every == 0].tolist() == logged


async def test_space_pauses_and_goes_on(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app_of(pilot).trainer.history.view().step > 3)
        await pilot.press("space")
        assert "paused" in shown(pilot)
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().probe is not None)
        trainer._session.orders.call(lambda: None).result(30)  # the thread has come to its rest
        step = trainer.history.view().step
        trainer._session.orders.call(lambda: None).result(30)
        assert trainer.history.view().step == step
        await pilot.press("space")
        await until(pilot, lambda: trainer.history.view().step > step)
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)
        assert trainer.history.view().saved == trainer.history.view().step


async def test_a_full_stop_takes_one_step_and_shows_its_batch(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().step > 3)
        await pilot.press("space")
        trainer._session.orders.call(lambda: None).result(30)
        before = trainer.history.view().step
        await pilot.press("full_stop")

        def is_shown() -> bool:
            batch = trainer.history.view().batch
            return batch is not None and batch.step == before + 1 and batch.rows[0].targets[0].after is not None

        await until(pilot, is_shown)
        assert trainer.history.view().step == before + 1
        batch = trainer.history.view().batch
        loss = trainer.history.view().points("mlm_loss").last
        assert batch.mlm_loss == pytest.approx(loss, rel=1e-4), "the same batch, the same weights"
        await until(pilot, lambda: f"Batch of step {before + 1}" in shown(pilot))
        await pilot.press("escape")
        assert not pilot.app.screen.query_one(BatchPane).display
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)


async def test_a_stopped_run_goes_on_to_the_same_end(make_app: MakeApp, tmp_path: Path) -> None:
    async with make_app(max_steps=60).run_test(size=(120, 36)) as pilot:
        await pilot.press("s", "space")  # in slow motion, so that it is stopped on its way
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().step > 3)
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)
        first = trainer.history.view()
        await pilot.press("s", "space")
        await until_state(pilot, State.FINISHED)
        assert trainer.history.view().run == first.run
        assert trainer.history.view().points("mlm_loss").steps.tolist() == list(range(1, 61))
        interrupted = metrics(app_of(pilot))[-1]["state_sha256"]
        await pilot.press("n")
        await until(pilot, lambda: trainer.history.view().run not in ("", first.run))
        await until_state(pilot, State.FINISHED)
        assert metrics(app_of(pilot))[-1]["state_sha256"] == interrupted


async def test_a_live_change_acts_and_marks_the_chart(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        app = app_of(pilot)
        await until(pilot, lambda: app.trainer.history.view().step > 2)
        field = pilot.app.screen.query_one("#field-learning_rate")
        field.focus()
        field.value = "0.0005"
        await pilot.press("enter")
        await until(pilot, lambda: app.trainer.history.view().changes)
        change = app.trainer.history.view().changes[0]
        assert (change.name, change.value) == ("learning_rate", 0.0005)
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)
        assert any(entry["event"] == "setting" and entry["value"] == 0.0005 for entry in metrics(app))


async def test_a_typed_probe_is_asked_and_recorded(make_app: MakeApp) -> None:
    async with make_app(max_steps=40).run_test(size=(120, 36)) as pilot:
        await pilot.press("e")
        await until(pilot, lambda: pilot.app.screen.query("#text-a"))
        await pilot.press(*"the cat {sees} a cake .", "tab", *"it [MASK] .", "enter")
        await pilot.press("space")
        await until_state(pilot, State.FINISHED)
        probe = app_of(pilot).trainer.history.view().probe
        assert probe.probe.tokens[:5] == ("[CLS]", "the", "cat", "[MASK]", "a")
        assert probe.probe.originals == ("sees", None)
        assert "▲sees" in shown(pilot) or "was sees" in shown(pilot)
        replay = find_replay(app_of(pilot).trainer.checkpoints_dir)
        assert replay.probe.probe.tokens == probe.probe.tokens
        assert [one.step for one in replay.probe.snapshots] == [one.step for one in probe.snapshots]


async def test_a_probe_is_pinned_while_training(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().step > 3)
        own_choice = trainer.history.view().probe.probe.tokens
        await pilot.press("e")
        await until(pilot, lambda: pilot.app.screen.query("#text-a"))
        text = pilot.app.screen.query_one("#text-a").value
        assert "{" in text, "the run's own probe stands there, its hidden words in braces"
        # While a thread computes, the pilot waits a second for each key: put the texts there, and press one.
        pilot.app.screen.query_one("#text-a").value = "ben has the {key} ."
        pilot.app.screen.query_one("#text-b").value = ""
        await pilot.press("enter")
        await until(pilot, lambda: trainer.history.view().probe.probe.tokens != own_choice)
        probe = trainer.history.view().probe
        assert probe.probe.tokens == ("[CLS]", "ben", "has", "the", "[MASK]", ".", "[SEP]")
        assert probe.newest.attention.shape[-1] == 7
        await until(pilot, lambda: "was key" in shown(pilot))
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)


async def test_slow_motion_slows_and_stops_slowing(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("s", "space")
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().step >= 1)
        assert "slow motion" in shown(pilot)
        await pilot.press("s")
        await until(pilot, lambda: trainer.history.view().step > 30)
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)


async def test_slow_motion_is_one_update_at_a_time_however_few_are_logged(make_app: MakeApp) -> None:
    async with make_app(**(ENDLESS | {"log_every": 1000})).run_test(size=(120, 36)) as pilot:
        await pilot.press("s", "space")
        trainer = app_of(pilot).trainer
        await until(pilot, lambda: trainer.history.view().step >= 1)
        seen, began = trainer.history.view().step, time.monotonic()
        await until(pilot, lambda: trainer.history.view().step >= seen + 2)
        assert time.monotonic() - began > 0.5
        view = trainer.history.view()
        assert view.probe.glance.step >= seen + 1, "looked at after each"
        assert view.step < 100
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)


def hold_evaluations(monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event]:
    """One event says that an evaluation has begun, the other lets them go on."""
    begun, may_go_on = Event(), Event()
    run = Evaluation.run

    def held(self: Evaluation, *args: object, **named: object) -> object:
        begun.set()
        may_go_on.wait(60)
        return run(self, *args, **named)

    monkeypatch.setattr(Evaluation, "run", held)
    return begun, may_go_on


async def test_the_charts_begin_before_the_first_evaluation_is_over(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = hold_evaluations(monkeypatch)
    async with make_app(log_every=20).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        trainer = app_of(pilot).trainer
        await until(pilot, begun.is_set)
        foretold = {metric.name: trainer.history.view().points(metric.name) for metric in METRICS}
        assert all(points.steps.tolist() == [1] for points in foretold.values())
        await until(pilot, lambda: f"MLM loss {short_number(foretold['mlm_loss'].last)} " in shown(pilot))
        may_go_on.set()
        await until_state(pilot, State.FINISHED)
        assert trainer.history.view().points("mlm_loss").steps.tolist() == [20, 40], "what was logged, and no more"


async def test_a_run_stopped_in_its_first_evaluation_leaves_nothing_and_the_run_before_it_grey(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        app = app_of(pilot)
        first = app.trainer.history.view().run
        begun, may_go_on = hold_evaluations(monkeypatch)
        await pilot.press("n")
        await until(pilot, begun.is_set)
        await pilot.press("x")
        may_go_on.set()
        await until_state(pilot, State.STOPPED)
        stopped = app.trainer.history.view()
        assert stopped.step == 0
        assert not stopped.points("mlm_loss")
        assert not stopped.points("mlm_loss", held_out=True)
        await pilot.press("n")
        await until(pilot, lambda: app.trainer.history.view().run not in ("", first, stopped.run))
        await until_state(pilot, State.FINISHED)
        assert app.ghost_for(app.trainer.history.view()).run == first


async def test_scrubbing_shows_the_past_and_escape_the_newest(make_app: MakeApp) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        await pilot.press("comma", "comma")
        probe = app_of(pilot).trainer.history.view().probe
        assert f"back at step {probe.snapshots[-2].step}" in shown(pilot)
        await pilot.press("full_stop")
        assert f"back at step {probe.snapshots[-1].step}" in shown(pilot)
        await pilot.press("escape")
        assert "back at step" not in shown(pilot)


async def test_a_frozen_view_stands_still_while_training_goes_on(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        app = app_of(pilot)
        await until(pilot, lambda: app.trainer.history.view().step > 3)
        await pilot.press("z")
        seen = app.bench.view.step
        await until(pilot, lambda: app.trainer.history.view().step > seen + 5)
        assert app.bench.view.step == seen
        assert "FROZEN" in shown(pilot)
        await pilot.press("z")
        assert app.bench.view.step > seen
        await pilot.press("x")
        await until_state(pilot, State.STOPPED)


async def test_a_long_evaluation_says_how_far_it_is(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    half_done, may_go_on = Event(), Event()
    run = Evaluation.run

    def slow(self: Evaluation, *args: object, progress: Callable[[float], None], **named: object) -> object:
        def half_way(share: float) -> None:
            progress(share)
            if share >= 0.5 and not may_go_on.is_set():
                half_done.set()
                time.sleep(SECONDS_TO_SAY_SO)
                progress(share)
                may_go_on.wait(60)

        return run(self, *args, progress=half_way, **named)

    monkeypatch.setattr(Evaluation, "run", slow)
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        await until(pilot, half_done.is_set)
        await until(pilot, lambda: "evaluating: " in shown(pilot).splitlines()[-2])
        assert "training" in shown(pilot).splitlines()[-2]
        may_go_on.set()
        await until_state(pilot, State.FINISHED)
        assert "evaluating" not in shown(pilot)


async def test_the_first_screen_replays_the_newest_run(make_app: MakeApp) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        run = app_of(pilot).trainer.history.view().run
    async with make_app().run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: f"as {run} saw it at step" in shown(pilot))
        app = app_of(pilot)
        first = app.bench._cursor
        await until(pilot, lambda: app.bench._cursor != first)
        assert "space" in shown(pilot)
        assert np.isfinite(app.bench.view.points("mlm_loss").last)


async def test_without_any_run_the_first_screen_invites(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "guess them" in shown(pilot))
        assert "MLM accuracy" not in shown(pilot)


@pytest.fixture
def hopeless_corpus(corpus: Path) -> None:
    """A text that nothing can be learned from."""
    corpus.write_text("too small", encoding="utf-8")


@pytest.mark.parametrize("keys", [("2", "n"), ("2", "space")])
@pytest.mark.timeout(120)
async def test_a_run_is_started_from_another_room(make_app: MakeApp, keys: tuple[str, ...]) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        first = app_of(pilot).trainer.history.view().run
        await pilot.press(*keys)
        await until(pilot, lambda: app_of(pilot).trainer.history.view().run not in ("", first))
        await until_state(pilot, State.FINISHED)


async def test_the_charts_are_up_to_date_after_another_room(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("2", "n")
        await until_state(pilot, State.FINISHED)
        view = app_of(pilot).trainer.history.view()
        await pilot.press("1")
        panel = pilot.app.screen.query_one("#chart-mlm_loss", ChartPanel)
        await until(pilot, lambda: panel.chart.training.last == view.points("mlm_loss").last)
        assert panel.chart.held_out.last == view.points("mlm_loss", held_out=True).last


def another_text(path: str) -> str:
    """As long, and with other words."""
    other = Path(path).with_name("other.txt")
    other.write_text(Path(path).read_text(encoding="utf-8").replace("cat", "cow"), encoding="utf-8")
    return str(other)


async def test_a_ghost_is_of_the_same_text(make_app: MakeApp) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        app = app_of(pilot)
        first, order = app.trainer.history.view().run, app._order
        await pilot.press("n")
        await until_state(pilot, State.FINISHED)
        assert f"grey: {first}" in shown(pilot)
        app.start(replace(order, settings=replace(order.settings, corpus=another_text(order.settings.corpus))))
        await until_state(pilot, State.FINISHED)
        assert "grey" not in shown(pilot)


@pytest.mark.usefixtures("hopeless_corpus")
async def test_a_run_that_cannot_be_says_why_and_the_app_lives_on(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        await until_state(pilot, State.FAILED)
        assert "failed" in shown(pilot)
        message = app_of(pilot).trainer.history.view().message
        assert message.endswith("at least eight sentences.")
        pane = pilot.app.screen.query_one("#probe")
        words = " ".join(" ".join(strip.text for strip in pane._drawn()).split())
        assert words.endswith("at least eight sentences."), "all of it"
        await pilot.press("t", "t")
        assert "1·Train" in shown(pilot)


async def test_x_calls_a_run_off_before_its_first_step(make_app: MakeApp) -> None:
    async with make_app(**ENDLESS).run_test(size=(120, 36)) as pilot:
        await pilot.press("space", "x")
        await until_state(pilot, State.STOPPED)
        assert not app_of(pilot).trainer.is_busy


async def test_quitting_asks_once_and_saves(make_app: MakeApp) -> None:
    app = make_app(**ENDLESS)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("space")
        await until(pilot, lambda: app.trainer.history.view().step > 3)
        await pilot.press("q")
        await until(pilot, lambda: "save and quit" in shown(pilot))
        await pilot.press("escape")
        assert app.trainer.history.state is State.TRAINING
        await pilot.press("q", "q")
        await until(pilot, lambda: not app.trainer.is_busy)
    assert app.trainer.history.view().saved == app.trainer.history.view().step
    assert metrics(app)[-1]["reason"] == "stopped"


async def test_what_threads_say_to_a_leaving_app_is_passed_over(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    close_all, said = app._close_all, []

    async def say_all() -> None:
        for news in (RunChanged(), RunEnded(), TorchLoaded("broken"), PastRead(), PreviewChanged(), Warned("!")):
            await app._dispatch_message(news)
            said.append(news)

    async def close_amid_news() -> None:
        await app._prune(app.bench)  # what the app does first: the screen is still there, its panes are not
        await say_all()
        await close_all()
        await say_all()

    monkeypatch.setattr(app, "_close_all", close_amid_news)
    async with app.run_test(size=(120, 36)):
        pass
    assert len(said) == 12


@pytest.fixture
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """For made-up runs."""
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)


@pytest.mark.usefixtures("nothing_is_computed")
async def test_a_click_on_a_chart_goes_to_that_step(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await show_made_up_run(pilot)
        history = app_of(pilot).trainer.history
        probe = history.view().probe
        every_fifty = tuple(replace(probe.snapshots[0], step=step) for step in range(0, 1100, 50))
        history.note_probe(replace(probe, snapshots=every_fifty))
        app_of(pilot).bench.refresh_view()
        panel = pilot.app.screen.query_one("#chart-mlm_accuracy", ChartPanel)
        column = GUTTER + (panel.size.width - 1 - GUTTER) // 2
        await pilot.click(panel, offset=(column, 3))
        await until(pilot, lambda: "back at step" in shown(pilot))
        assert panel.chart.cursor == pytest.approx(MAX_STEPS / 2, abs=60), "half-way, half of the steps"
        await pilot.press("escape", "escape")
        assert "back at step" not in shown(pilot)


@pytest.mark.usefixtures("nothing_is_computed")
async def test_history_survives_other_tabs_other_sizes_and_a_frozen_view(make_app: MakeApp) -> None:
    async with make_app().run_test(size=(120, 36)) as pilot:
        await show_made_up_run(pilot)
        before = shown(pilot)
        await pilot.press("z", "z", "g", "g", "t", "t")
        await pilot.resize_terminal(80, 24)
        await pilot.press("t", "1")
        await pilot.resize_terminal(200, 60)
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert shown(pilot) == before


@pytest.mark.usefixtures("nothing_is_computed")
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_learner_sees_what_the_model_is_compared_with(make_app: MakeApp, size: tuple[int, int]) -> None:
    async with make_app().run_test(size=size) as pilot:
        await show_made_up_run(pilot)
        text = shown(pilot)
        assert all(words in text for words in ("counting .54", "best possible .94", "commonest word .13"))
        assert "learning rate 0.0005" in text
        assert any(f"{before} → {after}" in text for before, after in changes_of_mind(pilot)), "at past steps"


def changes_of_mind(pilot) -> list[tuple[str, str]]:
    """The best guess at a hidden word and the one before it, each with the step that it came at."""
    probe = app_of(pilot).trainer.history.view().probe
    found = []
    for index in range(len(probe.probe.positions)):
        guesses = [(one.step, probe.pieces[int(one.top_ids[index][0])]) for one in probe.snapshots]
        said = [f"{step} {word}" for _, ((step, word), *_) in groupby(guesses, key=lambda guess: guess[1])]
        found += [(said[-2], said[-1])] if len(said) > 1 else []
    return found


async def show_made_up_run(pilot) -> None:
    app = app_of(pilot)
    app.trainer.history = made_up_history(1100)
    app.bench.run_begins()
    await pilot.pause()
