"""Before a text is prepared in a script: its data set is downloaded where it is missing, and stderr says so."""

import sys
import time
from collections.abc import Callable
from typing import BinaryIO

from babybert_tui.corpora.corpus import Corpus, counted
from babybert_tui.corpora.published import make_ready
from babybert_tui.headless.streams import note
from babybert_tui.settings import Settings
from babybert_tui.training.preparation import Prepared, Progress, prepare, silent

Say = Callable[[str], None]
_SECONDS_BETWEEN_LINES = 5.0


def obtain_and_prepare(
    settings: Settings, *, stdin: BinaryIO | None = None, progress: Progress = silent, say: Say = note
) -> Prepared:
    """As `prepare`; a published data set that is not on this machine is downloaded first.

    Args:
        settings: What to prepare.
        stdin: Where piped text comes from.
        progress: Told what is being waited for.
        say: Prints a line on stderr. Where stderr is no terminal it is told how far the download is, too, now and then.

    Raises:
        RequestError: the corpus or the tokenizer is not as it should be, or the data set cannot be had.
        RunError: it cannot be written.
    """
    how_far = progress if sys.stderr.isatty() else _Lines(say)
    make_ready(settings.corpus, settings.data_root, progress=how_far, say=say)
    return prepare(settings, stdin=stdin, progress=progress)


def say_notes(corpus: Corpus, say: Say = note) -> None:
    """Says what there is to know about the reading of a text: replaced bytes, parts that are missing, repetitions."""
    for one in corpus.notes:
        say(one)
    if corpus.duplicates_dropped:
        say(f"{counted(corpus.duplicates_dropped, 'repeated document')} left out")


class _Lines:
    """Progress as lines, now and then."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said = time.monotonic()

    def __call__(self, message: str, share: float | None = None, /) -> None:
        now = time.monotonic()
        if now - self._said >= _SECONDS_BETWEEN_LINES:
            self._said = now
            self._say(message if share is None else f"{message}: {share:.0%}")
