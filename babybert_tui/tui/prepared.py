"""Texts read, split and tokenized, kept for the next run: built-in ones do not change while the program runs."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from babybert_tui.settings import Settings
from babybert_tui.training.waiting import Progress, silent

if TYPE_CHECKING:
    from babybert_tui.training.preparation import Prepared

_CONCERNED = ("corpus", "held_out_share", "tokenizer", "vocab_size", "cased", "max_length", "sentence_objective")


class PreparedTexts:
    """Keeps the last built-in text; files are read anew, for they may have changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._key: tuple[object, ...] = ()
        self._kept: Prepared | None = None

    def obtained(
        self,
        settings: Settings,
        *,
        say: Callable[[str], None],
        stdin: BinaryIO | None = None,
        progress: Progress = silent,
    ) -> "Prepared":
        """As `prepared`; a published data set that is not on this machine is downloaded first, and `say` told so."""
        from babybert_tui.corpora.published import make_ready

        make_ready(settings.corpus, settings.data_root, progress=progress, say=say)
        return self.prepared(settings, stdin=stdin, progress=progress)

    def prepared(self, settings: Settings, *, stdin: BinaryIO | None = None, progress: Progress = silent) -> "Prepared":
        """As `preparation.prepare`. Whoever comes second waits for the first."""
        from babybert_tui.corpora.opening import BUILT_IN_NAMES
        from babybert_tui.training.preparation import prepare

        if settings.corpus not in BUILT_IN_NAMES:
            return prepare(settings, stdin=stdin, progress=progress)
        key = tuple(getattr(settings, name) for name in _CONCERNED)
        progress("reading the corpus")
        with self._lock:
            if self._kept is None or self._key != key:
                self._kept, self._key = prepare(settings, progress=progress), key
            return self._kept
