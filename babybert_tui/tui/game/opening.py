"""Opens the game over the bench, and Inspect where a question is to be looked at from inside."""

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from babybert_tui.tui.game.dealer import Dealer
from babybert_tui.tui.game.inside import Inside
from babybert_tui.tui.inspect.pane import InspectPane
from babybert_tui.tui.inspect.whose import WhoseWeights
from babybert_tui.tui.screens.play import Play

if TYPE_CHECKING:
    from babybert_tui.tui.app import BabyBertApp


def open_game(app: "BabyBertApp", seed: int | None = None) -> None:
    """Whose weights play: those that Inspect shows where it is open, else those in training, else the newest.

    Args:
        app: The app.
        seed: Of the questions; None for others each time.
    """
    room = app.bench.room_widget
    chosen = room.question.weights if isinstance(room, InspectPane) else None
    whose = WhoseWeights(app)
    whose.has_chosen = chosen is not None and not chosen.is_live
    number = secrets.randbelow(1 << 31) if seed is None else seed

    def dealer(post: Callable[[Message], object]) -> Dealer:
        trainer = app.trainer
        return Dealer(post, lambda: whose.follow(chosen), lambda: trainer.session, app.texts, number)

    async def look_inside(inside: Inside | None) -> None:
        if inside is not None:
            await app.bench.action_room("inspect")
            pane = app.bench.query_one(InspectPane)
            pane.call_after_refresh(pane.look_inside, inside)

    app.push_screen(Play(dealer), look_inside)
