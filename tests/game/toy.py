"""A text small enough to count in by hand, cut into whole words."""

import numpy as np

from babybert_tui.game.deck import Deck, GameText
from babybert_tui.pretraining.pairs import PairSettings
from babybert_tui.tokenization import SPECIAL_TOKENS, TokenizedDocuments
from babybert_tui.training.vocabulary import Vocabulary

_NAMES = ("anna", "ben", "clara")
_THINGS = ("cake", "ball", "key", "drum")
_OTHERS = "gave the to found a . ! ##s at home he she was happy"
PIECES = [*SPECIAL_TOKENS, *_NAMES, *_THINGS, *_OTHERS.split()]


def encoded(documents: list[list[str]]) -> TokenizedDocuments:
    """Documents of sentences of words, which are all known."""
    sentences = [sentence.split() for document in documents for sentence in document]
    ids = [PIECES.index(word) for sentence in sentences for word in sentence]
    lengths = [len(sentence) for sentence in sentences]
    counts = [len(document) for document in documents]
    return TokenizedDocuments(np.array(ids, dtype=np.uint16), np.cumsum([0, *lengths]), np.cumsum([0, *counts]))


def story(number: int) -> list[str]:
    name, other = _NAMES[number % 3], _NAMES[(number + 1) % 3]
    thing = _THINGS[number % 4]
    return [
        f"{name} found the {thing} at home .",
        f"{name} gave the {thing} to {other} .",
        f"{other} was happy !",
        f"she gave a {thing} ##s to {name} .",
    ]


def vocabulary() -> Vocabulary:
    roles = {role: PIECES.index(f"[{role.upper()}]") for role in ("pad", "unk", "cls", "sep", "mask")}
    return Vocabulary(PIECES, roles, frozenset(roles.values()), None, lowercase=True, max_length=48)


TRAINING = encoded([story(number) for number in range(24)])
HELD_OUT = encoded([story(number) for number in range(24, 36)])


def toy_text() -> GameText:
    return GameText(TRAINING, HELD_OUT, vocabulary())


def toy_deck(seed: int = 1, objective: str = "nsp") -> Deck:
    return Deck(toy_text(), PairSettings(40, objective, 0.1), seed)
