"""Tells stories: draws a plot and its rows, walks through the beats, keeps track of the world, words the sentences."""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from babybert_tui.corpora.stories.beat import Beat
from babybert_tui.corpora.stories.frames import Frame, compile_frames, sentence, words_of
from babybert_tui.corpora.stories.plots import PLOTS, Step
from babybert_tui.corpora.stories.table import Table
from babybert_tui.corpora.stories.world import World

Document = tuple[str, ...]
"""One story: its sentences in order."""


class Chooser:
    """Makes every random choice of one story and remembers it with its probability."""

    def __init__(self, seed: int, index: int) -> None:
        self._random = random.Random(f"{seed} {index}")
        self.taken: list[tuple[str, int, float]] = []
        """What was chosen, the number of the option taken, and how likely that option was."""

    def uniform(self, name: str, options: int) -> int:
        """The number of one of `options` equally likely options."""
        taken = int(self._random.random() * options)
        self.taken.append((name, taken, 1 / options))
        return taken

    def weighted(self, name: str, odds: Sequence[float], cumulative: Sequence[float]) -> int:
        """The number of an option drawn with probabilities `odds`, whose running sums are `cumulative`."""
        taken = min(bisect(cumulative, self._random.random()), len(odds) - 1)
        self.taken.append((name, taken, odds[taken]))
        return taken


@dataclass(frozen=True)
class Telling:
    """A story with what it was made of."""

    plot: str
    steps: tuple[Step, ...]
    rows: dict[str, dict[str, str]]
    sentences: Document
    choices: tuple[tuple[str, int, float], ...]


@cache
def frames_of(beat: Beat, who: str) -> tuple[Frame, ...]:
    """All wordings of a beat with `who` in role X."""
    return compile_frames(beat.templates, who)


def tell(seed: int, index: int) -> Telling:
    """Story number `index` of the corpus with this seed."""
    chooser = Chooser(seed, index)
    plot = PLOTS[chooser.uniform("plot", len(PLOTS))]
    rows = {name: _row(table, chooser.uniform(name, len(table.rows))) for name, table in plot.tables.items()}
    steps = [step for stage in plot.stages for step in stage[chooser.uniform("stage", len(stage))]]
    world = World()
    sentences = []
    for beat, who in steps:
        world.let(beat, who)
        odds, cumulative = _odds(beat, who)
        frame = frames_of(beat, who)[chooser.weighted(beat.name, odds, cumulative)]
        sentences.append(sentence(words_of(frame, rows)))
    return Telling(plot.name, tuple(steps), rows, tuple(sentences), tuple(chooser.taken))


@cache
def _odds(beat: Beat, who: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    odds = tuple(frame.probability for frame in frames_of(beat, who))
    return odds, tuple(accumulate(odds))


def _row(table: Table, index: int) -> dict[str, str]:
    return _rows(table)[index]


@cache
def _rows(table: Table) -> tuple[dict[str, str], ...]:
    columns = [*table.columns, *(f"a {column}" for column in table.columns)]
    return tuple(dict(zip(columns, cells, strict=True)) for cells in zip(*map(table.column, columns), strict=True))
