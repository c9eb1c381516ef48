"""What lies on the table: one question with everybody's answers, the user's among them once it is given."""

from dataclasses import dataclass, replace

from babybert_tui.game.items import Card, ModelGuess, Task
from babybert_tui.game.score import Answered, Player


@dataclass(frozen=True, eq=False)
class Hand:
    """A question as it was dealt. Nothing in it changes any more.

    Attributes:
        card: The question, and the cheap answers.
        model: The model's answer; None where it has no head for such questions.
        pieces: The vocabulary, by id.
        name: Whose weights, in words; not yet safe to show.
        corpus: What text it is from; not yet safe to show.
        objective: What the sentence head was trained for.
        chosen: The user's answer, as an index into the choices.
    """

    card: Card
    model: ModelGuess | None
    pieces: list[str]
    name: str
    corpus: str
    objective: str
    chosen: int | None = None

    def with_choice(self, chosen: int) -> "Hand":
        """Answered."""
        return replace(self, chosen=chosen)

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.chosen is None

    @property
    def choices(self) -> tuple[str, ...]:
        """In words; not yet safe to show."""
        item = self.card.item
        if item.task is Task.BLANK:
            return tuple(self.pieces[number] for number in item.choices)
        if self.objective == "sop":
            return "A comes before B", "B comes before A: they were swapped"
        return "B follows A", "B is from somewhere else"

    def chosen_by(self) -> dict[Player, int]:
        """Everybody's choice, as indices."""
        card = self.card
        found = {} if self.chosen is None else {Player.YOU: self.chosen}
        found |= {} if self.model is None else {Player.BABY: self.model.guess.choice}
        return found | {Player.COUNTING: card.counting.choice, Player.GUESSING: card.guessing.choice}

    @property
    def answered(self) -> Answered:
        """Who was right."""
        truth = self.card.item.truth
        right = {player: choice == truth for player, choice in self.chosen_by().items()}
        return Answered(self.card.item.task, right)
