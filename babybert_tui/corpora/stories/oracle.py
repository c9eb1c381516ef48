"""How good could any model be? The predictor that knows the generator.

The oracle is Bayes' rule over the generator's own choices. It is shown what a model is shown: two segments in which
some words are masked and some are wrong without saying so. It collects the ways in which the generator could have
written them (plots, steps, wordings, where the text begins within a sentence), sums over the rows of every table
exactly, weighs the hypothesis that the second segment goes on from the first against the one that it is from another
story, and answers with the likeliest word and label.

What is exact and what is not. Rows, wordings, plots and corruption are the generator's true process. Three things are
approximations: ways far less likely than the best are dropped (`NARROWNESS`, `WIDTH`, `SLACK`); the choice of wordings
remembers words heard within the window only, not before it; where in a story a window begins, and how many words were
cut off, is taken from simple odds instead of the sampler's exact ones. All three can only make the oracle guess
worse. So what it reaches is an estimate from below of the best possible accuracy, close to it, and subject to the
sampling error of the windows; `ceiling.measure` adds a bound from above.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from babybert_tui.corpora.stories.alignment import HIDDEN, TABLES, Grammar, Ints, Placed, grammar
from babybert_tui.corpora.stories.engine import frames_of, odds_of
from babybert_tui.corpora.stories.frames import Frame, Slot
from babybert_tui.corpora.stories.paths import Floats, Path, paths
from babybert_tui.corpora.stories.windows import Corruption, Window

NARROWNESS = 10.0
"""Ways of writing a text this many nats less likely than the best one are dropped."""

WIDTH = 100
"""So many ways are kept at most at each place."""

SLACK = 2
"""Wordings with this many misfits more than the best-fitting one are considered."""

MOST_SLACK = 5
"""So many are considered where no way through the text is found with fewer; with none at all, words have no odds."""

CUT = 0.5
"""How likely a segment begins within a sentence."""

SKIPPED = 0.05
"""How likely a whole sentence was cut off between the two segments."""


@dataclass(frozen=True)
class Belief:
    """What the oracle makes of a window."""

    next_probability: float
    words: tuple[dict[str, float], ...]
    """The probabilities of the likeliest words at each asked place; empty where the text is none of ours."""


@dataclass(frozen=True, eq=False)
class Way:
    """One way in which the generator could have written the text so far."""

    path: Path
    coming: Floats
    """The odds of the next step."""
    told: tuple[Frame, ...]
    spans: tuple[Placed, ...]
    evidence: dict[str, Floats]
    """For each table, how well each row fits, as log odds."""
    fit: dict[str, float]
    fixed: float

    @cached_property
    def score(self) -> float:
        """Log probability, up to a constant that all ways of a text share."""
        return self.fixed + sum(self.fit.values())


class Agenda:
    """Ways by the place up to which they have written the text."""

    def __init__(self) -> None:
        self._ways: dict[int, list[Way]] = defaultdict(list)
        self._best: dict[int, float] = defaultdict(lambda: -math.inf)

    def add(self, place: int, way: Way) -> None:
        """Keep a way that ends at `place`."""
        self._ways[place].append(way)
        self._best[place] = max(self._best[place], way.score)

    def is_hopeless(self, place: int, score: float) -> bool:
        """Whether a way that ends at `place` with at most this score would be dropped anyway."""
        return score < self._best[place] - NARROWNESS

    def likeliest(self, place: int) -> list[Way]:
        """The ways that end at `place` and are not far less likely than the best of them."""
        kept = [way for way in self._ways[place] if way.score >= self._best[place] - NARROWNESS]
        return sorted(kept, key=lambda way: -way.score)[:WIDTH]


class Oracle:
    """The best predictor of masked words and of the next segment.

    Args:
        corruption: How the words of the windows were corrupted; BERT's way by default.
        next_share: The share of pairs whose second segment follows the first.
    """

    def __init__(self, corruption: Corruption | None = None, next_share: float = 0.41) -> None:
        self._corruption = corruption or Corruption()
        self._next_share = next_share
        self._grammar: Grammar = grammar()
        self._names = {number: word for word, number in self._grammar.words.items()}
        self._priors = [{name: _prior(name, path) for name in path.plot.tables} for path in paths()]

    def believe(self, window: Window) -> Belief:
        """The probability that the second segment follows, and of the words at the asked places."""
        first, second = (self._grammar.numbers(list(part)) for part in (window.first, window.second))
        begun, _ = self._understand(
            first, [self._begin(path, 0.4 * path.first + 0.6 * path.anywhere) for path in paths()], 0
        )
        apart, slack = self._understand(second, [self._begin(path, path.anywhere) for path in paths()], len(first))
        joint = self._read(second, [_skipping(way) for way in begun], len(first), slack)
        continued = _total(joint) + math.log(self._next_share)
        broken = _total(begun) + _total(apart) + math.log(1 - self._next_share)
        following = 1 / (1 + math.exp(min(700.0, broken - continued)))
        seen = np.concatenate([first, second])
        words = []
        for place in window.asked:
            alone = begun if place < len(first) else apart
            mixed = _mix(self._words(joint, place), self._words(alone, place), following)
            words.append(self._sharpen(mixed, int(seen[place])))
        return Belief(following, tuple(words))

    def _begin(self, path: Path, coming: Floats) -> Way:
        return Way(path, coming, (), (), {}, {}, -math.log(len(paths())))

    def _understand(self, text: Ints, ways: list[Way], offset: int) -> tuple[list[Way], int]:
        """All likely ways to write `text` after `ways`, and the slack that it took to find one."""
        for slack in range(SLACK, MOST_SLACK + 1):
            found = self._read(text, ways, offset, slack)
            if found:
                return found, slack
        return [], MOST_SLACK

    def _read(self, text: Ints, ways: list[Way], offset: int, slack: int) -> list[Way]:
        """All likely ways to write `text` after `ways`; `offset` is what the places of its words begin from."""
        agenda = Agenda()
        starts = [self._grammar.placed(text, start, slack) for start in range(1 - self._grammar.longest, 1)]
        placings = sorted((placed for batch in starts for placed in batch), key=lambda placed: placed.misfits)
        for placed in placings:
            if placed.misfits <= placings[0].misfits + slack:
                odds = math.log(1 - CUT if placed.start == 0 else CUT / (placed.wording.length - 1))
                self._extend(agenda, ways, placed, text, offset, odds)
        for place in range(1, len(text)):
            likely = agenda.likeliest(place)
            if likely:
                for placed in sorted(self._grammar.placed(text, place, slack), key=lambda placed: placed.misfits):
                    self._extend(agenda, likely, placed, text, offset, 0.0)
        return agenda.likeliest(len(text))

    def _extend(self, agenda: Agenda, ways: list[Way], placed: Placed, text: Ints, offset: int, odds: float) -> None:
        """Let each of `ways` go on with a wording, and put the results on the agenda where the wording ends."""
        step = placed.wording.step
        places = {path.number: path.places[step] for path in paths() if step in path.places}
        end = min(placed.start + placed.wording.length, len(text))
        least_loss = odds + placed.misfits * self._corruption.surprise
        going = [
            way
            for way in ways
            if way.path.number in places
            and not agenda.is_hopeless(end, way.score + least_loss)
            and way.coming[places[way.path.number]].any()
        ]
        if not going:
            return
        frames = frames_of(*step)
        number = frames.index(placed.wording.frame)
        evidence, surprise = self._evidence(placed, text)
        span = Placed(placed.start + offset, placed.wording, placed.misfits)
        for way in going:
            chance = odds_of(frames, way.told)[number]
            agenda.add(end, self._extended(way, span, evidence, surprise + odds + math.log(chance)))

    def _extended(self, way: Way, span: Placed, evidence: dict[str, Floats], fixed: float) -> Way:
        """`way` with one sentence more."""
        places = way.path.places[span.wording.step]
        reached = way.coming[places]
        prior = self._priors[way.path.number]
        joined = {name: way.evidence[name] + rows if name in way.evidence else rows for name, rows in evidence.items()}
        return Way(
            way.path,
            reached @ way.path.follows[places] / reached.sum(),
            (*way.told, span.wording.frame),
            (*way.spans, span),
            way.evidence | joined,
            way.fit | {name: _logsumexp(prior[name] + rows) for name, rows in joined.items()},
            way.fixed + fixed + math.log(reached.sum()),
        )

    def _evidence(self, placed: Placed, text: Ints) -> tuple[dict[str, Floats], float]:
        """How well each row of each table fits the slots of a placed wording, and the log odds of its fixed words."""
        rows: dict[str, Floats] = {}
        fixed = 0.0
        for place, token in enumerate(placed.wording.frame.tokens, placed.start):
            word = text[place] if 0 <= place < len(text) else HIDDEN
            if word == HIDDEN:
                continue
            if isinstance(token, Slot):
                misfit = np.where(self._grammar.cells[token] == word, 0.0, self._corruption.surprise)
                rows[token.latent] = rows.get(token.latent, 0.0) + misfit
            elif self._grammar.words[token] != word:
                fixed += self._corruption.surprise
        return rows, fixed

    def _words(self, ways: list[Way], place: int) -> dict[int, float]:
        """The probabilities of the words at a place, by number."""
        probabilities: dict[int, float] = defaultdict(float)
        if not ways:
            return probabilities
        scores = np.array([way.score for way in ways])
        for way, weight in zip(ways, np.exp(scores - _logsumexp(scores)), strict=True):
            if weight > 1e-4:
                for word, share in self._words_of(way, place):
                    probabilities[word] += weight * share
        return probabilities

    def _words_of(self, way: Way, place: int) -> Iterable[tuple[int, float]]:
        span = next(span for span in reversed(way.spans) if span.start <= place)
        token = span.wording.frame.tokens[place - span.start]
        if not isinstance(token, Slot):
            return [(self._grammar.words[token], 1.0)]
        prior = self._priors[way.path.number][token.latent]
        rows = prior + way.evidence[token.latent] if token.latent in way.evidence else prior
        shares = np.exp(rows - _logsumexp(rows))
        cells = self._grammar.cells[token]
        return [(int(word), float(shares[cells == word].sum())) for word in np.unique(cells[shares > 1e-6])]

    def _sharpen(self, words: dict[int, float], seen: int) -> dict[str, float]:
        """Take into account that the place was asked for, so that the word seen there is less to be trusted."""
        if seen != HIDDEN:
            doubt = math.exp(self._corruption.selected_surprise - self._corruption.surprise)
            words = {word: share * (1 if word == seen else doubt) for word, share in words.items()}
        total = sum(words.values())
        ranked = sorted(words.items(), key=lambda item: -item[1])[:10]
        return {self._names[word]: share / total for word, share in ranked}


def _prior(name: str, path: Path) -> Floats:
    table, full = path.plot.tables[name], TABLES[name]
    odds = dict(zip(table.rows, table.odds, strict=True))
    return np.array([math.log(odds[row]) if row in odds else -np.inf for row in full.rows])


def _skipping(way: Way) -> Way:
    coming = (1 - SKIPPED) * way.coming + SKIPPED * way.coming @ way.path.follows
    return Way(way.path, coming, way.told, way.spans, way.evidence, way.fit, way.fixed)


def _logsumexp(values: Floats) -> float:
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).sum()))


def _total(ways: Sequence[Way]) -> float:
    return _logsumexp(np.array([way.score for way in ways])) if ways else -1e9


def _mix(following: dict[int, float], alone: dict[int, float], share: float) -> dict[int, float]:
    if not following:
        share = 0.0
    words = {word: (1 - share) * odds for word, odds in alone.items()}
    for word, odds in following.items():
        words[word] = words.get(word, 0.0) + share * odds
    return words
