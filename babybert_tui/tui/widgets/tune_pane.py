"""Tune: the settings of the next run, and of the one in training where they may change."""

from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from babybert_tui.settings import SECTIONS, Settings, declaration, setting_names
from babybert_tui.tui.previewer import Outlook
from babybert_tui.tui.widgets.estimate import Estimate
from babybert_tui.tui.widgets.setting_field import SettingTyped
from babybert_tui.tui.widgets.setting_row import SettingRow
from babybert_tui.tui.widgets.unscrolled import Box

_NOT_HERE = frozenset({"run"})  # runs name themselves here


class Fold(Static, can_focus=True):
    """Opens and shuts what follows it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "fold", show=False),
        Binding("escape", "leave", show=False),
    ]

    def action_fold(self) -> None:
        """Opens or shuts."""
        pane = self.query_ancestor(TunePane)
        pane.fold(is_open=not pane.is_open)
        pane.post_message(TunePane.Folded(is_open=pane.is_open))

    def action_leave(self) -> None:
        """Gives the focus back."""
        self.screen.set_focus(None)

    def on_click(self) -> None:
        """As Enter."""
        self.action_fold()


class TunePane(Container, Box):
    """The main settings, the others folded away; below or beside them, what they would make."""

    learner_help = (
        "These are the settings of the next run. Tab goes from one to the next, Enter applies what you typed, Esc puts "
        "back what was there, and the arrow keys go up and down in steps that make sense.\n\n"
        "While a model is in training, settings with a dot ● act on it at once; the chart marks the step. The others "
        "wait for a new run (n)."
    )

    @dataclass
    class Folded(Message):
        """The settings that matter less were opened, or shut."""

        is_open: bool

    def __init__(self, settings: Settings, preset: str, *, id: str) -> None:
        super().__init__(id=id)
        self._settings = settings
        self._preset = preset
        self.is_open = False
        self._is_training = False

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with VerticalScroll(id="settings", can_focus=False):
            yield SettingRow("preset", self._preset)
            for name in setting_names():
                if declaration(name).main:
                    yield SettingRow(name, getattr(self._settings, name))
            yield Fold(Content("▸ all settings"), id="fold")
        yield Estimate(id="estimate")

    def on_mount(self) -> None:
        """What is wrong is said when something is."""
        for error in self.query(".setting-error"):
            error.display = False

    def show(self, settings: Settings, preset: str) -> None:
        """Shows other settings, and the name of the preset that they are or come from."""
        self._settings, self._preset = settings, preset
        for row in self.query(SettingRow):
            row.show(preset if row.setting == "preset" else getattr(settings, row.setting))

    def show_outlook(self, outlook: Outlook) -> None:
        """Shows what they would make; passed over where the pane is not yet filled, or being taken down."""
        for estimate in self.query(Estimate):
            estimate.show(outlook)

    def mark_live(self, *, is_training: bool) -> None:
        """Says which settings act at once."""
        if is_training != self._is_training:
            self._is_training = is_training
            for row in self.query(SettingRow):
                row.mark_live(is_training=is_training)

    def complain(self, name: str, wrong: str) -> None:
        """Says what is wrong with a setting."""
        self.query_one(f"#row-{name}", SettingRow).complain(wrong)

    def fold(self, *, is_open: bool) -> None:
        """Opens or shuts the settings that matter less."""
        self.is_open = is_open
        fold = self.query_one("#fold", Fold)
        fold.update(Content("▾ all settings" if is_open else "▸ all settings"))
        if not is_open:
            self.query(".folded").remove()
            return
        rows: list[Static | SettingRow] = []
        for section in SECTIONS:
            names = [name for name in setting_names() if _is_folded(name, section)]
            if names:
                rows.append(Static(Content(section), classes="folded setting-section"))
            for name in names:
                row = SettingRow(name, getattr(self._settings, name))
                row.add_class("folded")
                rows.append(row)
        self.query_one("#settings").mount_all(rows, after=fold)
        self.call_after_refresh(self.on_mount)

    def focus_first(self) -> None:
        """For the keyboard: the first field."""
        self.query(SettingRow).first().field.focus()

    @on(SettingTyped)
    def _show_wrong(self, event: SettingTyped) -> None:
        event.stop()
        self.complain(event.name, event.wrong)

    def value(self, name: str) -> Any:
        """What a setting is now."""
        return getattr(self._settings, name)


def _is_folded(name: str, section: str) -> bool:
    known = declaration(name)
    return known.section == section and not known.main and name not in _NOT_HERE
