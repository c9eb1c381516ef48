"""Opening a corpus by its name."""

import sys
from collections.abc import Callable
from typing import BinaryIO

from babybert_tui.corpora.corpus import Corpus, make_corpus
from babybert_tui.corpora.files import read_files, read_stream
from babybert_tui.corpora.finding import find_files
from babybert_tui.corpora.holdout import require_enough
from babybert_tui.corpora.python_reference import NAME as PYTHON_REFERENCE
from babybert_tui.corpora.python_reference import read_python_reference
from babybert_tui.errors import RequestError

STANDARD_INPUT = "-"
_STORIES_SEED = 0


def open_corpus(
    name: str, *, text_field: str | None = None, encoding_errors: str = "strict", stdin: BinaryIO | None = None
) -> Corpus:
    """Reads the corpus that a user names.

    Args:
        name: `stories`, `python-reference`, a file, a folder, a pattern, or `-` for standard input.
        text_field: The field that holds the text of JSON lines and CSV records; None finds it.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD and count them in the notes.
        stdin: Where `-` reads from; None is the process's standard input.

    Raises:
        RequestError: Nothing has that name, it cannot be read, or it is too small to train and evaluate on.
    """
    if encoding_errors not in ("strict", "replace"):
        raise RequestError(f"Encoding errors cannot be handled by {encoding_errors!r}.", "Use 'strict' or 'replace'.")
    if name in _BUILT_IN:
        return require_enough(_BUILT_IN[name]())
    if name == STANDARD_INPUT:
        stream = sys.stdin.buffer if stdin is None else stdin
        return require_enough(read_stream(stream, text_field=text_field, encoding_errors=encoding_errors))
    paths, notes = find_files(name, BUILT_IN_NAMES)
    return require_enough(read_files(name, paths, notes, text_field=text_field, encoding_errors=encoding_errors))


def _read_stories() -> Corpus:
    from babybert_tui.corpora.stories import DEFAULT_COUNT, generate_stories

    reading = "generated stories, a story is a document"
    return make_corpus("stories", reading, generate_stories(DEFAULT_COUNT, _STORIES_SEED))


_BUILT_IN: dict[str, Callable[[], Corpus]] = {
    "stories": _read_stories,
    PYTHON_REFERENCE: read_python_reference,
}
BUILT_IN_NAMES = tuple(_BUILT_IN)
