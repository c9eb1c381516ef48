"""Memory that is given back to the system and asked for again at each step costs a twentieth of a training's time."""

import ctypes
import sys

# The names and numbers of glibc's malloc.h.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_LARGEST_FROM_THE_HEAP = 32 << 20  # the most that glibc lets one ask for
_KEPT = 1 << 30
_TAKEN_AT_ONCE = 16 << 20


def keep_freed_memory() -> None:
    """Has the process keep what it frees, up to a gigabyte, for the next step. Does nothing where there is no glibc.

    One arena for all threads: the training thread of the app is then served as the main thread of a script is, and
    threads that only compute hardly ever ask. Must come before those threads.
    """
    if not sys.platform.startswith("linux"):
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return
    for name, value in (
        (_ARENA_MAX, 1),
        (_MMAP_THRESHOLD, _LARGEST_FROM_THE_HEAP),
        (_TRIM_THRESHOLD, _KEPT),
        (_TOP_PAD, _TAKEN_AT_ONCE),
    ):
        mallopt(name, value)
