"""The fields for A and B, and what is known of the words in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.labels import clipped, visible
from babybert_tui.render.palette import Palette, Role
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.question import Draft
from babybert_tui.tui.widgets.field import Field
from babybert_tui.tui.widgets.lines import Lines

_WORD = re.compile(r"\w+|[^\w\s]")  # as BERT's tokenizer cuts: punctuation stands alone
_UNKNOWN = Style(color=Palette().text(Role.UNKNOWN).foreground, underline=True, bold=True)


class UnknownWords(Highlighter):
    """Underlines the words that the vocabulary does not have."""

    def __init__(self) -> None:
        self.words: frozenset[str] = frozenset()

    def highlight(self, text: Text) -> None:
        """Marks them wherever they stand as words of their own."""
        for match in _WORD.finditer(text.plain):
            if match[0] in self.words:
                text.stylize(_UNKNOWN, match.start(), match.end())


class TextInput(Field):
    """One line of text that is safe to show; Enter applies, Esc restores.

    Args:
        left_by: Takes the focus when Enter was pressed, at once: what comes next is a key and no text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "restore", show=False),
    ]

    @dataclass
    class Left(Message):
        """Esc: nothing of what was typed is to stay."""

    def __init__(self, value: str = "", *, left_by: Callable[[], None] | None = None, **more: Any) -> None:
        super().__init__(value, compact=True, **more)
        self._left_by = left_by

    def validate_value(self, value: str) -> str:
        """Nothing that acts on a terminal, also where it was pasted."""
        return sanitise(value)

    async def action_submit(self) -> None:
        """Applies, and leaves."""
        await super().action_submit()
        if self._left_by is not None:
            self._left_by()

    def action_restore(self) -> None:
        """Leaves without applying."""
        self.post_message(self.Left())


class WordsView(Lines):
    """Which of the words typed the vocabulary does not have, and what they become."""

    learner_help = (
        "Words that the model's vocabulary does not have as a whole. They are cut into pieces that it has (## "
        "continues a word), or become [UNK], unknown, where none fits."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._draft: Draft | None = None
        self._note = ""

    def show(self, draft: Draft | None, note: str) -> None:
        """Shows what is known of a draft; where all is well, a note."""
        if draft != self._draft or note != self._note:
            self._draft, self._note = draft, note
            self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """One line."""
        draft = self._draft
        if draft is None or not draft.unknown:
            said = f" {self._note}" if draft is None or self._note else f" all {draft.words} words are known"
            return [[Cell(clipped(sanitise(said), width, palette), palette.text(Role.MUTED))]][:height]
        found = "; ".join(f"{visible(one.word)} → {visible(' '.join(one.pieces))}" for one in draft.unknown)
        words = f" {len(draft.unknown)} of {draft.words} words unknown: {found}"
        return [[Cell(clipped(words, width, palette), palette.text(Role.UNKNOWN))]][:height]


class Texts(Container):
    """Both fields.

    Args:
        left_by: Takes the focus when a text was applied.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab,down,shift+tab,up", "other", show=False)]

    learner_help = (
        "The text that the model looks at: one sentence (A), or two (A and B). [MASK] typed in it hides a word that "
        "nobody knows. Enter looks, Esc leaves it as it was, Tab goes to the other field."
    )

    @dataclass
    class Applied(Message):
        """The texts to look at from now on."""

        text_a: str
        text_b: str

    @dataclass
    class Typed(Message):
        """The texts as they stand in the fields now."""

        text_a: str
        text_b: str

    @dataclass
    class Closed(Message):
        """The focus is to go back; what was typed was put back."""

    def __init__(self, *, id: str, left_by: Callable[[], None]) -> None:
        super().__init__(id=id)
        self._texts = ("", "")
        self._unknown = UnknownWords()
        self._left_by = left_by

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Horizontal(classes="text-row"):
            yield Static(Content(" A▸"), classes="text-label label-a")
            yield self._field("a", "a sentence (e types)")
        with Horizontal(classes="text-row"):
            yield Static(Content(" B▸"), classes="text-label label-b")
            yield self._field("b", "the sentence after it, or nothing")

    def _field(self, side: str, hint: str) -> TextInput:
        return TextInput(id=f"inspect-{side}", placeholder=hint, highlighter=self._unknown, left_by=self._left_by)

    def _input(self, side: str) -> TextInput:
        return self.query_one(f"#inspect-{side}", TextInput)

    @property
    def _typed(self) -> tuple[str, str]:
        return self._input("a").value, self._input("b").value

    def show(self, text_a: str, text_b: str) -> None:
        """Puts the texts in force in the fields, unless somebody is typing."""
        self._texts = text_a, text_b
        if not self.has_focus_within:
            self._restore()

    def _restore(self) -> None:
        for side, text in zip("ab", self._texts, strict=True):
            self._input(side).value = text

    def mark(self, words: frozenset[str]) -> None:
        """Marks words that the vocabulary does not have."""
        if words != self._unknown.words:
            self._unknown.words = words
            for side in "ab":
                self._input(side).refresh()

    def begin(self, side: str = "a") -> None:
        """Ready to type."""
        self._input(side).take_focus()

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_focus_within:
            self.post_message(self.Typed(*self._typed))

    @on(Input.Submitted)
    def _apply(self, event: Input.Submitted) -> None:
        event.stop()
        shown = tuple(map(sanitise, self._texts))
        # What is shown of a text is safe; what the model reads is the text itself, as long as nobody changed it.
        typed = tuple(
            old if new == safe else new for old, safe, new in zip(self._texts, shown, self._typed, strict=True)
        )
        self._texts = typed[0], typed[1]
        self.post_message(self.Applied(*self._texts))

    @on(TextInput.Left)
    def _leave(self, event: TextInput.Left) -> None:
        event.stop()
        self._restore()
        self.post_message(self.Closed())

    def action_other(self) -> None:
        """The other text."""
        self._input("b" if self.screen.focused is self._input("a") else "a").take_focus()
