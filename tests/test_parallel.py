"""Work on several cores gives what it gives on one, in order, and leaves no process behind."""

import json
import math
import multiprocessing
import os
from collections.abc import Iterator

import pytest

from babybert_tui.errors import RequestError, RunError
from babybert_tui.parallel import in_order, worth


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
    assert worth(1 << 20, 8) == 1
    assert worth(1 << 30, 8) == 8
