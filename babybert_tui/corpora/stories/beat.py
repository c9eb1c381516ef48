"""A beat: one thing that happens in a story, with the ways of telling it and what it changes in the world."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """A thing goes from one holder to another; holders are X, Y, "animal", "worker", "spot" and "gone"."""

    thing: str
    source: str
    target: str


@dataclass(frozen=True, eq=False)
class Beat:
    """One thing that happens: equally likely templates, what X must hold before, and what changes hands.

    A beat equals itself only, which makes it quick to look things up by.
    """

    name: str
    templates: tuple[str, ...]
    moves: tuple[Move, ...] = ()
    holds: tuple[tuple[str, str], ...] = ()
    """Pairs (holder, thing) that must be so for the beat to make sense."""
