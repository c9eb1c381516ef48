"""The thread that looks inside models. Only the newest request counts."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.tui import computing
from babybert_tui.tui.inspect.looking import Looker
from babybert_tui.tui.inspect.models import ModelShelf, SessionNow
from babybert_tui.tui.inspect.question import Look, PastLook, Question, Request
from babybert_tui.tui.inspect.weights import Weights, along_the_run


@dataclass
class LookReady(Message):
    """There is a new answer."""

    def can_replace(self, message: Message) -> bool:
        """The newest one says all."""
        return isinstance(message, LookReady)


class Inspector:
    """Answers in `look`, and posts that it did.

    Args:
        post: Posts a message; safe on any thread.
        checkpoints_dir: Where runs are kept.
        session_now: The run in training, if any.
    """

    def __init__(self, post: Callable[[Message], object], checkpoints_dir: Path, session_now: SessionNow) -> None:
        self.look: Look | None = None
        self._post = post
        self._checkpoints_dir = checkpoints_dir
        self._looker = Looker(ModelShelf(session_now))
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._asked: Request | None = None
        self._past: tuple[PastLook, ...] = ()
        self._thread = Thread(target=self._work, name="inspector", daemon=True)
        self._thread.start()

    def ask(self, request: Request) -> None:
        """Asks; requests that nobody has begun to answer are dropped."""
        self._asked = request
        self._requests.put(request)

    def end(self) -> None:
        """The thread leaves once it has answered."""
        self._requests.put(None)

    @property
    def is_busy(self) -> bool:
        """Whether the newest request has no answer yet."""
        return self._asked is not None and (self.look is None or self.look.request is not self._asked)

    def _work(self) -> None:
        while (request := self._newest()) is not None:
            before = self.look
            if before is None or before.request.question != request.question:
                self._past = ()
            answer = computing.in_passing(partial(self._answer, request))
            self.look = answer if answer.past else replace(answer, past=self._past)
            self._post(LookReady())
            computing.in_passing(partial(self._look_back, request))

    def _newest(self) -> Request | None:
        request = self._requests.get()
        while request is not None:
            try:
                request = self._requests.get_nowait()
            except Empty:
                break
        return request

    def _answer(self, request: Request) -> Look:
        try:
            return self._looker.look(request)
        except BabyBertError as error:
            return Look(request, failure=str(error))
        except Exception as error:  # noqa: BLE001 - the pane says so; the thread lives on
            traceback.print_exc()
            return Look(request, failure=f"{type(error).__name__}: {error}")

    def _look_back(self, request: Request) -> None:
        """The same input in the run's other checkpoints, one after another, until there is something newer to do."""
        look, weights = self.look, request.question.weights
        if self._past or weights is None or weights.run is None or look is None or look.failure:
            return
        found: list[PastLook] = []
        for one in along_the_run(weights, self._checkpoints_dir, None):
            if not self._requests.empty():
                return
            past = self._past_look(request.question, one)
            found += [past] if past is not None else []
        self._past = tuple(found)
        self.look = replace(look, past=self._past)
        self._post(LookReady())

    def _past_look(self, question: Question, weights: Weights) -> PastLook | None:
        try:
            return self._looker.past_look(question, weights)
        except Exception:  # noqa: BLE001 - a checkpoint that is broken or has just been removed is left out
            return None
