"""What the oracle reaches on held-out windows: the accuracy that no model can be expected to exceed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from babybert_tui.corpora.stories.alignment import TABLES
from babybert_tui.corpora.stories.frames import Slot
from babybert_tui.corpora.stories.oracle import Oracle
from babybert_tui.corpora.stories.plots import PLOTS
from babybert_tui.corpora.stories.table import Table
from babybert_tui.corpora.stories.windows import Corruption, Item


@dataclass(frozen=True)
class Ceiling:
    """Accuracies with their standard errors over windows."""

    windows: int
    mlm: float
    mlm_error: float
    mlm_expected: float
    """What the oracle itself expects of its answers: equal to `mlm` but for chance if its probabilities are right."""
    mlm_bound: float
    """What an oracle expects that is told the wording of every sentence and the label: an upper bound on any model."""
    nsp: float
    nsp_error: float


MEASURED = Ceiling(
    windows=597, mlm=0.964, mlm_error=0.003, mlm_expected=0.970, mlm_bound=0.974, nsp=0.995, nsp_error=0.003
)
"""`measure` of 597 windows of 64 tokens from other stories than the default corpus; to be renewed with the content."""


def measure(items: Iterable[Item], corruption: Corruption | None = None) -> Ceiling:
    """Let the oracle answer `items`.

    The errors are those of the sample: how far the figures may be from the same oracle's over all windows.
    """
    oracle = Oracle(corruption)
    hits, expected, told, asked, labels = [], [], [], [], []
    for item in items:
        belief = oracle.believe(item.window)
        guesses = [max(words, key=words.__getitem__, default="") for words in belief.words]
        hits.append(sum(guess == answer for guess, answer in zip(guesses, item.answers, strict=True)))
        expected.append(sum(max(words.values(), default=0.0) for words in belief.words))
        told.append(sum(_told(item, place) for place in item.window.asked))
        asked.append(len(item.answers))
        labels.append((belief.next_probability > 0.5) == item.is_next)
    mlm, nsp = sum(hits) / sum(asked), float(np.mean(labels))
    residuals = np.array(hits) - mlm * np.array(asked)
    return Ceiling(
        windows=len(labels),
        mlm=mlm,
        mlm_error=math.sqrt(float((residuals**2).sum())) / sum(asked),
        mlm_expected=float(sum(expected) / sum(asked)),
        mlm_bound=sum(told) / sum(asked),
        nsp=nsp,
        nsp_error=math.sqrt(nsp * (1 - nsp) / len(labels)),
    )


def _told(item: Item, place: int) -> float:
    """How likely the word at `place` is guessed by who knows all wordings and the label and lacks only the rows.

    This oracle also knows which words are wrong without saying so, which can only help.
    """
    origin = item.origins[place]
    token = origin.telling.frames[origin.sentence].tokens[origin.place]
    if not isinstance(token, Slot):
        return 1.0
    table = _plot_table(origin.telling.plot, token.latent)
    odds = np.array(table.odds)
    for seen, other in zip(item.window.first + item.window.second, item.origins, strict=True):
        slot = other.telling.frames[other.sentence].tokens[other.place]
        if other.telling is origin.telling and isinstance(slot, Slot) and slot.latent == token.latent:
            word = other.telling.rows[slot.latent][slot.column]
            if seen == word.lower():
                odds = odds * (np.array(table.column(slot.column)) == word)
    _, cells = np.unique(np.array(table.column(token.column)), return_inverse=True)
    return float(np.bincount(cells, weights=odds).max() / odds.sum())


def _plot_table(name: str, latent: str) -> Table:
    return next(plot for plot in PLOTS if plot.name == name).tables.get(latent, TABLES[latent])
