"""Choosing a text of one's own, by its path or from the tree."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DirectoryTree, Input, Static
from textual.widgets._directory_tree import DirEntry
from textual.widgets._tree import TreeNode

from babybert_tui.corpora.finding import SUFFIXES
from babybert_tui.corpora.opening import require_corpus
from babybert_tui.errors import BabyBertError
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.screens.dialog import Dialog
from babybert_tui.tui.widgets.field import Field


class _Texts(DirectoryTree):
    """Folders and text files, their names safe to show."""

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Leaves out hidden files and what is no text."""
        return [path for path in paths if not path.name.startswith(".") and (_is_text(path) or path.is_dir())]

    def render_label(self, node: TreeNode[DirEntry], base_style: Style, style: Style) -> Text:
        """The name without anything that acts on a terminal."""
        shown = super().render_label(node, base_style, style)
        return Text(sanitise(shown.plain), style=shown.style, spans=shown.spans)


def _is_text(path: Path) -> bool:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    return bool(suffixes) and (suffixes[-1] in SUFFIXES or (suffixes[-1] == ".gz" and suffixes[0] in SUFFIXES))


class PickCorpus(Dialog[str]):
    """Enter takes the path that stands in the field; the tree puts one there.

    Args:
        folder: Where the tree begins.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("down", "app.focus_next", show=False)]

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog tall"):
            yield Static(
                Content("A text of your own: .txt .md .jsonl .csv, also .gz; a folder; or hub:NAME"),
                classes="dialog-title",
            )
            yield Field(placeholder="path", id="path", compact=True)
            yield Static("", id="path-error", classes="setting-error")
            yield _Texts(self._folder)
            yield Static(Content("Tab: tree · Enter: take it · Esc: leave it"), classes="dialog-help")

    def on_mount(self) -> None:
        """Ready to type a path."""
        self.query_one("#path", Field).take_focus()

    @on(DirectoryTree.FileSelected)
    def _take_file(self, event: DirectoryTree.FileSelected) -> None:
        event.stop()
        self._take(str(event.path))

    @on(DirectoryTree.DirectorySelected)
    def _show_folder(self, event: DirectoryTree.DirectorySelected) -> None:
        self.query_one("#path", Input).value = str(event.path)

    @on(Input.Submitted)
    def _take_typed(self, event: Input.Submitted) -> None:
        self._take(event.value.strip())

    def _take(self, name: str) -> None:
        try:
            require_corpus(name)  # a folder may be large: whoever reads it looks into it, on another thread
        except BabyBertError as error:
            self.query_one("#path-error", Static).update(Content(sanitise(str(error))))
        else:
            self.dismiss(name)
