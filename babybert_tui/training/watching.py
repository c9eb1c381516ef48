"""Hearing of what a session does beside its events."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babybert_tui.training.gradients import Losses


class Watcher:
    """Hears, on the training thread, of what is no event: it is not recorded, and scripts do not see it.

    Attributes:
        foretells: Whether the losses of the first update are wanted before the evaluation that comes before it, and
            takes longer.
    """

    foretells = False

    def foretold(self, losses: "Losses") -> None:
        """What the first update would find, as things stand."""

    def evaluating(self, share: float) -> None:
        """So much of an evaluation is done, from 0 on."""

    def updated(self, step: int) -> None:
        """An update was made that is not told as an event."""
