"""What the screen hears of a run beside its events."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from babybert_tui.training.watching import Watcher
from babybert_tui.tui.history import RunHistory

if TYPE_CHECKING:
    from babybert_tui.training.gradients import Losses

_SECONDS_TO_SAY_SO = 0.5  # of an evaluation; shorter ones pass unsaid


class ScreenWatcher(Watcher):
    """Writes it into the history, so that the first point and each step are seen as they come.

    Args:
        history: Of the run.
        tell: Says that there is news; with `at_once`, whenever it did so last.
        after_update: What follows each update.
    """

    foretells = True

    def __init__(self, history: RunHistory, tell: Callable[..., None], after_update: Callable[[], None]) -> None:
        self._history = history
        self._tell = tell
        self._after_update = after_update
        self._evaluating_since = 0.0

    def foretold(self, losses: "Losses") -> None:
        """The chart begins with it."""
        self._history.note_foretold(losses)
        self._tell(at_once=True)

    def evaluating(self, share: float) -> None:
        """Said where it takes long."""
        now = time.monotonic()
        if not share:
            self._evaluating_since = now
        elif now - self._evaluating_since >= _SECONDS_TO_SAY_SO:
            self._history.note_evaluating(share)
            self._tell()

    def updated(self, step: int) -> None:
        """The status line counts on."""
        self._history.note_updated(step)
        self._after_update()
