"""You against the baby: ten questions, in turns a hidden word and a pair, and who was right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click
from textual.message import Message

from babybert_tui.game.score import ROUND, Score, shared_line
from babybert_tui.render.cells import Cell, Line, line_width, text_lines
from babybert_tui.render.labels import clipped, clipped_path, visible
from babybert_tui.render.palette import Palette, Role
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.game.dealer import Dealer, Dealt
from babybert_tui.tui.game.hand import Hand
from babybert_tui.tui.game.inside import Inside, inside_of
from babybert_tui.tui.game.picture import (
    choice_line,
    passage_lines,
    rules_lines,
    score_lines,
    task_line,
    verdict_lines,
)
from babybert_tui.tui.screens.dialog import Dialog
from babybert_tui.tui.widgets.key_bar import Hint, KeyBar
from babybert_tui.tui.widgets.lines import Lines

_ROOMY = 26  # lines; with fewer, nothing is left empty
_MOST_CHOICES = 5


class GameTable(Lines):
    """Everything of the game, redrawn as a whole; a click on a choice chooses it."""

    @dataclass
    class Pointed(Message):
        """A choice was clicked; None: somewhere else."""

        index: int | None

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._hand: Hand | None = None
        self._score = Score()
        self._here = 0
        self._message = ""
        self._first_choice = 0

    def show(self, hand: Hand | None, score: Score, here: int, message: str) -> None:
        """Shows a question.

        Args:
            hand: The question, if there is one.
            score: Of the round so far.
            here: The choice under the cursor.
            message: What is being waited for, or wrong.
        """
        self._hand, self._score, self._here, self._message = hand, score, here, message
        self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Title, task, text, choices, verdict, score."""
        hand = self._hand
        title = self._heading(hand, width, palette)
        if hand is None:
            return [title, [], *text_lines(sanitise(self._message), width, palette)][:height]
        gap: list[Line] = [[]] if height >= _ROOMY else []
        top = [title, *gap, task_line(hand, width, palette), *gap, *passage_lines(hand, width, palette)]
        top += gap
        self._first_choice = len(top)
        choices = [
            choice_line(hand, index, width, palette, is_here=index == self._here) for index in range(len(hand.choices))
        ]
        verdict = [*gap, *verdict_lines(hand, width, palette)]
        score = score_lines(self._score, width, palette) if self._score.answered else rules_lines(width, palette)
        lines = [*top, *choices, *verdict]
        lines += [[]] * max(0, min(2, height - len(lines) - len(score)))
        return [*lines, *score][:height]

    def _heading(self, hand: Hand | None, width: int, palette: Palette) -> Line:
        left = [Cell("You against the baby", palette.text(Role.HEADING))]
        if hand is None:
            return left
        number = len(self._score.answered) + hand.is_open
        left.append(Cell(f"  the baby is {clipped(visible(hand.name), width // 3, palette)}", palette.text(Role.BAR)))
        right = f"{number} of {ROUND} · held-out {clipped_path(visible(hand.corpus), width // 5, palette)} "
        return [
            *left,
            Cell(" " * max(2, width - line_width(left) - cell_len(right))),
            Cell(right, palette.text(Role.MUTED)),
        ]

    def on_click(self, event: Click) -> None:
        """Chooses, or goes on."""
        count = len(self._hand.choices) if self._hand is not None else 0
        index = event.y - self._first_choice
        self.post_message(self.Pointed(index if 0 <= index < count else None))


class Play(Dialog[Inside]):
    """Deals, takes answers, keeps the score.

    Args:
        dealer: Makes the dealer, given where it is to post.
    """

    CSS_PATH: ClassVar[str] = "../game/game.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(index + 1), f"choose({index})", show=False) for index in range(_MOST_CHOICES)),
        Binding("up,left", "move(-1)", show=False),
        Binding("down,right,tab", "move(1)", show=False),
        Binding("enter,space", "enter", show=False),
        Binding("i", "inside", show=False),
        Binding("y", "copy", show=False),
        Binding("n", "again", show=False),
        Binding("q", "dismiss_dialog", show=False),
    ]

    def __init__(self, dealer: Callable[[Callable[[Message], object]], Dealer]) -> None:
        super().__init__()
        self._make_dealer = dealer
        self._hand: Hand | None = None
        self._score = Score()
        self._here = 0
        self._dealt = 0
        self._is_waiting = False
        self._message = "shuffling … (the first time, the text is read)"

    @property
    def hand(self) -> Hand | None:
        """The question on the table."""
        return self._hand

    @property
    def score(self) -> Score:
        """Of the round so far."""
        return self._score

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog game"):
            yield GameTable(id="table")
            yield KeyBar(id="game-keys")

    def on_mount(self) -> None:
        """The first question."""
        self._dealer = self._make_dealer(self.post_message)
        self._next()

    def on_unmount(self) -> None:
        """Nobody deals any more."""
        self._dealer.end()

    def _next(self) -> None:
        """The next question; after a failure, another try."""
        self._dealer.deal(self._dealt)
        self._dealt += 1
        self._is_waiting = True
        self._show()

    def _show(self) -> None:
        self.query_one(GameTable).show(self._hand, self._score, self._here, self._message)
        self.query_one(KeyBar).show(self._hints())

    def _hints(self) -> tuple[Hint, ...]:
        copy = (Hint("y", "copy the score", "screen.copy"),) if self._score.answered else ()
        leave = (*copy, Hint("Esc", "leave", "screen.dismiss_dialog"))
        if self._hand is None:
            return leave if self._is_waiting else (Hint("Enter", "try again", "screen.enter"), *leave)
        if self._hand.is_open:
            return Hint(f"1–{len(self._hand.choices)}", "choose"), Hint("↑↓", "move"), Hint("Enter", "choose"), *leave
        inside = Hint("i", "look inside", "screen.inside")
        if self._score.is_over:
            return Hint("n", "another round", "screen.again"), inside, *leave
        return Hint("Enter", "next", "screen.enter"), inside, *leave

    @on(Dealt)
    def _show_hand(self, event: Dealt) -> None:
        event.stop()
        self._hand, self._message, self._here, self._is_waiting = event.hand, event.failure, 0, False
        self._show()

    def action_choose(self, index: int) -> None:
        """Answers."""
        hand = self._hand
        if hand is not None and hand.is_open and index < len(hand.choices):
            self._hand = hand.with_choice(index)
            self._score = self._score.with_answer(self._hand.answered)
            self._show()

    def action_move(self, by: int) -> None:
        """Another choice under the cursor."""
        if self._hand is not None and self._hand.is_open:
            self._here = (self._here + by) % len(self._hand.choices)
            self._show()

    def action_enter(self) -> None:
        """Answers with what is under the cursor; once answered, the next question; after a failure, another try."""
        hand = self._hand
        if hand is not None and hand.is_open:
            self.action_choose(self._here)
        elif not self._score.is_over and not self._is_waiting:
            self._next()

    def action_again(self) -> None:
        """Another round, once this one is over."""
        if self._score.is_over:
            self._score, self._hand = Score(), None
            self._next()

    @on(GameTable.Pointed)
    def _pointed(self, event: GameTable.Pointed) -> None:
        event.stop()
        if self._hand is None or not self._hand.is_open:
            self.action_enter()
        elif event.index is not None:
            self.action_choose(event.index)

    def action_copy(self) -> None:
        """The score in one line."""
        if self._hand is not None and self._score.answered:
            line = sanitise(shared_line(self._score, self._hand.name, self._hand.corpus))
            self.app.copy_to_clipboard(line)
            self.app.notify(line, title="Copied", markup=False)

    def action_inside(self) -> None:
        """Leaves the table, and looks at the question in Inspect."""
        if self._hand is not None and not self._hand.is_open:
            self.dismiss(inside_of(self._hand))
