"""The English prose of the Python language reference, which ships inside every interpreter (`pydoc_data.topics`)."""

import re
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module

from babybert_tui.corpora.gathering import Document
from babybert_tui.corpora.sentences import split_sentences
from babybert_tui.corpora.source import Generated, Source
from babybert_tui.errors import RequestError

NAME = "python-reference"
_READING = "sections of the interpreter's own language reference, cleaned of code and markup, split into sentences"

_UNDERLINE = re.compile(r"([*=\-~^\"'#])\1+")
_NOT_PROSE = re.compile(r"^\s*(>>>|\.\.\. |[|+][-=| ]|# |\w+ *::=)", re.MULTILINE)
_ITEM_MARKER = re.compile(r"^(?:[*•-]|\d{1,2}\.|[IVX]+\.|\[\d+\])\s+")
_VERSION = re.compile(r"^(?:Changed|New|Added|Deprecated)(?: since| in) version [\d.]+(?:, [^:]*)?: ")
_EMPHASIS = re.compile(r"(?<![\w*])\*{1,2}(\w(?:[^*]*?\w)?)\*{1,2}(?![\w*])")
_FOOTNOTE = re.compile(r" ?\[\d+\]")
_BROKEN_WORD = re.compile(r"(?<=\w-)\n(?=\w)")
_PROSE_WORD = re.compile(r"[(“]*[A-Za-z][A-Za-z'\u2019-]*[)”]*[.,;:]*")
_SENTENCE_END = re.compile(r"[.:;,!?][)”*]*$")
_FUNCTION_WORDS = frozenset(
    ("a", "an", "the", "is", "are", "be", "of", "to", "that", "this", "it", "with", "by", "from", "as", "can", "will")
)
_MIN_WORDS = 5
_MIN_PROSE_SHARE = 0.6
_CERTAIN_PROSE_SHARE = 0.8  # enough even without a full stop, which list items often lack


def python_reference() -> Source:
    """Returns the reference as a corpus: one document a section, no paragraph twice.

    Topics overlap: without dropping what has been seen, a third of the held-out words would stand in training text.
    The text, and so its digest, differs between versions of Python.

    Raises:
        RequestError: This interpreter comes without `pydoc_data`.
    """
    try:
        topics: dict[str, str] = import_module("pydoc_data.topics").topics
    except (ImportError, AttributeError) as error:
        raise RequestError(
            "This Python comes without its language reference (pydoc_data).", "Use the corpus 'stories'."
        ) from error
    return Generated(NAME, _READING, lambda: _documents(topics), lambda: _digest(topics))


def _documents(topics: dict[str, str]) -> Iterator[Document]:
    seen: set[str] = set()
    return (document for topic in sorted(topics) for document in _sections(topics[topic], seen))


def _digest(topics: dict[str, str]) -> str:
    return sha256(repr(sorted(topics.items())).encode(errors="surrogateescape")).hexdigest()


def _sections(text: str, seen: set[str]) -> Iterator[Document]:
    """Yields the new prose under each heading, and adds it to `seen`."""
    sentences: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip("\n").split("\n")
        if _is_heading(lines):
            yield tuple(sentences)
            sentences = []
            continue
        paragraph = clean_paragraph(lines)
        if paragraph and paragraph not in seen:
            seen.add(paragraph)
            sentences += split_sentences(paragraph)
    yield tuple(sentences)


def _is_heading(lines: list[str]) -> bool:
    return len(lines) == 2 and _UNDERLINE.fullmatch(lines[1].strip()) is not None


def clean_paragraph(lines: list[str]) -> str:
    """Returns a block of the reference as one line of prose without markup, or "" where it is something else."""
    lines = _without_term(lines)
    if _NOT_PROSE.search("\n".join(lines)):
        return ""
    text = "\n".join(line.strip() for line in lines)
    text = _VERSION.sub("", _ITEM_MARKER.sub("", _BROKEN_WORD.sub("", text).replace("\n", " ")))
    text = re.sub(r"\s+", " ", _FOOTNOTE.sub("", text.replace('"', "").replace("`", "")))
    text = _EMPHASIS.sub(r"\1", text).strip()
    return text if _is_prose(text) else ""


def _without_term(lines: list[str]) -> list[str]:
    """Drops the first line where it is a term or a signature, and its explanation is indented under it."""
    if len(lines) < 2 or _indent(lines[1]) <= _indent(lines[0]) or _ITEM_MARKER.match(lines[0].strip()):
        return lines
    return lines[1:]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_prose(text: str) -> bool:
    words = text.split()
    ordinary = sum(_PROSE_WORD.fullmatch(word) is not None for word in words)
    needed = _MIN_PROSE_SHARE if _SENTENCE_END.search(text) else _CERTAIN_PROSE_SHARE
    return (
        len(words) >= _MIN_WORDS
        and ordinary >= needed * len(words)
        and not _FUNCTION_WORDS.isdisjoint(word.lower() for word in words)
    )
