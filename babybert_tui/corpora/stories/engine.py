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
        self._random = random.Random(f"{seed} {index}")  # noqa: S311 - stories, not secrets
        self.taken: list[tuple[str, int, float]] = []
        """What was chosen, the number of the option taken, and how likely that option was."""

    def uniform(self, name: str, options: int) -> int:
        """The number of one of `options` equally likely options."""
        taken = int(self._random.random() * options)
        self.taken.append((name, taken, 1 / options))
        return taken

    def weighted(self, name: str, odds: Sequence[float]) -> int:
        """The number of an option drawn with probabilities `odds`."""
        taken = min(bisect(list(accumulate(odds)), self._random.random()), len(odds) - 1)
        self.taken.append((name, taken, odds[taken]))
        return taken


@dataclass(frozen=True)
class Telling:
    """A story with what it was made of."""

    plot: str
    steps: tuple[Step, ...]
    rows: dict[str, dict[str, str]]
    frames: tuple[Frame, ...]
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
    rows = {name: _row(table, chooser.weighted(name, table.odds)) for name, table in plot.tables.items()}
    steps = [step for stage in plot.stages for step in stage[chooser.uniform("stage", len(stage))]]
    world = World()
    told: list[Frame] = []
    for beat, who in steps:
        world.let(beat, who)
        frames = frames_of(beat, who)
        told.append(frames[chooser.weighted(beat.name, odds_of(frames, told))])
    sentences = tuple(sentence(words_of(frame, rows)) for frame in told)
    return Telling(plot.name, tuple(steps), rows, tuple(told), sentences, tuple(chooser.taken))


MEMORY = 6
"""For how many sentences a good teller remembers his words."""

REPETITION = 0.1
"""How much less likely a wording becomes with each word that would be heard again."""


def odds_of(frames: Sequence[Frame], told: Sequence[Frame]) -> list[float]:
    """The probabilities of the wordings of a beat after the sentences `told`: a good teller avoids the same words."""
    heard = 0
    for frame in told[-MEMORY:]:
        heard |= frame.content
    odds = [frame.probability * REPETITION ** (frame.content & heard).bit_count() for frame in frames]
    total = sum(odds)
    return [each / total for each in odds]


def _row(table: Table, index: int) -> dict[str, str]:
    return _rows(table)[index]


@cache
def _rows(table: Table) -> tuple[dict[str, str], ...]:
    columns = [*table.columns, *(f"a {column}" for column in table.columns)]
    return tuple(dict(zip(columns, cells, strict=True)) for cells in zip(*map(table.column, columns), strict=True))
