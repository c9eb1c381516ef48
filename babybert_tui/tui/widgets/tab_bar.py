"""The rooms of the app, and what stands in them."""

from typing import ClassVar

from babybert_tui.tui.widgets.clickable import ClickableLine, Word


class TabBar(ClickableLine):
    """One line: the rooms at the left, the run at the right."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--here", "tabs--other", "tabs--note"}

    def __init__(self, rooms: tuple[tuple[str, str], ...], *, id: str) -> None:
        super().__init__(id=id)
        self._rooms = rooms
        self._here = rooms[0][0]
        self._tune = ""
        self._note = ""

    def show(self, here: str, *, tune: str, note: str) -> None:
        """What is open.

        Args:
            here: The room's id.
            tune: "", "open" or "shut": whether Tune stands among the rooms, and covers them.
            note: The run at hand.
        """
        if (here, tune, note) != (self._here, self._tune, self._note):
            self._here, self._tune, self._note = here, tune, note
            self.refresh()

    def words(self) -> list[Word]:
        """The rooms."""
        found = [Word(" ")]
        for number, (room, name) in enumerate(self._rooms, start=1):
            is_here = room == self._here and self._tune != "open"
            found += [self._tab(f"{number}·{name}", f"screen.room('{room}')", is_here=is_here), Word(" ")]
        if self._tune:
            found.append(self._tab("t·Tune", "screen.tune", is_here=self._tune == "open"))
        return found

    def words_right(self) -> list[Word]:
        """The run."""
        return [Word(f"{self._note} ", "tabs--note")]

    @staticmethod
    def _tab(text: str, action: str, *, is_here: bool) -> Word:
        return Word(f" {text} ", "tabs--here" if is_here else "tabs--other", action)
