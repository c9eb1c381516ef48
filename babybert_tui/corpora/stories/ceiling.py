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
    mlm_bound: float
    """Accuracy of an oracle that is told the wording of every sentence and the label: an upper bound on any model."""
    nsp: float
    nsp_error: float


def measure(items: Iterable[Item], corruption: Corruption | None = None) -> Ceiling:
    """Let the oracle answer `items`.

    The errors are those of the sample: how far the figures may be from the same oracle's over all windows.
    """
    oracle = Oracle(corruption)
    hits, told, asked, labels = [], [], [], []
    for item in items:
        belief = oracle.believe(item.window)
        guesses = [max(words, key=words.__getitem__) for words in belief.words]
        hits.append(sum(guess == answer for guess, answer in zip(guesses, item.answers, strict=True)))
        told.append(sum(_told(item, place) for place in range(len(item.answers))))
        asked.append(len(item.answers))
        labels.append((belief.next_probability > 0.5) == item.is_next)
    mlm, nsp = sum(hits) / sum(asked), float(np.mean(labels))
    residuals = np.array(hits) - mlm * np.array(asked)
    return Ceiling(
        windows=len(labels),
        mlm=mlm,
        mlm_error=math.sqrt(float((residuals**2).sum())) / sum(asked),
        mlm_bound=sum(told) / sum(asked),
        nsp=nsp,
        nsp_error=math.sqrt(nsp * (1 - nsp) / len(labels)),
    )


def _told(item: Item, number: int) -> bool:
    """Whether the answer is found by who knows all wordings and the label, and has only the rows to guess.

    Words that are wrong without saying so are known to be wrong as well, which can only help.
    """
    place = item.window.asked[number]
    origin = item.origins[place]
    token = origin.telling.frames[origin.sentence].tokens[origin.place]
    if not isinstance(token, Slot):
        return True
    table = _plot_table(origin.telling.plot, token.latent)
    fitting = np.ones(len(table.rows), dtype=bool)
    for other, (seen, elsewhere) in enumerate(zip(item.window.first + item.window.second, item.origins, strict=True)):
        slot = elsewhere.telling.frames[elsewhere.sentence].tokens[elsewhere.place]
        if elsewhere.telling is origin.telling and isinstance(slot, Slot) and slot.latent == token.latent:
            word = elsewhere.telling.rows[slot.latent][slot.column].lower()
            if seen == word and other != place:
                fitting &= np.array([cell.lower() == word for cell in table.column(slot.column)])
    cells = np.array([cell.lower() for cell in table.column(token.column)])[fitting]
    words, counts = np.unique(cells, return_counts=True)
    return bool(words[counts.argmax()] == item.answers[number])


def _plot_table(name: str, latent: str) -> Table:
    return next(plot for plot in PLOTS if plot.name == name).tables.get(latent, TABLES[latent])
