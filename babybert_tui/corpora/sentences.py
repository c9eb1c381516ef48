"""Running prose as sentences, by Wikimedia's `sentencex`."""

import re
from collections.abc import Iterator
from itertools import chain

import sentencex

_CLOSING = frozenset(")]}’”»")
_LIST_NUMBER = re.compile(r"\(?\d{1,3}[.)]")
_LONGEST_AT_ONCE = 10_000  # characters: sentencex may take the square of the length
_CLOSINGS = r"[\])}’”»」』）】》]*+"
# Where a sentence ends for certain: in scripts without spaces, before a capital without one, after no abbreviation.
_CERTAIN_END = re.compile(
    rf"[。！？｡．।॥۔؟።။‼⁇⁈⁉]{_CLOSINGS}|[!?]{_CLOSINGS}(?=[A-Z\x80-\U0010ffff])|[a-z]{{4}}[.!?] (?=[\"“]?[A-Z])"
)
_LONGEST_WITHOUT_LETTERS = 8  # characters: what is longer is looked at no further
_LONGEST_JOINED = 500  # characters: endless numbers would otherwise be joined one by one into one endless sentence


def split_sentences(paragraph: str) -> list[str]:
    """Returns the sentences of one paragraph, stripped; none is empty. Abbreviations do not end one.

    What holds no letter is no sentence: a list number joins the sentence after it, anything else the one before.
    """
    sentences: list[str] = []
    number = ""
    for stretch in chain.from_iterable(sentencex.segment("en", part) for part in _parts(paragraph)):
        sentence = stretch.strip()
        joins_before = bool(sentences) and not number and len(sentences[-1]) < _LONGEST_JOINED
        # "So it ended.) Then" is cut before the bracket, which belongs to what it closes.
        while joins_before and sentence[:1] in _CLOSING:
            sentences[-1] += sentence[0]
            sentence = sentence[1:].lstrip()
        if not sentence:
            continue
        if _has_letters(sentence):
            sentences.append(f"{number} {sentence}" if number else sentence)
            number = ""
        elif not number and _LIST_NUMBER.fullmatch(sentence):
            number = sentence
        elif joins_before:
            sentences[-1] += f" {sentence}"
        else:
            sentences.append(f"{number} {sentence}" if number else sentence)
            number = ""
    return [*sentences, number] if number else sentences


def _parts(paragraph: str) -> Iterator[str]:
    """Yields a paragraph, in parts of whole sentences where it is very long."""
    begin = 0
    if len(paragraph) > _LONGEST_AT_ONCE:
        for end in map(re.Match.end, _CERTAIN_END.finditer(paragraph)):
            if end - begin >= _LONGEST_AT_ONCE:
                yield paragraph[begin:end]
                begin = end
    yield paragraph[begin:]


def _has_letters(sentence: str) -> bool:
    return len(sentence) >= _LONGEST_WITHOUT_LETTERS or any(map(str.isalpha, sentence))
