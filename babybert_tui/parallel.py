"""The same function over many things, on several cores, with the results in order and few of them in memory."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

from babybert_tui.errors import RunError

_PAYS_FROM = 24 << 20  # bytes

Item = TypeVar("Item")
Result = TypeVar("Result")


class Team:
    """Processes that wait for work, from the moment it is made; they end with the `with` block.

    Args:
        processes: One: everything happens in this process.
        module: What they import while they wait.
    """

    def __init__(self, processes: int, module: str) -> None:
        self._workers = [_Worker(module) for _ in range(processes)] if processes > 1 else []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def in_order(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yields `function(item)` for each item, in order; to be called once.

        Each process holds one item at a time, and items are taken only when there is a process free for them, so that
        memory does not grow with their number.

        Args:
            function: Importable or picklable; keeps what it likes between calls.
            items: Picklable.

        Raises:
            RunError: A process died (out of memory, say).
        """
        if not self._workers:
            yield from map(function, items)
            return
        for worker in self._workers:
            worker.send(function)
        free, busy = deque(self._workers), deque[_Worker]()
        for item in items:
            done = None if free else (busy[0].receive(),)
            worker = free.popleft() if free else busy.popleft()
            worker.send(item)  # before the result is looked at: nobody waits meanwhile
            busy.append(worker)
            if done is not None:
                yield done[0]
        for worker in busy:
            yield worker.receive()


def in_order(function: Callable[[Item], Result], items: Iterable[Item], *, processes: int = 1) -> Iterator[Result]:
    """`Team.in_order` by a team of its own, which ends with the iterator, also when that is dropped halfway."""
    with Team(processes, function.__module__) as team:
        yield from team.in_order(function, items)


def worth(size: int, processes: int) -> int:
    """Returns in how many processes to work on `size` bytes of text: starting them takes half a second."""
    return processes if size >= _PAYS_FROM else 1


class _Worker:
    """A process and the pipe to it; it ends when the pipe closes, so also when this process is killed."""

    def __init__(self, module: str) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, module), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, thing: Any) -> None:
        """The function first, and then items."""
        with suppress(OSError):  # it died: whoever waits for its answer is told
            self._connection.send(thing)

    def receive(self) -> Any:
        try:
            is_well, answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise RunError("A process that prepared text died.", "Is there enough memory? Try --threads 1.") from error
        if not is_well:
            raise answer
        return answer

    def end(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.join()


def _serve(connection: Connection, module: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # there is a process for each core already
    import_module(module)
    with suppress(EOFError, OSError):  # the pipe was closed: nobody wants more
        function: Callable[[Any], Any] = connection.recv()
        while True:
            item = connection.recv()
            try:
                answer: tuple[bool, Any] = True, function(item)
            except Exception as error:  # noqa: BLE001 - raised again where it was asked for
                answer = False, error
            connection.send(answer)
