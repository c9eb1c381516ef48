"""A list to choose from."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from babybert_tui.sanitise import sanitise
from babybert_tui.tui.screens.dialog import Dialog


@dataclass(frozen=True)
class Offer:
    """Something to choose."""

    value: str
    help: str = ""


class Choose(Dialog[str]):
    """Enter or a click chooses; Esc leaves all as it is.

    Args:
        title: What is chosen.
        offers: From what.
        chosen: What is chosen now.
    """

    def __init__(self, title: str, offers: list[Offer], chosen: str = "") -> None:
        super().__init__()
        self._title, self._offers, self._chosen = title, offers, chosen

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield OptionList(*(Option(self._shown(offer)) for offer in self._offers))

    def on_mount(self) -> None:
        """Begins at what is chosen now."""
        values = [offer.value for offer in self._offers]
        options = self.query_one(OptionList)
        options.highlighted = values.index(self._chosen) if self._chosen in values else 0
        options.focus()

    def _shown(self, offer: Offer) -> Content:
        name = Content.styled(sanitise(offer.value), "bold")
        return name + Content.styled(f"  {sanitise(offer.help)}", "dim") if offer.help else name

    @on(OptionList.OptionSelected)
    def _leave(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offers[event.option_index].value)
