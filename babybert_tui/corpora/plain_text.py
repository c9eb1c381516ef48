"""Plain text as documents, according to its layout."""

import re
from collections.abc import Iterable, Iterator, Sequence

from babybert_tui.corpora.corpus import Document
from babybert_tui.corpora.layout import Layout, detect_layout
from babybert_tui.corpora.sentences import split_sentences
from babybert_tui.corpora.wikitext import read_wikitext

_BULLET = re.compile(r"[-*+•] +")
_LIST_ITEM = re.compile(r"(?:[-*+•]|\(?\d{1,3}[.)]) +")
_HYPHEN_AT_END = re.compile(r"\w-$")
_SAMPLED_RECORDS = 10_000


def read_blocks_of(text: str, layout: Layout) -> Iterator[Document]:
    """Yields the documents of a text whose layout is known: they end at blank lines, in WikiText at titles."""
    # never str.splitlines, which also splits at U+2028, form feeds and the like
    lines = text.split("\n")
    if layout is Layout.WIKITEXT:
        return read_wikitext(lines)
    return (tuple(_sentences(block, layout)) for block in _blocks(lines))


def record_layout(texts: Sequence[str]) -> Layout:
    """Returns the layout found in the first 10,000 texts together."""
    layout = detect_layout("\n\n".join(texts[:_SAMPLED_RECORDS]).split("\n"))
    return Layout.PARAGRAPHS if layout is Layout.WIKITEXT else layout


def describe(layout: Layout) -> str:
    """Returns how documents of this layout are told apart, in words."""
    if layout is Layout.WIKITEXT:
        return f"{layout.value}, an article is a document, headings dropped, @-@ signs undone, <unk> a word"
    return f"{layout.value}, blank line between documents"


def split_record(text: str, layout: Layout) -> Document:
    """Returns the sentences of one record, blank lines or not."""
    return tuple(sentence for block in _blocks(text.split("\n")) for sentence in _sentences(block, layout))


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Yields the stretches of lines between blank lines; lines are stripped."""
    block: list[str] = []
    for line in lines:
        stripped = line.strip()
        if stripped:
            block.append(stripped)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _sentences(block: list[str], layout: Layout) -> list[str]:
    if layout is Layout.SENTENCES:
        return block
    paragraphs = _unwrap(block) if layout is Layout.WRAPPED else block
    return [sentence for paragraph in paragraphs for sentence in split_sentences(paragraph)]


def _unwrap(block: list[str]) -> list[str]:
    """Joins wrapped lines; a list item begins a paragraph of its own, and loses its bullet."""
    paragraphs: list[list[str]] = []
    for line in block:
        if not paragraphs or _LIST_ITEM.match(line):
            paragraphs.append([])
        paragraphs[-1].append(_BULLET.sub("", line, count=1) if _BULLET.match(line) else line)
    return ["".join(_with_gaps(lines)).rstrip() for lines in paragraphs]


def _with_gaps(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if not _HYPHEN_AT_END.search(line):  # "well-" + "known" was broken at its own hyphen
            yield " "
