"""One line of text, asked for in a dialog."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from babybert_tui.tui.inspect.text_input import TextInput
from babybert_tui.tui.screens.dialog import Dialog


class AskText(Dialog[str]):
    """Enter takes what stands there; Esc leaves all as it is.

    Args:
        title: What is asked for.
        text: What stands there at first.
        help: What may stand there.
    """

    def __init__(self, title: str, text: str, help: str) -> None:
        super().__init__()
        self._title, self._text, self._help = title, text, help

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield TextInput(self._text, select_on_focus=False)
            yield Static(Content(self._help), classes="dialog-help")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(TextInput).take_focus()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())

    @on(TextInput.Left)
    def _leave(self, event: TextInput.Left) -> None:
        event.stop()
        self.dismiss(None)
