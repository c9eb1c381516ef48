"""What a chart of one metric over the steps of a run shows, as plain data."""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from babybert_tui.render.figures import fraction
from babybert_tui.tui.curve import EMPTY, Points


class Kind(IntEnum):
    """What a cell shows, for its colour; later ones lie on top."""

    BLANK = 0
    AXIS = 1
    FLOOR = 2  # what is reached without learning
    RIVAL = 3  # what counting reaches
    CEILING = 4  # what nobody can pass
    GHOST = 5
    BAND = 6
    CHANGE = 7
    CURSOR = 8
    TRAINING = 9
    HELD_OUT = 10
    PASSED = 11  # a rival's name, once it is left behind


class Run(NamedTuple):
    """Neighbouring cells of one kind."""

    text: str
    kind: Kind


@dataclass(frozen=True)
class Level:
    """A level to compare with."""

    value: float
    name: str
    kind: Kind = Kind.FLOOR
    passed: int | None = None  # the held-out step from which on the model did better than a rival

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands at its line, the longest first."""
        bare = f" {self.name} {short_number(self.value)} "
        return (bare,) if self.passed is None else (f"{bare[:-1]}, passed at {self.passed:,} ", bare)


class Mark(NamedTuple):
    """Something that changed after a step."""

    step: int
    label: str


@dataclass(frozen=True, eq=False)
class Chart:
    """What to draw."""

    training: Points = EMPTY
    held_out: Points = EMPTY
    ghost: Points = EMPTY
    levels: tuple[Level, ...] = ()  # the most important first: the last ones go without a name where there is no room
    changes: tuple[Mark, ...] = ()
    cursor: int | None = None  # the step that is looked at
    last_step: int = 1  # at the right edge
    is_share: bool = False  # an accuracy, from 0 to 1
    is_log: bool = False

    @property
    def version(self) -> tuple[object, ...]:
        """Charts of one version look alike: curves only grow, so their ends stand for the whole."""
        curves = (self.training, self.held_out, self.ghost)
        ends = tuple((len(points.steps), float(points.steps[-1]), points.last) if points else None for points in curves)
        flags = self.cursor, self.last_step, self.is_share, self.is_log, self.changes, self.levels
        return ends + flags


def short_number(value: float) -> str:
    """At most five characters."""
    if value == 0:
        return "0"
    if 0 < value < 0.095:
        return fraction(value, 3)
    return fraction(value) if value < 9.95 else f"{value:.1f}"


def last_step_of_axis(step: int, max_steps: int) -> int:
    """Where the axis ends: at the end of the run, or, in a long one, where doubling keeps the past in view."""
    if max_steps <= 5_000:
        return max_steps
    end = 1_000
    while end < step * 1.05:
        end *= 2
    return min(end, max_steps)
