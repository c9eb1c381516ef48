"""Where the app computes: on threads that leave nothing behind to slow training down."""

import os
import subprocess
import sys
import threading

import pytest

from babybert_tui.tui import computing


def test_what_is_called_in_passing_returns_or_raises_as_it_does() -> None:
    used: list[threading.Thread] = []

    def fail() -> float:
        used.append(threading.current_thread())
        return 1 / 0

    used.append(computing.in_passing(threading.current_thread))
    with pytest.raises(ZeroDivisionError):
        computing.in_passing(fail)
    assert len(used) == 2
    assert threading.current_thread() not in used
    assert not any(thread.is_alive() for thread in used)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="threads have priorities of their own on Linux only")
def test_who_gives_way_does_so_alone() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()

    def give_way() -> int:
        computing.give_way()
        return priority()

    assert computing.in_passing(give_way) > before
    assert priority() == before


ALONE = """
import os
from pathlib import Path

import torch

from babybert_tui.tui import computing


def threads():
    return {task.name for task in Path("/proc/self/task").iterdir()}


def compute():
    numbers.exp()  # large enough to be shared out
    return threads()


torch.set_num_threads(2)
numbers = torch.ones(2_000_000)
at_first = threads()
new = computing.in_passing(compute) - at_first
for _ in range(10_000):
    if not new & threads():
        break
    os.sched_yield()
print(len(new), len(new & threads()))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_leaves_no_helpers_of_openmp_behind() -> None:
    """In a program of its own: apps of other tests that are still leaving have threads that come and go."""
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "0"], "the thread and its helper, and neither of them afterwards"
