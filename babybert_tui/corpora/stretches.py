"""Long texts cut into stretches that memory holds with ease, at the ends of lines and of documents."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from babybert_tui.corpora.corpus import Document
from babybert_tui.corpora.holdout import LONGEST_PART, parts_of
from babybert_tui.corpora.layout import LINES_SAMPLED, Layout, detect_layout
from babybert_tui.corpora.plain_text import read_blocks_of
from babybert_tui.corpora.source import BLOCK_CHARACTERS, Block, PlainText
from babybert_tui.corpora.wikitext import last_title
from babybert_tui.errors import RequestError

LONGEST_LINE = 1 << 28  # characters of JSON or CSV, of which a line is held whole
LONGEST_DOCUMENT = 1 << 24  # characters: what goes on for longer is cut, whatever it is
_HEAD_CHARACTERS = 1 << 24  # enough to tell the layout from, however long the lines


@dataclass(frozen=True)
class EndlessText:
    """A stretch of a document that is too long to be held in memory: its parts are documents."""

    text: str
    layout: Layout
    held_out: bool | None = None

    def documents(self) -> Iterator[Document]:
        """Cuts it into parts of 32 sentences."""
        for document in read_blocks_of(self.text, self.layout):
            yield from parts_of(document, LONGEST_PART)


def at_line_ends(texts: Iterable[str], source: str) -> Iterator[str]:
    """Cuts a text anew so that each stretch of it ends with a line feed, but for the last; none is empty.

    Args:
        texts: Stretches that end anywhere.
        source: What to call the text in a message.

    Raises:
        RequestError: A line is longer than memory should hold.
    """
    held: list[str] = []
    size = 0  # of what is held
    for text in texts:
        end = text.rfind("\n") + 1
        if not end:
            held.append(text)
            size += len(text)
            if size > LONGEST_LINE:
                raise RequestError(
                    f"{source} has a line of more than {LONGEST_LINE / 1e6:,.0f} million characters.",
                    "Divide it into several records.",
                )
            continue
        yield "".join([*held, text[:end]])
        held = [text[end:]]
        size = len(text) - end
    if rest := "".join(held):
        yield rest


def plain_blocks(texts: Iterable[str]) -> tuple[Layout, Iterator[Block]]:
    """Tells the layout from the first lines of a text, and cuts all of it between documents."""
    given = iter(texts)
    head: list[str] = []
    lines = characters = 0
    for text in given:
        head.append(text)
        lines += text.count("\n")
        characters += len(text)
        if lines > LINES_SAMPLED or characters > _HEAD_CHARACTERS:
            break
    start = "".join(head)
    layout = detect_layout(start.split("\n"))
    return layout, _blocks(start, given, layout)


def _blocks(start: str, texts: Iterator[str], layout: Layout) -> Iterator[Block]:
    waiting = start
    is_endless = False
    while True:
        while len(waiting) < BLOCK_CHARACTERS and (text := next(texts, None)) is not None:
            waiting += text
        if len(waiting) < BLOCK_CHARACTERS:
            break
        end = _end_of_documents(waiting, layout)
        if end:
            yield (EndlessText if is_endless else PlainText)(waiting[:end], layout)
            waiting, is_endless = waiting[end:], False
        elif len(waiting) >= LONGEST_DOCUMENT:
            end = _end_of_words(waiting)
            yield EndlessText(waiting[:end], layout)
            waiting, is_endless = waiting[end:], True
        elif (text := next(texts, None)) is not None:
            waiting += text
        else:
            break
    if waiting:
        yield (EndlessText if is_endless else PlainText)(waiting, layout)


def _end_of_documents(text: str, layout: Layout) -> int:
    """Returns where the last document begins that may not have ended; 0 where the first one is still going on."""
    if layout is Layout.WIKITEXT:
        return last_title(text)
    end = text.rfind("\n\n") + 2
    if end > 1:
        return end
    place = len(text)
    while (place := text.rfind("\n", 0, place)) > 0:  # blank lines may hold spaces
        before = text.rfind("\n", 0, place) + 1
        if not text[before:place].strip():
            return place + 1
    return 0


def _end_of_words(text: str) -> int:
    """Returns where the last line begins that may not have ended; where there are no lines, the last word."""
    return text.rfind("\n") + 1 or text.rfind(" ") + 1 or len(text)
