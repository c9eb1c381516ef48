"""A question that is answered with one key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from babybert_tui.tui.screens.dialog import Dialog
from babybert_tui.tui.widgets.clickable import ClickableLine, Word


class _Answers(ClickableLine):
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--does"}

    def __init__(self, yes: str, no: str) -> None:
        super().__init__()
        self._yes, self._no = yes, no

    def words(self) -> list[Word]:
        """Both answers, clickable."""
        return [
            Word("Enter", "keys--key", "screen.answer(True)"),
            Word(f" {self._yes}    ", "keys--does", "screen.answer(True)"),
            Word("Esc", "keys--key", "screen.answer(False)"),
            Word(f" {self._no}", "keys--does", "screen.answer(False)"),
        ]


class Confirm(Dialog[bool]):
    """Enter, y or the key that asked means yes; Esc or n means no.

    Args:
        question: What is asked.
        yes: What Enter does, in a word or two.
        no: What Esc does.
        key: The key that led here: pressing it twice is a yes.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
    ]

    def __init__(self, question: str, *, yes: str, no: str, key: str) -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no
        self._bindings.bind(key, "answer(True)", show=False)

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="dialog-text")
            yield _Answers(self._yes, self._no)

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - called by a binding
        """Leaves with the answer."""
        self.dismiss(answer)
