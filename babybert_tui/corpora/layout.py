"""How a plain text is laid out: one sentence a line, one paragraph a line, wrapped prose, or WikiText."""

import re
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise

from babybert_tui.corpora import wikitext
from babybert_tui.corpora.sentences import split_sentences

LINES_SAMPLED = 10_000
_SAMPLED_CHARACTERS = 2_000  # of a line: enough to see that it holds more than one sentence
_WIDEST_WRAP = 200  # characters: longer lines are paragraphs, however alike in length
_SENTENCE_END = re.compile(r"[.!?…。！？:;][\"'`)\]}’”»*_\s]*$")
_SENTENCE_END_INSIDE = re.compile(r"[.!?…][\"')\]’”»]*(?:\s|$)")


class Layout(Enum):
    """What a line of the text is; the value says it to a person."""

    SENTENCES = "one sentence a line"
    PARAGRAPHS = "one paragraph a line, split into sentences"
    WRAPPED = "prose with wrapped lines, split into sentences"
    WIKITEXT = "WikiText, split into sentences"


def detect_layout(lines: Sequence[str]) -> Layout:
    """Tells the layout from up to 10,000 lines of the text."""
    if wikitext.is_wikitext(lines[:LINES_SAMPLED]):
        return Layout.WIKITEXT
    sample = [line[:_SAMPLED_CHARACTERS].strip() for line in lines[:LINES_SAMPLED]]
    if _is_wrapped(sample):
        return Layout.WRAPPED
    return Layout.PARAGRAPHS if _share_in_long_lines(sample) > 0.5 else Layout.SENTENCES


def _share_in_long_lines(sample: list[str]) -> float:
    """Returns the share of characters that stand in lines of two sentences or more."""
    total = several = 0
    for line in sample:
        total += len(line)
        if len(split_sentences(line)) > 1:
            several += len(line)
    return several / total if total else 0.0


def _is_wrapped(sample: list[str]) -> bool:
    """Tells whether line breaks fall inside sentences.

    Two signs: lines are filled up to one width, so that the next line's first word would not have fitted; or, in
    text with capital letters, lines go on in lower case where the line before has not ended its sentence.
    """
    breaks = [(line, after) for line, after in pairwise(sample) if line and after]
    if not breaks or not _ends_sentences(sample):
        return False
    unfinished = [(line, after) for line, after in breaks if not _SENTENCE_END.search(line)]
    width = _usual_width([line for line, _ in breaks])
    if width > _WIDEST_WRAP:
        return False
    full = sum(len(line) + 1 + len(after.split(maxsplit=1)[0]) > width for line, after in breaks)
    if full > 0.7 * len(breaks) and len(unfinished) > 0.4 * len(breaks):
        return True
    continued = sum(after[0].islower() for _, after in unfinished)
    return continued > 0.3 * len(breaks) and _has_capitals(sample)


def _ends_sentences(sample: list[str]) -> bool:
    """Without full stops anywhere (titles, transcripts, Penn Treebank) a line is the only unit there is."""
    filled = [line for line in sample if line]
    return sum(_SENTENCE_END_INSIDE.search(line) is not None for line in filled) > 0.05 * len(filled)


def _usual_width(lines: list[str]) -> int:
    """Returns the width that 95 % of the lines keep: a table or an address may stick out."""
    lengths = sorted(map(len, lines))
    return lengths[int(0.95 * (len(lengths) - 1))]


def _has_capitals(sample: list[str]) -> bool:
    letters = [character for line in sample[:1000] for character in line if character.isalpha()]
    return sum(map(str.isupper, letters)) > 0.005 * len(letters)
