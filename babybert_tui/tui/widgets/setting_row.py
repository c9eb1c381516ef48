"""A setting with its name, its input, and what is wrong with what is typed."""

from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from babybert_tui.settings import declaration, is_optional, setting_type
from babybert_tui.tui.setting_words import explanation, short_label
from babybert_tui.tui.widgets.setting_field import ChoiceField, TypedField
from babybert_tui.tui.widgets.unscrolled import Column, Row


class SettingRow(Column):
    """One setting.

    Args:
        name: Its name, or "preset".
        value: Its value.
    """

    def __init__(self, name: str, value: Any) -> None:
        super().__init__(id=f"row-{name}")
        self.setting = name
        self._value = value
        self._is_live = name != "preset" and declaration(name).live
        self.learner_help = f"{short_label(name)}: {explanation(name)}"
        self.tooltip = explanation(name)

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Row():
            yield Static(Content(short_label(self.setting)), classes="setting-label")
            is_chosen = self.setting in ("preset", "corpus") or is_choice(self.setting)
            yield (ChoiceField if is_chosen else TypedField)(self.setting, self._value)
        yield Static(classes="setting-error")

    @property
    def field(self) -> ChoiceField | TypedField:
        """The input."""
        return self.query_one("ChoiceField, TypedField")  # type: ignore[return-value]

    def show(self, value: Any) -> None:
        """Shows another value."""
        self.field.show(value)
        self.complain("")

    def complain(self, wrong: str) -> None:
        """Says what is wrong under the field; "" is nothing."""
        error = self.query_one(".setting-error", Static)
        error.update(Content(wrong.removeprefix(f"{self.setting} ")))
        error.display = bool(wrong)

    def mark_live(self, *, is_training: bool) -> None:
        """While training, a dot says which settings act at once."""
        label = self.query_one(".setting-label", Static)
        label.update(Content(short_label(self.setting) + (" ●" if self._is_live and is_training else "")))


def is_choice(name: str) -> bool:
    """Whether a setting is chosen from a list."""
    return bool(declaration(name).choices) or (setting_type(name) is bool and not is_optional(name))
