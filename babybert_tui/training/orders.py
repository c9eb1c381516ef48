"""What other threads, or a signal handler, ask of a training session, which looks at it between two updates."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Semaphore
from typing import Any, TypeVar

Result = TypeVar("Result")
Item = TypeVar("Item")


class Orders:
    """`stop` to `call` are for any thread, `changes` to `close` for the session's own.

    Attributes:
        stop_reason: Why the run is to end after the update in progress, if it is.
        is_paused: Whether it waits for `resume`.
    """

    def __init__(self) -> None:
        self.stop_reason: str | None = None
        self.is_paused = False
        self._changes: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._calls: SimpleQueue[tuple[Callable[[], None], Future[Any]]] = SimpleQueue()
        self._single_steps = Semaphore(0)
        self._wake = Flag()
        self._closed = Flag()

    def stop(self, reason: str = "stopped") -> None:
        """Ends the run after the update in progress, and saves it. `reason`: "stopped" or "interrupted"."""
        self.stop_reason = reason
        self._wake.set()

    def pause(self) -> None:
        """No further update until `resume` or `single_step`."""
        self.is_paused = True

    def resume(self) -> None:
        """Goes on after a pause; single steps not yet made are forgotten."""
        self.is_paused = False
        self._single_steps = Semaphore(0)
        self._wake.set()

    def single_step(self) -> None:
        """One update, while paused."""
        if self.is_paused:
            self._single_steps.release()
            self._wake.set()

    def change(self, name: str, value: Any) -> None:
        """A setting's new value, which fits."""
        self._changes.put((name, value))
        self._wake.set()

    def call(self, function: Callable[[], Result]) -> Future[Result]:
        """Has the training thread call `function` between two updates: to copy the weights, say.

        What comes too late for the last update is not called; its future is cancelled.
        """
        future: Future[Result] = Future()

        def answer() -> None:
            if not future.set_running_or_notify_cancel():
                return  # whoever asked no longer waits
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                future.set_exception(error)

        self._calls.put((answer, future))
        self._wake.set()
        if self._closed.is_set():
            self._turn_away_calls()
        return future

    def changes(self) -> Iterator[tuple[str, Any]]:
        """The changes asked for since last time, oldest first."""
        yield from _taken(self._changes)

    def carry_out(self) -> Iterator[tuple[str, Any]]:
        """Yields changes and answers calls; while paused, waits here for more. At its end an update may be made."""
        while True:
            self._wake.clear()
            yield from self.changes()
            for answer, _ in _taken(self._calls):
                answer()
            if not self.is_paused or self.stop_reason is not None or self._single_steps.acquire(blocking=False):
                return
            self._wake.wait()

    def close(self) -> None:
        """Nothing is carried out any more: cancels the calls that came too late, so that nobody waits for them."""
        self._closed.set()
        self._turn_away_calls()

    def _turn_away_calls(self) -> None:
        for _, future in _taken(self._calls):
            future.cancel()


def _taken(queue: SimpleQueue[Item]) -> Iterator[Item]:
    """What is in the queue, without waiting for more."""
    while True:
        try:
            item = queue.get_nowait()
        except Empty:
            return
        yield item
