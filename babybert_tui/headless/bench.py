"""`bench`: measures, and prints what was measured, also when it is interrupted."""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from babybert_tui.benchmarks.learning import compare_learning
from babybert_tui.benchmarks.machine import machine_facts
from babybert_tui.benchmarks.sizes import Size
from babybert_tui.benchmarks.speed import SpeedResult, measure, precisions_here
from babybert_tui.benchmarks.text_speed import measure_text
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.configuration import Configuration
from babybert_tui.errors import RequestError
from babybert_tui.headless.bench_objects import learning_object, speed_object
from babybert_tui.headless.bench_table import grid_head, grid_row, learning_table, machine_line, speed_table, text_lines
from babybert_tui.headless.interruption import Interrupted, Interruption, watch_signals
from babybert_tui.headless.obtaining import obtain_and_prepare
from babybert_tui.headless.streams import note, print_json, waiting
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings, problems
from babybert_tui.training.hardware import threads_for
from babybert_tui.training.kernels import use_threads
from babybert_tui.training.waiting import Progress

_MOST_TEXT_ROUNDS = 3  # each takes seconds on megabytes


def bench_speed(settings: Settings, sizes: tuple[Size, ...], *, rounds: int, seconds: float, as_json: bool) -> int:
    """Measures the speed at each size, prints it and returns the exit code.

    Args:
        settings: The case; each of the sizes replaces its hidden size, layers and length.
        sizes: Empty for the settings' own.
        rounds: Of which each figure is the median.
        seconds: That each side trains in a round, at least.
        as_json: Whether to print one JSON object.

    Raises:
        RequestError: the corpus, or a size, is not as it should be.
    """
    cases = _cases(settings, sizes)

    def work(interruption: Interruption) -> None:
        with waiting() as progress:
            workload = _workload(cases[0], progress)
            interruption.tell(lambda: None)
            results = []
            for case in cases:
                if is_over(interruption):
                    break
                results.append(_measured(replace(workload, settings=case), rounds, seconds, interruption, progress))
                if not as_json:
                    _show(results, len(cases))
            text = measure_text(
                workload,
                rounds=min(rounds, _MOST_TEXT_ROUNDS),
                is_over=lambda: is_over(interruption),
                progress=progress,
            )
        if as_json:
            print_json(speed_object(results, text, is_whole=not is_over(interruption)))
        elif text.preparing:
            print(text_lines(text))

    return _interruptible(work)


def bench_learning(
    configuration: Configuration, *, minutes: float, learning_rate: float, save: Path | None, as_json: bool
) -> int:
    """Compares what is learned in `minutes`, prints it and returns the exit code.

    Args:
        configuration: Of our run.
        minutes: For each side.
        learning_rate: Hugging Face's peak.
        save: A new folder for our run and their model; None to keep neither.
        as_json: Whether to print one JSON object.

    Raises:
        RequestError: the corpus is not as it should be, or `save` exists.
        RunError: our run failed.
    """
    if save is not None and save.exists():
        raise RequestError(f"{sanitise(str(save))} exists.", "Name a folder that is not there yet.")

    def work(interruption: Interruption) -> None:
        with tempfile.TemporaryDirectory(prefix="babybert-bench-") as scratch, waiting() as progress:
            workload = _workload(configuration.settings, progress)
            interruption.tell(lambda: None)
            result = compare_learning(
                workload,
                configuration.preset,
                save or Path(scratch),
                precisions_here()[-1],
                minutes=minutes,
                learning_rate=learning_rate,
                is_over=lambda: is_over(interruption),
                progress=progress,
            )
        if as_json:
            print_json(learning_object(result, workload, minutes, is_whole=not is_over(interruption)))
        else:
            print(f"{machine_line(machine_facts())}\n{learning_table(result, workload, minutes)}")

    return _interruptible(work)


def is_over(interruption: Interruption) -> bool:
    """Whether the user has asked for the end."""
    return interruption.number is not None


def _interruptible(work: Callable[[Interruption], None]) -> int:
    """Does the work; an interruption after it has registered leaves it time to print what there is."""
    with watch_signals() as interruption:
        try:
            work(interruption)
        except Interrupted as interrupted:
            note("Interrupted before anything was measured.")
            return interrupted.exit_code
    if is_over(interruption):
        note("Interrupted: the figures are of what had been measured by then.")
    return interruption.exit_code or 0


def _cases(settings: Settings, sizes: tuple[Size, ...]) -> list[Settings]:
    cases = [replace(settings, **vars(size)) for size in sizes] or [settings]
    wrong = [sentence for case in cases for sentence in problems(case)]
    if wrong:
        raise RequestError(wrong[0])
    return cases


def _workload(settings: Settings, progress: Progress) -> Workload:
    use_threads(threads_for(settings))
    stdin = sys.stdin.buffer if settings.corpus == "-" else None
    return Workload(settings, obtain_and_prepare(settings, stdin=stdin, progress=progress))


def _measured(
    workload: Workload, rounds: int, seconds: float, interruption: Interruption, progress: Progress
) -> SpeedResult:
    return measure(
        workload,
        precisions_here(),
        rounds=rounds,
        seconds=seconds,
        is_over=lambda: is_over(interruption),
        progress=progress,
    )


def _show(results: list[SpeedResult], cases: int) -> None:
    """Prints the newest result: on its own, or as a row of the grid."""
    if len(results) == 1:
        print(machine_line(machine_facts()))
        if cases > 1:
            print(grid_head(results[0]))
    print(grid_row(results[-1]) if cases > 1 else speed_table(results[-1]), flush=True)
