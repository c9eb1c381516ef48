"""The order of things in a plot as a Markov chain, which is what the oracle walks along."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.stories.plots import PLOTS, Plot, Stage, Step

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Path:
    """A plot's steps, the odds of what follows what, and the odds that a sentence picked anywhere is at a step."""

    number: int
    plot: Plot
    places: dict[Step, list[int]]
    """Where in the chain each step stands."""
    follows: Floats
    """(place, next place); what is missing to 1 is the end of the story."""
    first: Floats
    anywhere: Floats


@cache
def paths() -> tuple[Path, ...]:
    """The chains of all plots."""
    return tuple(_path(number, plot) for number, plot in enumerate(PLOTS))


def _path(number: int, plot: Plot) -> Path:
    steps = tuple(step for stage in plot.stages for run in stage for step in run)
    entries = _entries(plot.stages, len(steps))
    follows = np.zeros((len(steps), len(steps)))
    node = 0
    for part, stage in enumerate(plot.stages):
        for run in stage:
            for place in range(len(run)):
                if place + 1 < len(run):
                    follows[node, node + 1] = 1
                else:
                    follows[node] = entries[part + 1]
                node += 1
    visits = np.linalg.solve(np.eye(len(steps)) - follows.T, entries[0])
    places: dict[Step, list[int]] = {}
    for place, step in enumerate(steps):
        places.setdefault(step, []).append(place)
    return Path(number, plot, places, follows, entries[0], visits / visits.sum())


def _entries(stages: tuple[Stage, ...], size: int) -> list[Floats]:
    """For each stage, and for the end, the odds of the step that comes first from there on."""
    entries = [np.zeros(size)]
    node = size
    for stage in reversed(stages):
        entry = np.zeros(size)
        for run in reversed(stage):
            node -= len(run)
            if run:
                entry[node] += 1 / len(stage)
            else:
                entry += entries[-1] / len(stage)
        entries.append(entry)
    return entries[::-1]
