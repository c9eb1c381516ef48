"""The questions: drawn from held-out text, in turns, the same for the same seed, and giving nothing away."""

import numpy as np
import pytest

from babybert_tui.errors import RequestError
from babybert_tui.game.deck import CHOICES, Deck, GameText
from babybert_tui.game.items import FOLLOWS, Task
from babybert_tui.pretraining.pairs import PairSettings

from .toy import HELD_OUT, PIECES, TRAINING, encoded, story, toy_deck, toy_text, vocabulary

MASK, SEP = PIECES.index("[MASK]"), PIECES.index("[SEP]")


def sides(item: object) -> tuple[list[int], list[int]]:
    inner = [
        [number for number, segment in zip(item.ids.tolist(), item.segments.tolist(), strict=True) if segment == side]
        for side in (0, 1)
    ]
    return inner[0][1:-1], inner[1][:-1]


def is_in(part: list[int], text: np.ndarray) -> bool:
    """Whether a stretch of tokens stands in a text, [MASK] standing for anything."""
    windows = np.lib.stride_tricks.sliding_window_view(text.astype(np.int64), len(part))
    return bool(((windows == part) | (np.array(part) == MASK)).all(axis=1).any())


def test_words_and_pairs_take_turns() -> None:
    deck = toy_deck()
    assert [deck.card(number).item.task for number in range(4)] == [Task.BLANK, Task.PAIR] * 2


def test_without_pairs_in_training_only_words_are_asked() -> None:
    deck = toy_deck(objective="none")
    assert {deck.card(number).item.task for number in range(6)} == {Task.BLANK}


def test_the_same_seed_asks_the_same_and_another_asks_otherwise() -> None:
    asked = [[toy_deck(seed).card(number).item.ids.tolist() for number in range(6)] for seed in (1, 1, 2)]
    assert asked[0] == asked[1] != asked[2]


def test_a_hidden_word_is_hidden_once_and_is_one_of_the_choices() -> None:
    deck = toy_deck()
    for number in range(0, 40, 2):
        item = deck.card(number).item
        assert item.position is not None
        assert np.flatnonzero(item.ids == MASK).tolist() == [item.position]
        assert len(set(item.choices)) == len(item.choices) == CHOICES
        filled = item.ids.copy()
        filled[item.position] = item.choices[item.truth]
        for side in (filled[item.segments == 0][1:-1], filled[item.segments == 1][:-1]):
            assert is_in(side.tolist(), HELD_OUT.ids)


def test_only_whole_words_are_asked_and_offered() -> None:
    deck = toy_deck()
    for number in range(0, 60, 2):
        item = deck.card(number).item
        assert item.position is not None
        assert all(PIECES[choice].isalnum() for choice in item.choices)
        assert not PIECES[int(item.ids[item.position + 1])].startswith("##"), "half a word would be hidden"


def test_the_right_choice_stands_anywhere() -> None:
    deck = toy_deck()
    assert {deck.card(number).item.truth for number in range(0, 80, 2)} == set(range(CHOICES))


def test_guessing_is_the_commonest_of_the_choices() -> None:
    deck, counts = toy_deck(), np.bincount(TRAINING.ids, minlength=len(PIECES))
    for number in range(0, 40, 2):
        card = deck.card(number)
        assert card.guessing.choice == max(range(CHOICES), key=lambda at: counts[card.item.choices[at]])


def test_b_follows_a_in_the_text_exactly_where_it_is_said_to() -> None:
    deck = toy_deck()
    answers = []
    for number in range(1, 60, 2):
        item = deck.card(number).item
        a, b = sides(item)
        follows = item.choices[item.truth] == FOLLOWS
        assert not (item.ids == MASK).any()
        assert is_in(a + b, HELD_OUT.ids) or not follows
        answers.append(follows)
    assert set(answers) == {True, False}


def test_guessing_at_a_pair_is_always_the_commoner_answer() -> None:
    deck = toy_deck()
    assert len({deck.card(number).guessing.choice for number in range(1, 40, 2)}) == 1


def test_inputs_stay_short_enough_to_be_read() -> None:
    long = encoded([["anna gave the cake to ben ."] * 60 for _ in range(4)])
    text = toy_text()
    deck = Deck(type(text)(long, long, vocabulary()), PairSettings(512), seed=1)
    assert max(len(deck.card(number).item.ids) for number in range(8)) <= 64


def test_a_text_without_words_is_refused() -> None:
    dots = encoded([[". ! . ! .", ". ! ."] for _ in range(4)])
    deck = Deck(type(toy_text())(dots, dots, vocabulary()), PairSettings(40), seed=1)
    with pytest.raises(RequestError, match="long enough"):
        deck.card(0)


@pytest.mark.parametrize("objective", ["nsp", "sop"])
def test_two_short_documents_are_enough_with_every_seed(objective: str) -> None:
    text = GameText(TRAINING, encoded([story(number)[:2] for number in range(2)]), vocabulary())
    for seed in range(40):
        deck = Deck(text, PairSettings(40, objective), seed)
        assert {deck.card(number).item.task for number in range(2)} == {Task.BLANK, Task.PAIR}
