"""Which run is trained next: a new one, the same again, or an earlier one that goes on."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from babybert_tui.tui.earlier_runs import EarlierRun, earlier_runs
from babybert_tui.tui.screens.choose import Choose, Offer
from babybert_tui.tui.screens.confirm import Confirm
from babybert_tui.tui.screens.extend import Extend
from babybert_tui.tui.stop_rules import NEVER, STOP_RULES
from babybert_tui.tui.trainer import RunOrder

if TYPE_CHECKING:
    from babybert_tui.tui.app import BabyBertApp


class RunControl:
    """Asks what there is to ask, and has the app start what comes of it.

    Args:
        app: Whose runs they are.
    """

    def __init__(self, app: "BabyBertApp") -> None:
        self._app = app

    def start_after(self, order: RunOrder, key: str) -> None:
        """Starts a run; one in training is stopped and saved first, if the user agrees."""
        app = self._app
        if not app.trainer.is_busy:
            app.start(order)
            return

        def stop_and_start(answer: bool | None) -> None:  # noqa: FBT001 - a dialog's result
            if answer:
                app.start_when_free(order)

        question = "Stop the run in training, save it, and start a new one?"
        app.push_screen(Confirm(question, yes="new run", no="go on", key=key), stop_and_start)

    def again(self, order: RunOrder | None) -> None:
        """A new run with the settings and the seed of the last one, whatever Tune says now."""
        if order is not None:
            self.start_after(replace(order, settings=replace(order.settings, run=None), policy="auto"), "r")
            return
        self._read_runs(self._newest_again)

    def _newest_again(self, runs: list[EarlierRun]) -> None:
        if not runs:
            self._app.say("There is no run yet that could be made again.")
        else:
            self.start_after(RunOrder(runs[0].as_started, runs[0].record.preset), "r")

    def choose_run(self) -> None:
        """A list of runs to go on with."""
        if self._app.trainer.is_busy:
            self._app.say("Stop the run in training first (x).")
        else:
            self._read_runs(self._offer)

    def choose_stop_rule(self) -> None:
        """A list of what may end a run before its last step."""
        trainer = self._app.trainer

        def set_rule(name: str | None) -> None:
            if name is not None:
                trainer.stop_rule = STOP_RULES.get(name)
                self._app.bench.refresh_view()

        offers = [Offer(NEVER, "at its last step only"), *(Offer(rule.name, rule.help) for rule in STOP_RULES.values())]
        now = trainer.stop_rule.name if trainer.stop_rule is not None else NEVER
        self._app.push_screen(Choose("Stop and save before the last step, once …", offers, now), set_rule)

    def _read_runs(self, use: Callable[[list[EarlierRun]], None]) -> None:
        async def read() -> None:  # on another thread: there may be many, on a slow disk
            use(await asyncio.to_thread(earlier_runs, self._app.trainer.checkpoints_dir))

        self._app.run_worker(read(), exit_on_error=False)

    def _offer(self, runs: list[EarlierRun]) -> None:
        if not runs:
            self._app.say("There is no run to go on with yet.")
            return
        by_name = {run.name: run for run in runs}

        def go_on(name: str | None) -> None:
            if name is not None:
                self._go_on(by_name[name])

        offers = [Offer(run.name, run.summary) for run in runs]
        self._app.push_screen(Choose("Go on with a run", offers), go_on)

    def _go_on(self, run: EarlierRun) -> None:
        if not run.is_finished:
            self._app.start(run.order())
        elif run.is_fixed:
            self._app.say(f"{run.name} was given so many minutes; it cannot be made longer.", "error")
        else:

            def extend(steps: int | None) -> None:
                if steps is not None:
                    self._app.start(run.order(steps))

            self._app.push_screen(Extend(run.name, run.length), extend)
