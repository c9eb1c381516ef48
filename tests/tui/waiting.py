"""Waiting for what a thread brings about."""

import time
from collections.abc import Callable

from textual.pilot import Pilot

from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import State


async def until(pilot: Pilot, condition: Callable[[], object], seconds: float = 200.0) -> None:
    """Lets the app work until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not come about; the run is {app_of(pilot).trainer.history.view().state}"
        await pilot.pause(0.01)


async def until_state(pilot: Pilot, state: State) -> None:
    """Lets the app work until its run is in this state."""
    await until(pilot, lambda: app_of(pilot).trainer.history.state is state)
    await pilot.pause()


def app_of(pilot: Pilot) -> BabyBertApp:
    """The app, with its own type."""
    assert isinstance(pilot.app, BabyBertApp)
    return pilot.app


def shown(pilot: Pilot) -> str:
    """What stands on the screen."""
    height = pilot.app.size.height
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips[:height])
