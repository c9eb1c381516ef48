"""`?`: the pane that has the focus, in words for a learner, and all keys."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from babybert_tui.tui.screens.dialog import Dialog

KEYS = (
    ("space", "start, pause, go on"),
    (".", "paused: train one step, and see its batch; else one snapshot forward"),
    (",", "one snapshot back"),
    ("Esc", "back to the newest; out of a field"),
    ("x", "stop and save"),
    ("n", "new run with the settings in Tune"),
    ("r", "the last run once more, with its settings and its seed"),
    ("c", "go on with an earlier run, or make a finished one longer"),
    ("s", "slow motion, on and off"),
    ("t", "Tune, shown and hidden"),
    ("e", "your own sentence as the probe"),
    ("g", "losses on a log scale"),
    ("z", "freeze the view; training goes on"),
    ("p", "play: you against the baby"),
    ("v", "next figure, where one is charted"),
    ("Tab", "next pane or field; ? explains it"),
    (":", "all commands"),
    ("q", "quit; a run in training is saved"),
)


class Help(Dialog[None]):
    """Explains.

    Args:
        text: About the pane.
        keys: Those of the room, and what they do.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q,enter", "dismiss_dialog", show=False)]

    def __init__(self, text: str, keys: tuple[tuple[str, str], ...] = KEYS) -> None:
        super().__init__()
        self._text, self._keys = text, keys

    def compose(self) -> ComposeResult:
        """What it is made of."""
        keys = Content("\n").join(
            Content.assemble((f"{key:>7}", "bold $accent"), Content(f"  {does}")) for key, does in self._keys
        )
        with VerticalScroll(classes="dialog tall"):
            yield Static(Content(self._text), classes="dialog-text")
            yield Static(Content("Keys"), classes="dialog-title")
            yield Static(keys)
