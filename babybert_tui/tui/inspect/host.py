"""What the room needs of the app that it stands in."""

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from babybert_tui.tui.saved_state import SavedState

if TYPE_CHECKING:
    from babybert_tui.inspection.request import InspectRequest
    from babybert_tui.training.session import TrainingSession
    from babybert_tui.tui.history import RunHistory


class TrainingPlace(Protocol):
    """Where a model may be in training."""

    checkpoints_dir: Path
    history: "RunHistory"

    @property
    def session(self) -> "TrainingSession | None":
        """The run in progress."""


class Host(Protocol):
    """The app."""

    state: SavedState
    inspect_request: "InspectRequest | None"  # what the command line asked for

    @property
    def trainer(self) -> TrainingPlace:
        """Where runs are."""
