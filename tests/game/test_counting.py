"""Guessing by how often words stood between two others."""

from collections import Counter

import numpy as np

from babybert_tui.game.counting import NeighbourCounts

from .toy import PIECES, TRAINING, encoded


def words(ranking: np.ndarray, count: int) -> list[str]:
    return [PIECES[number] for number in ranking[:count].tolist()]


def number(word: str) -> int:
    return PIECES.index(word)


def test_the_word_that_stood_between_both_neighbours_comes_first() -> None:
    text = encoded([["gave cake to", "gave cake to", "gave ball to", "gave key at", "gave key at", "gave key at"]])
    ranking = NeighbourCounts(text, len(PIECES)).best_between(number("gave"), number("to"))
    assert words(ranking, 3) == ["cake", "ball", "key"]


def test_where_nothing_stood_between_both_it_is_the_one_seen_beside_either() -> None:
    text = encoded([["gave cake at", "gave cake at", "the ball to", "he he he he"]])
    ranking = NeighbourCounts(text, len(PIECES)).best_between(number("gave"), number("to"))
    assert words(ranking, 2) == ["cake", "ball"]


def test_where_no_neighbour_was_seen_it_is_the_commonest() -> None:
    ranking = NeighbourCounts(TRAINING, len(PIECES)).best_between(number("[CLS]"), number("[SEP]"))
    assert words(ranking, 1) == [PIECES[Counter(TRAINING.ids.tolist()).most_common(1)[0][0]]]
