"""Locks between processes, waited for in small steps so that whoever waits can give up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_WAITING_SECONDS = 0.2


@contextmanager
def held(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the lock at `path` for the block.

    Args:
        path: Of its file, which is made where it is missing and stays.
        waiting: Called again and again while another process holds it; may raise to give up.
    """
    lock = FileLock(path, timeout=_WAITING_SECONDS)
    while True:
        try:
            lock.acquire()
            break
        except Timeout:
            waiting()
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Tells whether anybody holds it now; of what cannot be opened (it is another user's, say) nobody knows."""
    try:
        with FileLock(path, timeout=0):
            return False
    except OSError:  # Timeout is one
        return True
