"""Whose weights look at the text."""

from typing import ClassVar

from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.question import Look
from babybert_tui.tui.inspect.weights import Weights
from babybert_tui.tui.widgets.clickable import ClickableLine, Word


class WeightsLine(ClickableLine):
    """One line; a click on the name chooses others."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"weights--name", "weights--live", "weights--key", "weights--quiet"}
    learner_help = (
        "A model is its weights. b chooses whose: those of a run at some step, those that came with the program, or "
        "those of the model in training right now. , and . walk through the checkpoints of a run, so that you see the "
        "same sentence through a younger and an older model."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._weights: Weights | None = None
        self._look: Look | None = None
        self._along: tuple[Weights, ...] = ()
        self._note = ""

    def show(self, weights: Weights | None, look: Look | None, along: tuple[Weights, ...], note: str) -> None:
        """Shows whose weights are looked through.

        Args:
            weights: Those that were chosen.
            look: The last answer.
            along: All checkpoints of the run, oldest first.
            note: What is being waited for.
        """
        self._weights, self._look, self._along, self._note = weights, look, along, note
        self.refresh()

    def words(self) -> list[Word]:
        """The name, where it stands in its run, its shape."""
        if self._weights is None:
            return [Word(" no weights yet ", "weights--quiet"), Word("b", "weights--key", "screen.in_room('weights')")]
        step = self._look.step if self._look is not None and self._look.step is not None else self._weights.step
        at = "" if step is None else f" @ step {step:,}"
        what = " recorded probe of " if self._weights.is_recorded else " weights "
        found = [
            Word(what, "weights--quiet", "screen.in_room('weights')"),
            Word(f"{sanitise(self._weights.name)}{at}", "weights--name", "screen.in_room('weights')"),
        ]
        if self._weights.is_live:
            found.append(Word("  ● in training, as it is now", "weights--live"))
        return [*found, *self._place(), *self._shape()]

    def _place(self) -> list[Word]:
        if len(self._along) < 2 or self._weights is None:
            return []
        names = [(one.step if not one.is_live else None) for one in self._along]
        mine = None if self._weights.is_live else self._weights.step
        number = names.index(mine) + 1 if mine in names else len(names)
        return [
            Word("   ‹", "weights--key", "screen.in_room('back')"),
            Word(f" {number} of {len(names)} ", "weights--quiet"),
            Word("›", "weights--key", "screen.in_room('forward')"),
        ]

    def _shape(self) -> list[Word]:
        look = self._look
        if look is None or not look.layers:
            return []
        return [Word(f"   {look.layers} layers × {look.heads} heads", "weights--quiet")]

    def words_right(self) -> list[Word]:
        """What is being waited for."""
        return [Word(f" {self._note} ", "weights--live")] if self._note else []
