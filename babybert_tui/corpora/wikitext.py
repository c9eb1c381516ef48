"""WikiText (Merity et al. 2016): tokenized Wikipedia articles, ` = Title = ` lines, one paragraph a line."""

import re
from collections.abc import Iterator, Sequence

from babybert_tui.corpora.corpus import Document
from babybert_tui.corpora.sentences import split_sentences

_TITLE = re.compile(r"= (?!=)(.*[^=\s]\s+)?=")  # exactly one "=" on either side
_HEADING = re.compile(r"(?:= ){2,}.*= ?=")
_LONGEST_HEADING = 500  # characters
_SPLIT_SIGN = re.compile(r" @([-,.])@ ")  # "red @-@ tipped", "2 @,@ 000", "0 @.@ 7"
_UNKNOWN = "<unk>"  # stands for all rare words


def is_wikitext(lines: Sequence[str]) -> bool:
    """Tells whether the text begins with an article's title, or has both titles and section headings."""
    titles = _title_indices(lines)
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    return bool(titles) and (first in titles or any(map(_is_section_heading, lines)))


def read_wikitext(lines: Sequence[str]) -> Iterator[Document]:
    """Yields one document an article, without its title and headings; blank lines do not end one.

    The signs `@-@`, `@,@` and `@.@` become what they stand for, `<unk>` the word unk; spaces around punctuation stay.
    """
    titles = _title_indices(lines)
    sentences: list[str] = []
    for index, line in enumerate(lines):
        if index in titles:
            yield tuple(sentences)
            sentences = []
        elif not _is_section_heading(line):
            sentences += split_sentences(without_signs(line))
    yield tuple(sentences)


def without_signs(line: str) -> str:
    """Undoes the signs of word-level language modelling.

    `<unk>` is one word in the published text, and stays one: an ordinary `unk`. A tokenizer would make three pieces of
    it; and [UNK] is for words that our own vocabulary lacks, not to be learned as an answer.
    """
    return _SPLIT_SIGN.sub(r"\1", line).replace(_UNKNOWN, "unk")


def last_title(text: str) -> int:
    """Returns where the last title's line begins that has whole lines around it; 0 where there is none."""
    lines = text.split("\n")
    last = max((index for index in _title_indices(lines) if index < len(lines) - 2), default=0)
    return sum(len(line) + 1 for line in lines[:last])


def _title_indices(lines: Sequence[str]) -> set[int]:
    """Returns where titles stand. Formulas look like them, but only titles have blank lines around them."""
    spaced = any(not line.strip() for line in lines[:-1])

    def is_apart(index: int) -> bool:
        around = [lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else ""]
        return not spaced or not any(line.strip() for line in around)

    return {index for index, line in enumerate(lines) if _is_title(line) and is_apart(index)}


def _is_title(line: str) -> bool:
    return len(line) < _LONGEST_HEADING and _TITLE.fullmatch(line.strip()) is not None


def _is_section_heading(line: str) -> bool:
    return len(line) < _LONGEST_HEADING and _HEADING.fullmatch(line.strip()) is not None
