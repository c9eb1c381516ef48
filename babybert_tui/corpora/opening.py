"""Opening a corpus by its name."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from babybert_tui.corpora.corpus import Corpus, corpus_of, gather_in_memory
from babybert_tui.corpora.files import FileSource, spool
from babybert_tui.corpora.finding import find_files
from babybert_tui.corpora.gathering import Document
from babybert_tui.corpora.holdout import require_enough
from babybert_tui.corpora.hub import PREFIX as HUB_PREFIX
from babybert_tui.corpora.hub import HubSource, parse_hub_name
from babybert_tui.corpora.published import PUBLISHED, data_root_of, published_source
from babybert_tui.corpora.python_reference import NAME as PYTHON_REFERENCE
from babybert_tui.corpora.python_reference import python_reference
from babybert_tui.corpora.source import Generated, Source
from babybert_tui.corpora.storing import pack_block
from babybert_tui.errors import RequestError

STANDARD_INPUT = "-"
_STORIES_SEED = 0


def open_source(
    name: str,
    *,
    text_field: str | None = None,
    encoding_errors: str = "strict",
    data_root: str | None = None,
    piped: Path | None = None,
) -> Source:
    """Finds the corpus that a user names; nothing of it is read yet, and nothing downloaded.

    Args:
        name: `stories`, `python-reference`, a published data set, `hub:…`, a file, a folder, a pattern, or `-` for
            standard input.
        text_field: The field that holds the text of JSON lines, of CSV and of the Hub's records; None finds it.
        encoding_errors: "strict", or "replace" to read invalid bytes as U+FFFD and count them in the notes.
        data_root: The folder with copies of published data sets; None is the one in the user's cache folder.
        piped: The file that standard input has been written to.

    Raises:
        RequestError: Nothing has that name.
    """
    if encoding_errors not in ("strict", "replace"):
        raise RequestError(f"Encoding errors cannot be handled by {encoding_errors!r}.", "Use 'strict' or 'replace'.")
    if name in _BUILT_IN:
        return _BUILT_IN[name]()
    if name == STANDARD_INPUT:
        assert piped is not None
        return FileSource(
            name, [piped], text_field=text_field, encoding_errors=encoding_errors, as_text="standard input"
        )
    if name in PUBLISHED:
        return published_source(name, data_root_of(data_root), encoding_errors)
    if name.startswith(HUB_PREFIX):
        return HubSource(name, text_field)
    paths, notes = find_files(name, KNOWN_NAMES)
    return FileSource(name, paths, notes, text_field=text_field, encoding_errors=encoding_errors)


def require_corpus(name: str) -> None:
    """Raises RequestError where nothing has that name; what a folder or a known name holds is not looked at."""
    if name.startswith(HUB_PREFIX):
        parse_hub_name(name)
    elif name not in KNOWN_NAMES and (not name or not Path(name).expanduser().is_dir()):
        find_files(name, KNOWN_NAMES)


def open_corpus(
    name: str,
    *,
    text_field: str | None = None,
    encoding_errors: str = "strict",
    data_root: str | None = None,
    stdin: BinaryIO | None = None,
) -> Corpus:
    """Reads the corpus that a user names into memory; for all arguments but the last see `open_source`.

    Args:
        name: What to open.
        text_field: Of records.
        encoding_errors: What to do about invalid bytes.
        data_root: Of published data sets.
        stdin: Where `-` reads from; None is the process's standard input.

    Raises:
        RequestError: Nothing has that name, it cannot be read, or it is too small to train and evaluate on.
    """
    if name != STANDARD_INPUT:
        source = open_source(name, text_field=text_field, encoding_errors=encoding_errors, data_root=data_root)
        return _read(source)
    with tempfile.TemporaryDirectory() as folder:
        piped = Path(folder) / "piped.txt"
        spool(sys.stdin.buffer if stdin is None else stdin, piped, lambda _done: None)
        return _read(open_source(name, text_field=text_field, encoding_errors=encoding_errors, piped=piped))


def _read(source: Source) -> Corpus:
    gathering, documents = gather_in_memory(map(pack_block, source.blocks(lambda _done: None)))
    return require_enough(corpus_of(gathering, source.name, source.format, documents, source.notes()))


def _stories() -> Source:
    def documents() -> list[Document]:
        from babybert_tui.corpora.stories import DEFAULT_COUNT, generate_stories

        return generate_stories(DEFAULT_COUNT, _STORIES_SEED)

    return Generated("stories", "generated stories, a story is a document", documents, lambda: str(_STORIES_SEED))


_BUILT_IN: dict[str, Callable[[], Source]] = {
    "stories": _stories,
    PYTHON_REFERENCE: python_reference,
}
BUILT_IN_NAMES = tuple(_BUILT_IN)
KNOWN_NAMES = (*BUILT_IN_NAMES, *PUBLISHED)
