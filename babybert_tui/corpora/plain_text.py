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


def read_plain_text(text: str) -> tuple[Layout, Iterator[Document]]:
    """Returns the layout found and the documents: they end at blank lines, in WikiText at titles."""
    lines = text.split("\n")  # never str.splitlines, which also splits at U+2028, form feeds and the like
    layout = detect_layout(lines)
    if layout is Layout.WIKITEXT:
        return layout, read_wikitext(lines)
    return layout, (tuple(_sentences(block, layout)) for block in _blocks(lines))


def read_record_texts(texts: Sequence[str]) -> tuple[Layout, Iterator[Document]]:
    """Returns the layout found in all texts together, and one document for each text, blank lines or not."""
    layout = detect_layout("\n\n".join(texts[:10_000]).split("\n"))
    if layout is Layout.WIKITEXT:
        layout = Layout.PARAGRAPHS
    return layout, (_one_document(text, layout) for text in texts)


def describe(layout: Layout) -> str:
    """Returns how documents of this layout are told apart, in words."""
    if layout is Layout.WIKITEXT:
        return f"{layout.value}, an article is a document, headings dropped, @-@ signs undone"
    return f"{layout.value}, blank line between documents"


def _one_document(text: str, layout: Layout) -> Document:
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
