"""Typing a probe of one's own."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from babybert_tui.tui.screens.dialog import Dialog
from babybert_tui.tui.typed_probe import ProbeText
from babybert_tui.tui.widgets.field import Field


class EditProbe(Dialog[ProbeText]):
    """Two lines, A and B; Enter pins what stands in them.

    Args:
        text: What stands there at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, text: ProbeText) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog"):
            yield Static(Content("Your sentence, asked again while the model learns"), classes="dialog-title")
            yield Field(self._text.text_a, placeholder="A: anna gave the {cake} to lily .", id="text-a", compact=True)
            yield Field(self._text.text_b, placeholder="B, or empty: he ate {it} .", id="text-b", compact=True)
            yield Static("", id="probe-error", classes="setting-error")
            yield Static(
                Content(
                    "{braces} hide a word and remember it; [MASK] hides one that nobody knows; with neither, words are "
                    "hidden as in training. Tab: other line · Enter: pin · Esc: leave it · both empty: the run's own."
                ),
                classes="dialog-help",
            )

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one("#text-a", Field).take_focus()

    @on(Input.Submitted)
    def _pin(self) -> None:
        text = ProbeText(*(self.query_one(f"#text-{side}", Input).value.strip() for side in "ab"))
        if text.has_loose_braces:
            error = self.query_one("#probe-error", Static)
            error.update(Content("A brace is open, or closed twice: each hidden word stands in a pair, {so}."))
            error.display = True
        else:
            self.dismiss(text)
