"""From a question of the game to what Inspect looks at."""

from dataclasses import dataclass

from babybert_tui.game.items import Task
from babybert_tui.game.wording import written
from babybert_tui.tui.game.hand import Hand

_SPECIAL = frozenset({"[CLS]", "[SEP]", "[PAD]"})


@dataclass(frozen=True)
class Inside:
    """A question to be looked at from inside.

    Attributes:
        text_a: The first text, nothing hidden.
        text_b: The second one.
        masks: Positions to hide.
        follows: Whether B follows A.
    """

    text_a: str
    text_b: str
    masks: tuple[int, ...]
    follows: bool | None


def inside_of(hand: Hand) -> Inside:
    """An answered question as Inspect takes it."""
    item = hand.card.item
    ids = item.ids.copy()
    if item.position is not None:
        ids[item.position] = item.choices[item.truth]
    sides = [
        [hand.pieces[number] for number, of in zip(ids.tolist(), item.segments.tolist(), strict=True) if of == segment]
        for segment in (0, 1)
    ]
    text_a, text_b = ("".join(written([piece for piece in side if piece not in _SPECIAL])).strip() for side in sides)
    masks = () if item.position is None else (item.position,)
    return Inside(text_a, text_b, masks, item.truth == 0 if item.task is Task.PAIR else None)
