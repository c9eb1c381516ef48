"""The rooms of the app, in the order of their keys."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.widget import Widget

from babybert_tui.tui.widgets.train_pane import TrainPane


def _inspect_pane() -> Widget:
    from babybert_tui.tui.inspect.pane import InspectPane  # not before the first screen stands

    return InspectPane(id="inspect")


@dataclass(frozen=True)
class Room:
    """A tab."""

    id: str
    name: str
    make: Callable[[], Widget]


ROOMS = (Room("train", "Train", lambda: TrainPane(id="train")), Room("inspect", "Inspect", _inspect_pane))
