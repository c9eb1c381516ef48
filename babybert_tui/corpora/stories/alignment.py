"""Which sentences of the generator could stand at a place of a text whose words are partly hidden or wrong."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from babybert_tui.corpora.stories import content
from babybert_tui.corpora.stories.engine import frames_of
from babybert_tui.corpora.stories.frames import Frame, Slot
from babybert_tui.corpora.stories.paths import paths
from babybert_tui.corpora.stories.plots import Step
from babybert_tui.corpora.stories.table import Table

Ints = NDArray[np.int64]

HIDDEN = -1
"""Stands for a masked word, and for what lies beyond the ends of a text: every word fits."""

TABLES: dict[str, Table] = {
    "cast": content.CAST,
    "setting": content.SETTING,
    "thing": content.THING,
    "other": content.THING,
    "trouble": content.TROUBLE,
    "joy": content.JOY,
}


@dataclass(frozen=True, eq=False)
class Wording:
    """A frame as one of the wordings of a step."""

    step: Step
    frame: Frame

    @property
    def length(self) -> int:
        """Words and marks in the sentence."""
        return len(self.frame.tokens)


@dataclass(frozen=True, eq=False)
class Placed:
    """A wording at a place; `start` is negative where the text begins within the sentence."""

    start: int
    wording: Wording
    misfits: int


class Grammar:
    """Every wording of every step as arrays of word numbers."""

    def __init__(self) -> None:
        steps = dict.fromkeys(step for path in paths() for step in path.places)
        self.wordings = [Wording(step, frame) for step in steps for frame in frames_of(*step)]
        self.words: dict[str, int] = {}
        self.longest = max(wording.length for wording in self.wordings)
        shape = (len(self.wordings), self.longest)
        self._fixed = np.full(shape, HIDDEN - 1, dtype=np.int64)
        self._column = np.full(shape, 0, dtype=np.int64)
        columns: dict[Slot, int] = {}
        for row, wording in enumerate(self.wordings):
            for place, token in enumerate(wording.frame.tokens):
                if isinstance(token, Slot):
                    self._column[row, place] = columns.setdefault(token, len(columns) + 1)
                else:
                    self._fixed[row, place] = self._number(token)
        self.cells = {slot: self._cells(slot) for slot in columns}
        self._allowed = np.zeros((len(columns) + 1, len(self.words) + 1), dtype=bool)
        for slot, number in columns.items():
            self._allowed[number, self.cells[slot]] = True
        self._lengths = np.array([wording.length for wording in self.wordings])
        self._beyond = np.arange(self.longest) >= self._lengths[:, None]

    def _number(self, word: str) -> int:
        return self.words.setdefault(word, len(self.words))

    def _cells(self, slot: Slot) -> Ints:
        return np.array([self._number(word.lower()) for word in TABLES[slot.latent].column(slot.column)])

    def numbers(self, words: list[str | None]) -> Ints:
        """Word numbers; hidden words (None) fit everything, words that no story has fit nothing."""
        unknown = len(self.words)
        return np.array([HIDDEN if word is None else self.words.get(word, unknown) for word in words], dtype=np.int64)

    def placed(self, text: Ints, start: int, slack: int) -> list[Placed]:
        """The wordings that fit best from `start` on, and those with at most `slack` misfits more."""
        padded = np.pad(text, self.longest, constant_values=HIDDEN)
        seen = padded[start + self.longest : start + 2 * self.longest]
        fits = (self._fixed == seen) | self._allowed[self._column, seen] | (seen == HIDDEN) | self._beyond
        misfits = self.longest - fits.sum(1)
        misfits[self._lengths + start <= 0] = self.longest
        limit = min(misfits.min() + slack, self.longest - 1)
        return [Placed(start, self.wordings[row], int(misfits[row])) for row in np.flatnonzero(misfits <= limit)]


@cache
def grammar() -> Grammar:
    """The one grammar of the stories."""
    return Grammar()
