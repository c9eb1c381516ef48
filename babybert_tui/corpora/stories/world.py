"""The state of a story: who or what holds each thing right now."""

from babybert_tui.corpora.stories.beat import Beat


class World:
    """Keeps the holder of every thing of one story, and refuses what cannot happen."""

    def __init__(self) -> None:
        self._holders: dict[str, str] = {}

    def holder(self, thing: str) -> str:
        """Who or what has `thing`: "A", "B", "animal", "spot", "both", or "nobody" before it appears."""
        return self._holders.get(thing, "nobody")

    def let(self, beat: Beat, who: str) -> None:
        """Let `beat` happen with `who` in role X.

        Raises:
            ValueError: Somebody would have to hold a thing that is elsewhere.
        """
        roles = {"X": who, "Y": "AB".replace(who, "")}
        for role, thing in (*beat.holds, *((move.source, move.thing) for move in beat.moves)):
            wanted = roles.get(role, role)
            if self.holder(thing) != wanted:
                raise ValueError(f"{beat.name}: {wanted} has no {thing}, {self.holder(thing)} has it")
        for move in beat.moves:
            self._holders[move.thing] = roles.get(move.target, move.target)
