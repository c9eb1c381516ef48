"""The thread that finds out what a run with the settings at hand would be. Only the newest question counts."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.settings import Settings, problems
from babybert_tui.tui import computing
from babybert_tui.tui.messages import PreviewChanged
from babybert_tui.tui.prepared import PreparedTexts
from babybert_tui.tui.speeds import Speeds

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
        is_idle: Whether nothing is in training: only then the machine's speed can be measured.
    """

    def __init__(
        self, post: Callable[[Message], object], texts: PreparedTexts, is_idle: Callable[[], bool] = lambda: True
    ) -> None:
        self.outlook = Outlook()
        self.speeds = Speeds()
        self._is_idle = is_idle
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
            computing.in_passing(partial(self._find_out, settings))

    def _find_out(self, settings: Settings) -> None:
        self._tell(self._answer(settings))
        if self.outlook.preview is not None and not self.speeds.knows(settings):
            self._measure_speed(settings, self.outlook.preview)

    def _tell(self, outlook: Outlook) -> None:
        self.outlook = outlook
        self._post(PreviewChanged())

    def _measure_speed(self, settings: Settings, preview: "Preview") -> None:
        from babybert_tui.training.calibration import operations_per_second

        try:
            speed = operations_per_second(settings, self._texts.prepared(settings), self._has_time)
        except Exception:  # noqa: BLE001 - then there is no estimate before the first run
            traceback.print_exc()
            return
        if speed is not None:
            self.speeds.learn(settings, speed)
            self._tell(Outlook(preview, seconds=self._seconds(settings, preview)))

    def _has_time(self) -> bool:
        return self._is_idle() and self._questions.empty()

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
        return Outlook(preview, seconds=self._seconds(settings, preview))

    def _seconds(self, settings: Settings, preview: "Preview") -> float | None:
        if settings.minutes is not None:
            return 60 * settings.minutes
        speed = self.speeds.of(settings)
        return None if speed is None else preview.seconds(settings, speed)
