"""Sentence frames: a template such as "{X} found {a thing.noun}." compiled to words and slots.

A template knows two roles, X and Y, which stand for the children A and B or B and A. Its notation:

- `{X}`, `{X.he}`, `{X.him}`, `{X.his}`, `{X.child}`: the name, its pronouns and "girl" or "boy";
- `{X.who}`: "she" or, as likely, "the girl";
- `{thing.noun}`: the word in column `noun` of the row that the story drew for `thing`;
- `{a thing.noun}`: the same with its article, two words;
- `[then|so|]`: one of several, each as likely as the others; the empty one leaves the place out;
- `<in the garden>`: stands here or, as likely, at the front of the sentence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

_PIECE = re.compile(r"\{([^}]*)\}|(\w+)|([.,!?])")
_FUNCTION = re.compile(r"[AB](\..*)?|a .*|place\.(prep|at|under)|sense")
"""Columns of names and function words, which may be repeated as often as one likes."""

_SETTING = ("place", "animal", "weather", "time")
"""What belongs together in the setting of a story: `{place.noun}` is column `place.noun` of its row."""

_MOVABLE = re.compile(r"<([^>]*)>")
_WHO = re.compile(r"\{([XY])\.who\}")
_CHOICE = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place filled by one word: the cell of a column in the row that the story drew for `latent`."""

    latent: str
    column: str


Token = str | Slot


_BITS: dict[Slot, int] = {}
"""The bit of each column, given out as they are met."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One wording of a sentence, a token for each word and mark, and its probability among the wordings of its beat."""

    probability: float
    tokens: tuple[Token, ...]
    content: int
    """The content words among the slots, one bit for each column."""


def compile_frames(templates: tuple[str, ...], who: str) -> tuple[Frame, ...]:
    """All wordings of equally likely `templates` with role X played by `who` ("A" or "B")."""
    frames = []
    for template in templates:
        wordings = list(_wordings(template))
        for wording in wordings:
            tokens = _tokens(wording, who)
            frames.append(Frame(1 / len(templates) / len(wordings), tokens, _content(tokens)))
    return tuple(frames)


def _content(tokens: tuple[Token, ...]) -> int:
    columns = {token for token in tokens if isinstance(token, Slot) and not _FUNCTION.fullmatch(token.column)}
    return sum(_BITS.setdefault(column, 1 << len(_BITS)) for column in columns)


def _wordings(template: str) -> Iterator[str]:
    parts = _CHOICE.split(_WHO.sub(r"[{\1.he}|the {\1.child}]", template))
    for chosen in product(*(part.split("|") if index % 2 else [part] for index, part in enumerate(parts))):
        yield from _orders("".join(chosen))


def _orders(wording: str) -> Iterator[str]:
    movable = _MOVABLE.search(wording)
    yield _MOVABLE.sub(r"\1", wording)
    if movable:
        yield f"{movable[1]} {_MOVABLE.sub('', wording)}"


def _tokens(wording: str, who: str) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for slot, word, mark in _PIECE.findall(wording):
        tokens += _slots(slot, who) if slot else [word.lower() or mark]
    return tuple(tokens)


def _slots(slot: str, who: str) -> list[Token]:
    if slot[0] in "XY":
        role = who if slot[0] == "X" else "AB".replace(who, "")
        return [Slot("cast", role + slot[1:])]
    article, _, cell = slot.rpartition(" ")
    latent, column = cell.split(".")
    if latent in _SETTING:
        latent, column = "setting", cell
    articles: list[Token] = [Slot(latent, f"a {column}")] if article else []
    return [*articles, Slot(latent, column)]


def words_of(frame: Frame, rows: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The words and marks of `frame`, its slots filled from the rows that the story drew."""
    return [token if isinstance(token, str) else rows[token.latent][token.column] for token in frame.tokens]


def sentence(words: list[str]) -> str:
    """Words and marks as a reader expects them: a capital in front, marks attached."""
    text = re.sub(r" ([.,!?])", r"\1", " ".join(words))
    return text[0].upper() + text[1:]
