"""Work on several cores gives what it gives on one, in order, and leaves no process behind."""

import json
import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import pytest

from babybert_tui.errors import RequestError, RunError
from babybert_tui.parallel import Team

_WORTH_IT = 1 << 30  # bytes


def in_order(function: Callable[[Any], Any], items: Iterable[Any], *, processes: int = 1) -> Generator[Any, None, None]:
    """By a team that ends with the iterator."""
    with Team(processes, function.__module__) as team:
        team.gather(_WORTH_IT)
        yield from team.in_order(function, items)


def refuse(_: object) -> None:
    raise RequestError("What is wrong.", "What to do.")


@pytest.mark.parametrize("processes", [1, 3])
def test_results_come_in_the_order_of_the_items(processes: int) -> None:
    assert list(in_order(math.sqrt, (n * n for n in range(20)), processes=processes)) == list(range(20))


def test_no_items_are_no_work() -> None:
    assert list(in_order(math.sqrt, [], processes=2)) == []


def test_only_as_many_items_are_taken_as_there_are_processes() -> None:
    taken: list[int] = []

    def items() -> Iterator[str]:
        for number in range(50):
            taken.append(number)
            yield str(number)

    results = in_order(json.loads, items(), processes=2)
    assert next(results) == 0
    assert len(taken) == 3
    results.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_is_raised_here_with_all_that_it_says(processes: int) -> None:
    with pytest.raises(RequestError) as caught:
        list(in_order(refuse, range(5), processes=processes))
    assert (caught.value.message, caught.value.remedy) == ("What is wrong.", "What to do.")
    assert multiprocessing.active_children() == []


def test_a_process_that_dies_is_one_clear_error() -> None:
    with pytest.raises(RunError, match="died"):
        list(in_order(os._exit, [3], processes=2))
    assert multiprocessing.active_children() == []


def test_processes_end_when_nobody_wants_the_rest() -> None:
    results = in_order(math.sqrt, range(100), processes=2)
    next(results)
    assert len(multiprocessing.active_children()) == 2
    results.close()
    assert multiprocessing.active_children() == []


def test_little_text_is_not_worth_a_process() -> None:
    with Team(3) as team:
        team.gather(1 << 20)
        assert multiprocessing.active_children() == []
        team.gather(_WORTH_IT)
        assert len(multiprocessing.active_children()) == 3


def test_the_same_processes_do_one_thing_after_the_other() -> None:
    with Team(2) as team:
        team.gather(_WORTH_IT)
        before = {child.pid for child in multiprocessing.active_children()}
        assert list(team.in_order(math.sqrt, [4, 9, 16])) == [2, 3, 4]
        team.gather(_WORTH_IT)
        assert list(team.in_order(json.loads, ["1", "[2]", "{}"])) == [1, [2], {}]
        assert {child.pid for child in multiprocessing.active_children()} == before
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("fault", ["dropped", "refused"])
def test_what_was_left_undone_does_not_come_back_with_the_next_thing(fault: str) -> None:
    with Team(2) as team:
        team.gather(_WORTH_IT)
        if fault == "dropped":
            results = team.in_order(math.sqrt, range(100))
            next(results)
            results.close()  # type: ignore[attr-defined]
        else:
            with pytest.raises(RequestError):
                list(team.in_order(refuse, range(5)))
        assert list(team.in_order(json.loads, ["1", "2", "3"])) == [1, 2, 3]


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system cannot hold signals back")
def test_ctrl_c_does_not_reach_the_processes_even_while_they_start() -> None:
    with Team(2, "json") as team:
        team.gather(_WORTH_IT)
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGINT)
        assert list(team.in_order(math.sqrt, [4, 9, 16])) == [2, 3, 4]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
