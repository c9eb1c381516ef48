"""Running prose as sentences, by Wikimedia's `sentencex`."""

import re

import sentencex

_CLOSING = frozenset(")]}’”»")
_LIST_NUMBER = re.compile(r"\(?\d{1,3}[.)]")
_LONGEST_WITHOUT_LETTERS = 8  # characters: what is longer is looked at no further
_LONGEST_JOINED = 500  # characters: endless numbers would otherwise be joined one by one into one endless sentence


def split_sentences(paragraph: str) -> list[str]:
    """Returns the sentences of one paragraph, stripped; none is empty. Abbreviations do not end one.

    What holds no letter is no sentence: a list number joins the sentence after it, anything else the one before.
    """
    sentences: list[str] = []
    number = ""
    for stretch in sentencex.segment("en", paragraph):
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


def _has_letters(sentence: str) -> bool:
    return len(sentence) >= _LONGEST_WITHOUT_LETTERS or any(map(str.isalpha, sentence))
