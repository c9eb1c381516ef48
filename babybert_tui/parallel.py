"""The same function over many things, on several cores, with the results in order and few of them in memory."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from babybert_tui.errors import RunError

_PAYS_FROM = 24 << 20  # bytes

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(function: Callable[[Item], Result], items: Iterable[Item], *, processes: int = 1) -> Iterator[Result]:
    """Yields `function(item)` for each item, in order.

    Each process holds one item at a time, and items are taken only when there is a process free for them, so that
    memory does not grow with their number. Processes end with the iterator, also when it is dropped halfway.

    Args:
        function: Importable or picklable; keeps what it likes between calls.
        items: Picklable.
        processes: One: everything happens in this process.

    Raises:
        RunError: A process died (out of memory, say).
    """
    if processes < 2:
        yield from map(function, items)
        return
    team = [_Worker[Item, Result](function) for _ in range(processes)]
    free, busy = deque(team), deque[_Worker[Item, Result]]()
    try:
        for item in items:
            done = None if free else busy[0].receive()
            worker = free.popleft() if free else busy.popleft()
            worker.send(item)  # before the result is looked at: nobody waits meanwhile
            busy.append(worker)
            if done is not None:
                yield done
        for worker in busy:
            yield worker.receive()
    finally:
        for worker in team:
            worker.end()


def worth(size: int, processes: int) -> int:
    """Returns in how many processes to work on `size` bytes of text: starting them takes half a second."""
    return processes if size >= _PAYS_FROM else 1


class _Worker(Generic[Item, Result]):
    """A process and the pipe to it; it ends when the pipe closes, so also when this process is killed."""

    def __init__(self, function: Callable[[Item], Result]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, function), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, item: Item) -> None:
        self._connection.send(item)

    def receive(self) -> Result:
        try:
            is_well, answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise RunError("A process that prepared text died.", "Is there enough memory? Try --threads 1.") from error
        if not is_well:
            raise answer
        result: Result = answer
        return result

    def end(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.join()


def _serve(connection: Connection, function: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # there is a process for each core already
    while True:
        try:
            item = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = True, function(item)
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            answer = False, error
        try:
            connection.send(answer)
        except OSError:
            return
