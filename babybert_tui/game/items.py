"""What is asked: a hidden word with words to choose from, or a pair of sentences to judge."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

FOLLOWS, DOES_NOT_FOLLOW = 0, 1  # the choices of a pair, as the labels of next-sentence prediction


class Task(StrEnum):
    """The two tasks of pre-training (Devlin et al. 2018, section 3.1)."""

    BLANK = "blank"
    PAIR = "pair"


@dataclass(frozen=True, eq=False)
class Item:
    """One question on an input of n tokens, laid out as the model takes it.

    Attributes:
        task: What is asked.
        ids: (n,), as the model is given them: with [MASK] where a word is hidden.
        segments: (n,), 0 for A and 1 for B.
        position: Of the hidden word; None in a pair.
        choices: Ids of words for a blank; FOLLOWS and DOES_NOT_FOLLOW for a pair.
        truth: Which of the choices is right, as an index.
    """

    task: Task
    ids: Ints
    segments: Ints
    position: int | None
    choices: tuple[int, ...]
    truth: int


@dataclass(frozen=True)
class Guess:
    """What somebody chose, as an index into the choices, and how sure they were of it where they can say so."""

    choice: int
    probability: float | None = None


@dataclass(frozen=True)
class Card:
    """A question, and what the cheap rivals say to it.

    Attributes:
        item: The question.
        counting: The word that most often stood between the same neighbours; whether A and B share enough words.
        guessing: The commonest word, or the commoner of the two answers to a pair.
    """

    item: Item
    counting: Guess
    guessing: Guess


@dataclass(frozen=True)
class ModelGuess:
    """What a model says to an item.

    Attributes:
        guess: Its choice. For a blank the probability is of the whole vocabulary, not only of the words to choose from.
        probabilities: Of each choice.
        top: The likeliest words of the whole vocabulary with their probabilities, for a blank.
        rank: Of the true word in the whole vocabulary, from 1; None in a pair.
    """

    guess: Guess
    probabilities: tuple[float, ...]
    top: tuple[tuple[int, float], ...] = ()
    rank: int | None = None
