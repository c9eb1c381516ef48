"""Pairs of segments with masked words, made from stories as BERT's training pairs are, that know where they come from.

Google's `create_pretraining_data.py` in words: sentences of a story are collected up to a target length, split at a
uniform place, and with probability 1/2 the second part is replaced by as much of another story; what is too long loses
words at either end of the longer part; 15 % of the words are selected, of which 80 % are masked, 10 % random and 10 %
kept.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from babybert_tui.corpora.stories.engine import Telling
from babybert_tui.corpora.stories.frames import words_of

LENGTH = 61
"""Words and marks of a full pair: 64 without the three special tokens."""

SHORT = 0.1
"""The share of stories whose pairs aim at a shorter, random length."""


@dataclass(frozen=True)
class Corruption:
    """What happens to the words: a share is selected, and of these some are masked, some random, the rest kept."""

    selected: float = 0.15
    masked: float = 0.8
    random: float = 0.1
    vocabulary: int = 1000

    @cached_property
    def surprise(self) -> float:
        """Log odds of seeing a given wrong word against the right one, at a place that may or may not be selected."""
        wrong = self.selected * self.random / self.vocabulary
        return math.log(wrong / (1 - self.selected * (self.masked + self.random) + wrong))

    @cached_property
    def selected_surprise(self) -> float:
        """The same at a place that is known to be selected."""
        wrong = self.random / self.vocabulary
        return math.log(wrong / (1 - self.masked - self.random + wrong))


@dataclass(frozen=True)
class Origin:
    """Where a word of a window stands: a place in a sentence of a story."""

    telling: Telling
    sentence: int
    place: int


@dataclass(frozen=True)
class Window:
    """A pair as a model sees it: lower-case words and marks, None where masked."""

    first: tuple[str | None, ...]
    second: tuple[str | None, ...]
    asked: tuple[int, ...]
    """Selected places, counted through both segments without special tokens."""


@dataclass(frozen=True)
class Item:
    """A window with its solution."""

    window: Window
    answers: tuple[str, ...]
    is_next: bool
    origins: tuple[Origin, ...]


Words = list[tuple[str, Origin]]


def sample_items(tellings: Sequence[Telling], corruption: Corruption, seed: int = 0) -> Iterator[Item]:
    """Windows from all of `tellings`, in their order."""
    chance = random.Random(seed)  # noqa: S311 - stories, not secrets
    stories = [_sentences(telling) for telling in tellings]
    vocabulary = sorted({word for story in stories for sentence in story for word, _ in sentence})
    for number in range(len(stories)):
        for first, second, is_next in _pairs(stories, number, chance):
            yield _item(first, second, corruption, vocabulary, chance, is_next=is_next)


def _sentences(telling: Telling) -> list[Words]:
    return [
        [(word.lower(), Origin(telling, number, place)) for place, word in enumerate(words_of(frame, telling.rows))]
        for number, frame in enumerate(telling.frames)
    ]


def _pairs(stories: Sequence[list[Words]], number: int, chance: random.Random) -> Iterator[tuple[Words, Words, bool]]:
    story = stories[number]
    target = LENGTH if chance.random() >= SHORT else chance.randint(2, LENGTH)
    begin = 0
    while begin < len(story):
        end = begin + 1
        while end < len(story) and sum(map(len, story[begin:end])) < target:
            end += 1
        split = begin + (1 if end == begin + 1 else chance.randint(1, end - begin - 1))
        first, second = _joined(story[begin:split]), _joined(story[split:end])
        is_next = bool(second) and chance.random() < 0.5
        if not is_next:
            other = stories[(number + chance.randint(1, len(stories) - 1)) % len(stories)]
            second = _as_long(other[chance.randrange(len(other)) :], target - len(first))
            end = split
        _truncate(first, second, chance)
        yield first, second, is_next
        begin = end


def _joined(sentences: Sequence[Words]) -> Words:
    return [word for sentence in sentences for word in sentence]


def _as_long(sentences: Sequence[Words], length: int) -> Words:
    words: Words = []
    for sentence in sentences:
        words += sentence
        if len(words) >= length:
            break
    return words


def _truncate(first: Words, second: Words, chance: random.Random) -> None:
    while len(first) + len(second) > LENGTH:
        longer = first if len(first) > len(second) else second
        longer.pop(0 if chance.random() < 0.5 else -1)


def _item(
    first: Words, second: Words, corruption: Corruption, vocabulary: list[str], chance: random.Random, *, is_next: bool
) -> Item:
    words = [word for word, _ in first + second]
    seen: list[str | None] = list(words)
    asked = sorted(chance.sample(range(len(words)), max(1, round(corruption.selected * len(words)))))
    for place in asked:
        fate = chance.random()
        if fate < corruption.masked:
            seen[place] = None
        elif fate < corruption.masked + corruption.random:
            seen[place] = chance.choice(vocabulary)
    window = Window(tuple(seen[: len(first)]), tuple(seen[len(first) :]), tuple(asked))
    origins = tuple(origin for _, origin in first + second)
    return Item(window, tuple(words[place] for place in asked), is_next, origins)
