"""What the run is doing, how far it is, and how fast."""

from typing import ClassVar

from babybert_tui.render.figures import clock
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.history import RunView, State
from babybert_tui.tui.widgets.clickable import ClickableLine, Word

_BAR = 12
_SIGNS = {
    State.TRAINING: "●",
    State.PAUSED: "‖",
    State.PREPARING: "◌",
    State.SAVING: "◌",
    State.FINISHED: "✓",
    State.STOPPED: "■",
    State.FAILED: "✗",
    State.REPLAY: "↻",
    State.IDLE: "○",
}
_ALERTS = frozenset({State.FAILED})


class StatusLine(ClickableLine):
    """One line for all of it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"status--state", "status--alert", "status--figure", "status--quiet"}

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._view = RunView()
        self._notes: tuple[str, ...] = ()

    def show(self, view: RunView, notes: tuple[str, ...]) -> None:
        """Shows a run as it stands.

        Args:
            view: The run.
            notes: What else is to be known: frozen, slow, what is loading.
        """
        before = self.words(), self.words_right()
        self._view, self._notes = view, notes
        if before != (self.words(), self.words_right()):
            self.refresh()

    def words(self) -> list[Word]:
        """The state first; what follows may be cut."""
        view = self._view
        alert = "status--alert" if view.state in _ALERTS else "status--state"
        found = [Word(f" {_SIGNS[view.state]} {view.state} ", alert)]
        if view.message:
            found.append(Word(f" {sanitise(view.message)} ", alert if view.state in _ALERTS else "status--quiet"))
        if view.max_steps > 1 and view.state is not State.IDLE:
            found += [
                Word(f" {view.step:,}/{view.max_steps:,} ", "status--figure"),
                Word(_bar(view.step / view.max_steps), "status--quiet"),
            ]
        return [*found, *self._figures_that_fit(sum(len(word.text) for word in found), is_first=len(found) == 1)]

    def _figures_that_fit(self, used: int, *, is_first: bool) -> list[Word]:
        """Whole ones only."""
        room = self.size.width - used - sum(len(word.text) for word in self.words_right())
        text = ""
        for part in figures(self._view):
            longer = f"{text} · {part}" if text or not is_first else part
            if len(longer) > room:
                break
            text = longer
        return [Word(text)]

    def words_right(self) -> list[Word]:
        """Notes stand out, and are never cut."""
        return [Word(f" {note} ", "status--state") for note in self._notes]


def figures(view: RunView) -> list[str]:
    """Speed, time, place of computing, last checkpoint: what is known of them."""
    parts = []
    if view.tokens_per_second and view.state in (State.TRAINING, State.PAUSED):
        parts.append(f"{view.tokens_per_second / 1000:.1f}k tok/s")
    if view.seconds_left is not None and view.state is State.TRAINING:
        parts.append(f"{clock(view.seconds_left)} left")
    elif view.elapsed_seconds and view.state in (State.FINISHED, State.STOPPED):
        parts.append(f"took {clock(view.elapsed_seconds)}")
    if "device" in view.settings:
        parts.append(f"{view.settings['device']} {view.settings['precision']}")
    if view.saved is not None:
        parts.append(f"saved {view.saved:,}")
    return parts


def _bar(share: float) -> str:
    filled = round(min(1.0, share) * _BAR)
    return "━" * filled + "╌" * (_BAR - filled)
