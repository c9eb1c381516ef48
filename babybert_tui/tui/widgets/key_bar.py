"""The keys that work here and now; each can be clicked."""

from dataclasses import dataclass
from typing import ClassVar

from babybert_tui.render.labels import clipped
from babybert_tui.render.palette import Palette
from babybert_tui.tui.widgets.clickable import ClickableLine, Word

_SHORTEST_NOTE = 12  # columns


@dataclass(frozen=True)
class Hint:
    """A key, what it does in a word, and the action behind it."""

    key: str
    does: str
    action: str = ""


class KeyBar(ClickableLine):
    """As many hints as fit; the first are the most important."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--does"}

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._hints: tuple[Hint, ...] = ()
        self._note = ""

    def show(self, hints: tuple[Hint, ...], note: str = "") -> None:
        """Shows other keys from now on, and at the right, where there is room, what the focus is on."""
        if (hints, note) != (self._hints, self._note):
            self._hints, self._note = hints, note
            self.refresh()

    def words_right(self) -> list[Word]:
        """The note, as far as there is room."""
        room = self.size.width - sum(len(word.text) for word in self.words()) - 1
        if not self._note or room < _SHORTEST_NOTE:
            return []
        return [Word(f"{clipped(self._note, room, Palette())} ", "keys--does")]

    def words(self) -> list[Word]:
        """The hints that fit whole; the last two always, for they are the way out and the way to all others."""
        room = self.size.width - 1
        pairs = [(hint, len(hint.key) + len(hint.does) + 3) for hint in self._hints]
        always = pairs[-2:]
        room -= sum(size for _, size in always)
        shown = []
        for hint, size in pairs[:-2]:
            if size <= room:
                room -= size
                shown.append(hint)
        found = [Word(" ")]
        for hint in [*shown, *(hint for hint, _ in always)]:
            found += [Word(hint.key, "keys--key", hint.action), Word(f" {hint.does}  ", "keys--does", hint.action)]
        return found
