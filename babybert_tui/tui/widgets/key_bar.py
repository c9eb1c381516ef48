"""The keys that work here and now; each can be clicked."""

from dataclasses import dataclass
from typing import ClassVar

from babybert_tui.tui.widgets.clickable import ClickableLine, Word


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

    def show(self, hints: tuple[Hint, ...]) -> None:
        """Shows other keys from now on."""
        if hints != self._hints:
            self._hints = hints
            self.refresh()

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
