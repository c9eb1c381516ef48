"""Making a finished run longer: how many steps it is to have altogether."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from babybert_tui.sanitise import sanitise
from babybert_tui.settings import parse, problem
from babybert_tui.tui.screens.dialog import Dialog
from babybert_tui.tui.widgets.field import Field


class Extend(Dialog[int]):
    """Enter takes the number that stands in the field, if it is more than there are.

    Args:
        run: Its name.
        length: The steps that it has.
    """

    def __init__(self, run: str, length: int) -> None:
        super().__init__()
        self._run, self._length = run, length

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog"):
            title = f"{sanitise(self._run)} is finished: {self._length:,} steps. How many shall it have altogether?"
            yield Static(Content(title), classes="dialog-title")
            yield Field(str(2 * self._length), id="steps", compact=True)
            yield Static("", id="steps-error", classes="setting-error")
            yield Static(
                Content("Enter: go on to there · Esc: leave it as it is. Its settings and its past stay."),
                classes="dialog-help",
            )

    def on_mount(self) -> None:
        """Ready to type another number."""
        self.query_one("#steps", Field).take_focus()

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        try:
            steps = parse("max_steps", event.value)
        except ValueError as error:
            self._complain(str(error))
            return
        wrong = problem("max_steps", steps)
        if wrong is None and steps <= self._length:
            wrong = f"It has {self._length:,} already: more than that, please."
        if wrong is not None:
            self._complain(wrong)
        else:
            self.dismiss(steps)

    def _complain(self, wrong: str) -> None:
        error = self.query_one("#steps-error", Static)
        error.update(Content(sanitise(wrong)))
        error.display = True
