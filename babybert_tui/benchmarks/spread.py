"""Figures of several rounds as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """The median of what the rounds gave, and how far apart they lay."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.rounds)

    @property
    def least(self) -> float:
        """The smallest."""
        return min(self.rounds)

    @property
    def most(self) -> float:
        """The largest."""
        return max(self.rounds)

    def as_json(self) -> dict[str, object]:
        """As an object of the `--json` output."""
        return {"median": self.median, "least": self.least, "most": self.most, "rounds": list(self.rounds)}


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread | None:
    """Round by round, so that a machine that is busy for a while slows both; None before the first whole round."""
    pairs = list(zip(above, below, strict=False))
    return Spread(tuple(one / other for one, other in pairs)) if pairs else None
