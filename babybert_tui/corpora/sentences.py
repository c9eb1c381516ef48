"""Running prose as sentences, by Wikimedia's `sentencex`."""

import re

import sentencex  # type: ignore[import-untyped]

_CLOSING = frozenset(")]}’”»")  # noqa: RUF001 - the typographic quotes are meant
_LIST_NUMBER = re.compile(r"\(?\d{1,3}[.)]")


def split_sentences(paragraph: str) -> list[str]:
    """Returns the sentences of one paragraph, stripped; none is empty. Abbreviations do not end one.

    What holds no letter is no sentence: a list number joins the sentence after it, anything else the one before.
    """
    sentences: list[str] = []
    number = ""
    for stretch in sentencex.segment("en", paragraph):
        sentence = stretch.strip()
        # "(It ended.) Then" is cut before the bracket, which belongs to what it closes.
        while sentences and sentence[:1] in _CLOSING:
            sentences[-1] += sentence[0]
            sentence = sentence[1:].lstrip()
        if len(sentence) < 8 and not any(map(str.isalpha, sentence)):
            if _LIST_NUMBER.fullmatch(sentence):
                number = f"{number} {sentence}".lstrip()
                continue
            if sentences:
                sentences[-1] = f"{sentences[-1]} {sentence}".rstrip()
                continue
        if sentence:
            sentences.append(f"{number} {sentence}".lstrip())
            number = ""
    return [*sentences, number] if number else sentences
