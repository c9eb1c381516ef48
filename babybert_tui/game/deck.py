"""Draws the questions from held-out text, in turns a hidden word and a pair, with the cheap guesses at each."""

from dataclasses import dataclass

import numpy as np

from babybert_tui.errors import RequestError
from babybert_tui.game.counting import NeighbourCounts
from babybert_tui.game.items import DOES_NOT_FOLLOW, FOLLOWS, Card, Guess, Ints, Item, Task
from babybert_tui.pretraining.batches import lay_out
from babybert_tui.pretraining.pairs import Examples, PairSettings, draw_some
from babybert_tui.pretraining.rivals import excerpt
from babybert_tui.pretraining.word_overlap import OverlapClassifier, fit_overlap
from babybert_tui.randomness import generator
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.vocabulary import Vocabulary

CHOICES = 5
_MOST_TOKENS = 64  # of an input: what a person reads in a few seconds, and a small terminal can show
_FEWEST_WORDS = 5  # in an input with a hidden word
_TRIES = 200
_FEWEST_EXAMPLES = 256  # to draw from; of one short epoch none may have a B that follows A
_MOST_COUNTED = 2_000_000  # tokens to fit on
_CONTINUATION = "##"


@dataclass(frozen=True)
class GameText:
    """What a deck is made of.

    Attributes:
        training: What the model was trained on: guesses by counting, and the wrong choices, come from it.
        held_out: What it was not trained on: the questions come from it.
        vocabulary: What both are cut into.
    """

    training: TokenizedDocuments
    held_out: TokenizedDocuments
    vocabulary: Vocabulary


class Deck:
    """An endless row of questions; every seed is another one.

    Args:
        text: Where they are drawn from.
        pairs: How the model's pairs were made.
        seed: Of the draws.

    Raises:
        RequestError: There is nothing in the text to ask.
    """

    def __init__(self, text: GameText, pairs: PairSettings, seed: int) -> None:
        self._text = text
        self._seed = seed
        self._pieces = text.vocabulary.pieces
        self._counts = NeighbourCounts(text.training, len(self._pieces))
        self.objective = pairs.objective
        shorter = PairSettings(min(pairs.max_length, _MOST_TOKENS), pairs.objective, pairs.short_probability)
        random, choosing = generator(seed, "game examples"), generator(seed, "game documents")
        self._examples = draw_some(text.held_out, shorter, random, choosing, _FEWEST_EXAMPLES)
        self._following = np.flatnonzero(self._examples.label == FOLLOWS)
        if not len(self._following):
            raise RequestError("The held-out text is too short to play with.")
        self._commoner = int(self._examples.label.mean() > 0.5)  # FOLLOWS is 0
        self._overlap = None if pairs.objective == "none" else self._fitted_overlap(shorter)

    def _fitted_overlap(self, pairs: PairSettings) -> OverlapClassifier:
        vocabulary, documents = self._text.vocabulary, excerpt(self._text.training, _MOST_COUNTED)
        return fit_overlap(documents, pairs, vocabulary.masking, vocabulary.special)

    def card(self, number: int) -> Card:
        """The question of this number, from 0. Raises RequestError where no word can be hidden in this text."""
        overlap = self._overlap
        return self._blank(number) if overlap is None or number % 2 == 0 else self._pair(number, overlap)

    def _pair(self, number: int, overlap: OverlapClassifier) -> Card:
        random = generator(self._seed, "game pair", number)
        at = int(random.integers(len(self._examples)))
        example = self._examples.take(np.array([at]))
        ids, segments = self._laid_out(example)
        item = Item(Task.PAIR, ids, segments, None, (FOLLOWS, DOES_NOT_FOLLOW), int(example.label[0]))
        shared = np.intersect1d(ids[segments == 0], ids[segments == 1])
        follows = overlap.weights[shared].sum() >= overlap.threshold
        return Card(item, Guess(FOLLOWS if follows else DOES_NOT_FOLLOW), Guess(self._commoner))

    def _laid_out(self, example: Examples) -> tuple[Ints, Ints]:
        layout = lay_out(self._text.held_out.ids, example, self._text.vocabulary.special)
        return layout.ids[0], layout.segments[0]

    def _blank(self, number: int) -> Card:
        """A hidden word in an input in which B does follow A, so that all of it helps."""
        random = generator(self._seed, "game blank", number)
        for _ in range(_TRIES):
            at = self._following[random.integers(len(self._following))]
            ids, segments = self._laid_out(self._examples.take(np.array([at])))
            places = self._words_in(ids)
            if len(places) >= _FEWEST_WORDS:
                return self._blank_at(ids, segments, int(random.choice(places)), random)
        raise RequestError("The held-out text has no sentence that is long enough to play with.")

    def _words_in(self, ids: Ints) -> list[int]:
        """Where a whole word stands as one piece."""
        pieces = [self._pieces[number] for number in ids.tolist()]
        follows = [*(piece.startswith(_CONTINUATION) for piece in pieces[1:]), False]
        return [at for at, goes_on in enumerate(follows) if self._is_word(int(ids[at])) and not goes_on]

    def _is_word(self, number: int) -> bool:
        """Whether an id is a word of its own: no punctuation, no part of a word, no special token."""
        return number not in self._text.vocabulary.special_ids and self._pieces[number].isalnum()

    def _blank_at(self, ids: Ints, segments: Ints, position: int, random: np.random.Generator) -> Card:
        truth = int(ids[position])
        ranking = self._counts.best_between(int(ids[position - 1]), int(ids[position + 1])).tolist()
        others = self._first_words(ranking, truth)
        choices = random.permutation([truth, *others]).tolist()
        given = ids.copy()
        given[position] = self._text.vocabulary.masking.mask_id
        item = Item(Task.BLANK, given, segments, position, tuple(choices), choices.index(truth))
        counting = min(range(len(choices)), key=lambda index: ranking.index(choices[index]))
        guessing = max(range(len(choices)), key=lambda index: int(self._counts.frequencies[choices[index]]))
        return Card(item, Guess(counting), Guess(guessing))

    def _first_words(self, ranking: list[int], truth: int) -> list[int]:
        """The wrong choices: the words that fit best between the two neighbours, as far as counting can tell."""
        found: list[int] = []
        for number in ranking:
            if number != truth and self._is_word(number):
                found.append(number)
            if len(found) == CHOICES - 1:
                break
        return found
