"""The same function over many things, on several cores, with the results in order and few of them in memory."""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, Self, TypeVar

from babybert_tui.errors import RunError

_PAYS_FROM = 24 << 20  # bytes
# There is a process for each core already; and without threads of its own NumPy is imported a tenth of a second sooner.
_ALONE = {"TOKENIZERS_PARALLELISM": "false", "OPENBLAS_NUM_THREADS": "1"}

Item = TypeVar("Item")
Result = TypeVar("Result")


class Team:
    """Processes that wait for work; they end with the `with` block.

    Args:
        processes: How many there may be. One: everything happens in this process.
        modules: What they import while they wait.
    """

    def __init__(self, processes: int, *modules: str) -> None:
        self._processes = processes
        self._modules = modules
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._dismiss()

    def gather(self, size: int) -> None:
        """Starts the processes, where `size` bytes of text are worth the half second that it takes.

        The sooner this is called, the less is waited for them. Those that run stay as they are.
        """
        if not self._workers and self._processes > 1 and size >= _PAYS_FROM:
            self._workers = [_Worker(self._modules) for _ in range(self._processes)]

    def in_order(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yields `function(item)` for each item, in order.

        Each process holds one item at a time, and items are taken only when there is a process free for them, so that
        memory does not grow with their number. The processes end with an iterator that is dropped halfway.

        Args:
            function: Importable or picklable; keeps what it likes between items.
            items: Picklable.

        Raises:
            RunError: A process died (out of memory, say).
        """
        if not self._workers:
            yield from map(function, items)
            return
        for worker in self._workers:
            worker.take_up(function)
        free, busy = deque(self._workers), deque[_Worker]()
        try:
            for item in items:
                done = None if free else (busy[0].receive(),)
                worker = free.popleft() if free else busy.popleft()
                worker.send(item)  # before the result is looked at: nobody waits meanwhile
                busy.append(worker)
                if done is not None:
                    yield done[0]
            while busy:
                result = busy[0].receive()
                busy.popleft()
                yield result
        finally:
            if busy:  # with answers that nobody will take
                self._dismiss()

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []


class _Worker:
    """A process and the pipe to it; it ends when the pipe closes, so also when this process is killed."""

    def __init__(self, modules: Sequence[str]) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, modules), daemon=True)
        with _interrupts_held_back():
            self._process.start()
        theirs.close()

    def take_up(self, function: Callable[[Any], Any]) -> None:
        """What to do with the items that follow."""
        self._tell(function, is_function=True)

    def send(self, item: Any) -> None:
        self._tell(item, is_function=False)

    def _tell(self, thing: Any, *, is_function: bool) -> None:
        with suppress(OSError):  # it died: whoever waits for its answer is told
            self._connection.send((is_function, thing))

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


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """What this thread starts never hears Ctrl-C, which reaches the whole group: the parent decides.

    From its first moment on, for a process that is still importing would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # as `start` does, and lets Ctrl-C through again when it has
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, modules: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # also where it could not be held back
    gc.disable()  # a text is a million small lists, none of them in a cycle
    os.environ |= _ALONE
    for module in modules:
        import_module(module)
    with suppress(EOFError, OSError):  # the pipe was closed: nobody wants more
        function: Callable[[Any], Any]
        while True:
            is_function, thing = connection.recv()
            if is_function:
                function = thing
                continue
            try:
                answer: tuple[bool, Any] = True, function(thing)
            except Exception as error:  # noqa: BLE001 - raised again where it was asked for
                answer = False, error
            connection.send(answer)
