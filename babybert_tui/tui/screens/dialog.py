"""The frame of everything that stands over the bench for a moment."""

from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """Esc leaves it without a result."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss_dialog", "Close")]

    def action_dismiss_dialog(self) -> None:
        """Leaves without a result."""
        self.dismiss(None)
