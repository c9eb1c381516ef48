"""The thread that finds out what a run with the settings at hand would be. Only the newest question counts."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.settings import Settings, problems
from babybert_tui.tui import computing
from babybert_tui.tui.messages import PreviewChanged
from babybert_tui.tui.prepared import PreparedTexts

if TYPE_CHECKING:
    from babybert_tui.training.preview import Preview

_SETTLING_SECONDS = 0.15  # a held key asks many questions


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is known of a run that might be."""

    preview: "Preview | None" = None
    wrong: str = ""
    seconds: float | None = None  # how long it would take; None: not known yet


class Previewer:
    """Answers in `outlook`, and posts that it did.

    Args:
        post: Posts a message to the app; safe on any thread.
        texts: Corpora that were read before.
    """

    def __init__(self, post: Callable[[Message], object], texts: PreparedTexts) -> None:
        self.outlook = Outlook()
        self.speed: float | None = None  # operations a second, as measured in a run
        self._post = post
        self._texts = texts
        self._questions: SimpleQueue[Settings] = SimpleQueue()
        self._thread = Thread(target=self._work, name="previews", daemon=True)
        self._thread.start()

    def ask(self, settings: Settings) -> None:
        """Asks what a run with these settings would be."""
        self._questions.put(settings)

    def _work(self) -> None:
        while True:
            settings = self._questions.get()
            time.sleep(_SETTLING_SECONDS)
            while True:
                try:
                    settings = self._questions.get_nowait()
                except Empty:
                    break
            self.outlook = self._answer(settings)
            self._post(PreviewChanged())

    def _answer(self, settings: Settings) -> Outlook:
        if found := problems(settings):
            return Outlook(wrong=" ".join(found))
        try:
            computing.load()
            from babybert_tui.training.preview import preview_run

            preview = preview_run(settings, self._texts.prepared)
        except BabyBertError as error:
            return Outlook(wrong=str(error))
        except Exception as error:  # noqa: BLE001 - the pane says so; the thread lives on
            traceback.print_exc()
            return Outlook(wrong=f"{type(error).__name__}: {error}")
        seconds = None
        if settings.minutes is not None:
            seconds = 60 * settings.minutes
        elif self.speed is not None:
            seconds = preview.seconds(settings, self.speed)
        return Outlook(preview, seconds=seconds)
