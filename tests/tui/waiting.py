"""Waiting for what a thread brings about."""

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import ACTIVE, State
from babybert_tui.tui.widgets.status_line import StatusLine

_FRAME_SECONDS = 0.018  # a little longer than between two of Textual's frames
_TURNS = 20  # of the event loop: messages go through fewer hands


async def let_the_screen_work(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:  # as Textual's `wait_for_idle`
    """Lets each message that is on its way arrive, be drawn, and those that come of it, however slow the machine."""
    for _ in range(2):
        await asyncio.sleep(_FRAME_SECONDS)
        for _ in range(_TURNS):
            await asyncio.sleep(0)


async def until(pilot: Pilot, condition: Callable[[], object], seconds: float = 200.0) -> None:
    """Lets the app work until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not come about; the run is {app_of(pilot).trainer.history.view().state}"
        await pilot.pause(0.01)


async def until_state(pilot: Pilot, state: State) -> None:
    """Lets the app work until its run is in this state, and the screen says so."""
    app = app_of(pilot)
    await until(pilot, lambda: app.trainer.history.state is state)
    if state not in ACTIVE:
        await until(pilot, lambda: not app.trainer.is_busy)
    if app.bench._frozen is None:
        await until(pilot, lambda: str(state) in app.bench.query_one(StatusLine).words()[0].text)
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


def said(pilot: Pilot) -> str:
    """What the app has told the user."""
    return "\n".join(one.message for one in pilot.app._notifications)
