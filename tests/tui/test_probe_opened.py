"""From the probe in Train to the same in Inspect: by Enter, or a click on a head."""

from collections.abc import Callable

import pytest

from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import State
from babybert_tui.tui.inspect.pane import InspectPane
from babybert_tui.tui.pictures.head_grid import head_at
from babybert_tui.tui.widgets.probe_pane import ProbePane
from tui.waiting import app_of, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


async def test_enter_opens_the_probe_at_the_step_looked_at(make_app: MakeApp) -> None:
    async with make_app(trains=True).run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        await pilot.press("comma", "comma")
        view = app_of(pilot).trainer.history.view()
        assert view.probe is not None
        await pilot.press("enter")
        await until(pilot, lambda: bool(app_of(pilot).screen.query(InspectPane)))
        pane = app_of(pilot).screen.query_one(InspectPane)
        await until(pilot, lambda: pane.good is not None and pane.recording is not None)
        assert pane.good.trace.tokens == view.probe.probe.tokens
        assert pane.good.step == view.probe.snapshots[-2].step
        await pilot.press("P")
        await until(pilot, lambda: pane.recording is None and not pane.inspector.is_busy)
        assert pane.question.weights.folder is not None, "the run's own weights"


async def test_a_click_opens_the_head_under_the_pointer(make_app: MakeApp) -> None:
    async with make_app(trains=True).run_test(size=(160, 48)) as pilot:
        await until_state(pilot, State.FINISHED)
        probe = app_of(pilot).screen.query_one(ProbePane)
        attention = app_of(pilot).trainer.history.view().probe.snapshots[-1].attention
        last = len(attention), len(attention[0])
        grid = probe._grid  # where it was drawn
        x, y = next(
            (x, y)
            for y in range(grid.height)
            for x in range(grid.width)
            if head_at(attention, grid.width, grid.height, x, y) == last
        )
        await pilot.click(ProbePane, offset=(grid.x + x, grid.y + y))
        await until(pilot, lambda: bool(app_of(pilot).screen.query(InspectPane)))
        pane = app_of(pilot).screen.query_one(InspectPane)
        await until(pilot, lambda: pane.good is not None)
        assert (pane.viewpoint.layer, pane.viewpoint.head) == last
