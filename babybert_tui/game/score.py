"""Who was right how often."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from babybert_tui.game.items import Task

ROUND = 10  # questions


class Player(StrEnum):
    """Who answers."""

    YOU = "you"
    BABY = "baby"
    COUNTING = "counting"
    GUESSING = "guessing"


@dataclass(frozen=True)
class Answered:
    """A question that is over: which task it was, and who was right; who did not answer is not there."""

    task: Task
    right: Mapping[Player, bool]


@dataclass(frozen=True)
class Score:
    """All questions so far."""

    answered: tuple[Answered, ...] = ()

    def with_answer(self, one: Answered) -> "Score":
        """One question more."""
        return replace(self, answered=(*self.answered, one))

    @property
    def is_over(self) -> bool:
        """Whether the round is complete."""
        return len(self.answered) >= ROUND

    def of(self, player: Player, task: Task | None = None) -> tuple[int, int]:
        """Right answers, and answers; of one task or of both."""
        theirs = [one.right[player] for one in self.answered if player in one.right and task in (None, one.task)]
        return sum(theirs), len(theirs)

    def squares(self, player: Player) -> str:
        """One square a question: filled where the player was right."""
        signs = {True: "■", False: "□", None: "·"}
        return "".join(signs[one.right.get(player)] for one in self.answered)


def shared_line(score: Score, model: str, corpus: str) -> str:
    """The result in one line, to be shown to others.

    Args:
        score: Of the round.
        model: Whose weights, in words.
        corpus: What text was played with.
    """
    parts = []
    for player in Player:
        right, count = score.of(player)
        if count:
            parts.append(f"{_named(player, model)} {right}/{count} {score.squares(player)}".rstrip())
    return f"BERT's two tasks on {corpus}, held out: " + " · ".join(parts)


def _named(player: Player, model: str) -> str:
    return f"the baby ({model})" if player is Player.BABY else str(player)
