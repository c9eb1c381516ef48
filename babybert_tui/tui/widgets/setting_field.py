"""Inputs for settings: a typed one for numbers and texts, and one that opens a list of choices."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.segment import Segment
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click, Key
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from babybert_tui.render.labels import clipped_path, fitted
from babybert_tui.render.palette import Palette
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import declaration, parse, problem, setting_type
from babybert_tui.tui.widgets.field import Field

_FINE = (1.0, 2.0, 3.0, 5.0)  # the values of a decade that ↑ and ↓ go through
_SMALL_COUNT = 128  # whole numbers up to here go one by one
_SHARE_STEP = 0.05


@dataclass
class SettingApplied(Message):
    """The user has given a setting a value that fits."""

    name: str
    value: Any


@dataclass
class SettingTyped(Message):
    """What stands in a field has changed; `wrong` says what is wrong with it."""

    name: str
    wrong: str


def text_of_value(value: Any) -> str:
    """A value as it stands in a field; None is empty, and means automatic."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else sanitise(str(value))


def stepped(name: str, value: Any, direction: int) -> Any:
    """The next value up (1) or down (-1): one more, the next power of two, the next of 1, 2, 3, 5 of a decade."""
    known, kind = declaration(name), setting_type(name)
    if kind is float and known.maximum is not None and known.maximum <= 1:
        found: float = round(value + direction * _SHARE_STEP, 6)
    elif kind is int and (known.maximum or math.inf) <= _SMALL_COUNT:
        found = value + direction
    elif kind is int and value > 1 and value & (value - 1) == 0:
        found = value * 2 if direction > 0 else value // 2
    else:
        found = _neighbour(value, direction) if value > 0 else float(direction > 0)
    found = kind(found)
    return value if problem(name, found) else found


def _neighbour(value: float, direction: int) -> float:
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    ladder = [step * decade * scale for scale in (0.1, 1, 10) for step in _FINE]
    if direction > 0:
        return next(step for step in ladder if step > value * 1.0001)
    return next(step for step in reversed(ladder) if step < value * 0.9999)


class TypedField(Field):
    """Takes a value on Enter, and never before; Esc puts back what was there.

    Args:
        setting: Its name.
        value: Its value now.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(1)", show=False),
        Binding("down", "step(-1)", show=False),
        Binding("escape", "restore", show=False),
    ]

    def __init__(self, setting: str, value: Any) -> None:
        automatic = "auto" if declaration(setting).automatic else ""
        super().__init__(text_of_value(value), placeholder=automatic, compact=True, id=f"field-{setting}")
        self.setting = setting
        self._applied = value

    def show(self, value: Any) -> None:
        """Puts a value in the field that came from elsewhere."""
        self._applied = value
        self.value = text_of_value(value)

    def read(self) -> tuple[Any, str]:
        """The value that stands there, and what is wrong with it."""
        try:
            value = parse(self.setting, self.value)
        except ValueError as error:
            return None, str(error)
        if isinstance(value, int) and setting_type(self.setting) is float:
            value = float(value)
        return value, problem(self.setting, value) or ""

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(SettingTyped(self.setting, self.read()[1]))

    async def action_submit(self) -> None:
        """Applies, and gives the focus back."""
        value, wrong = self.read()
        if wrong:
            self.post_message(SettingTyped(self.setting, wrong))
            return
        self.show(value)
        self.screen.set_focus(None)
        self.post_message(SettingApplied(self.setting, value))

    async def on_key(self, event: Key) -> None:
        """No number has a question mark in it: there it explains, as everywhere else."""
        if event.key == "question_mark" and setting_type(self.setting) is not str:
            event.stop()
            event.prevent_default()
            await self.app.run_action("explain")

    def action_step(self, direction: int) -> None:
        """One step up or down from what stands there."""
        value, wrong = self.read()
        if setting_type(self.setting) is str or value is None or wrong:
            return
        self.value = text_of_value(stepped(self.setting, value, direction))
        self.action_select_all()

    def action_restore(self) -> None:
        """Puts back what was applied last, and leaves."""
        self.value = text_of_value(self._applied)
        self.screen.set_focus(None)

    def on_blur(self) -> None:
        """What was typed and not applied is not kept: the field always shows what holds."""
        self.value = text_of_value(self._applied)


class ChoiceField(Widget, can_focus=True):
    """Shows a value; Enter or a click asks for the list of the others. Space is left to the app.

    Args:
        setting: Its name, or "preset".
        value: What is chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", show=False),
        Binding("escape", "leave", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--arrow"}

    @dataclass
    class Opened(Message):
        """The list is wanted."""

        name: str

    def __init__(self, setting: str, value: Any) -> None:
        super().__init__(id=f"field-{setting}")
        self.setting = setting
        self._value = value

    def show(self, value: Any) -> None:
        """Shows another value."""
        self._value = value
        self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002 - there is only one
        """The value, and a sign that there are others."""
        width, base = self.size.width, self.rich_style
        room = max(0, width - 2)
        text = fitted(clipped_path(text_of_value(self._value) or "auto", room, Palette()), room, Palette())
        arrow = base + self.get_component_rich_style("choice--arrow")
        return Strip([Segment(text, base), Segment(" ▾", arrow)]).adjust_cell_length(width, base)

    def action_open(self) -> None:
        """Asks for the list."""
        self.post_message(self.Opened(self.setting))

    def action_leave(self) -> None:
        """Gives the focus back."""
        self.screen.set_focus(None)

    def on_click(self, event: Click) -> None:
        """As Enter."""
        event.stop()
        self.focus()
        self.action_open()
