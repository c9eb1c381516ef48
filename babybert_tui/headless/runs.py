"""`runs` for scripts and people: what runs there are, one of them, several beside each other, and away with them."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from babybert_tui.errors import RequestError, RunError
from babybert_tui.headless.evaluation_table import MEASURED_AGAINST, EvaluationTable
from babybert_tui.headless.run_summary import (
    RunSummary,
    compared_settings,
    find_runs,
    looks_like_run,
    own_settings,
    shown,
    summarise,
)
from babybert_tui.headless.streams import note, print_json, stdout_width
from babybert_tui.render.console import stdout_console
from babybert_tui.render.figures import clock
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import unknown_name
from babybert_tui.training.card import command
from babybert_tui.training.events import Started
from babybert_tui.training.runs import run_folder

_COMPARED_FIGURES = {
    "mlm_loss": "MLM loss",
    "mlm_accuracy": "MLM accuracy",
    "mlm_nats_per_word": "nats per word",
    "nsp_loss": "NSP loss",
    "nsp_accuracy": "NSP accuracy",
}


def list_runs(checkpoints_dir: Path, *, as_json: bool) -> None:
    """Prints a line for each run, the one last worked on last."""
    summaries = list(find_runs(checkpoints_dir))
    if as_json:
        print_json({"schema": 1, "checkpoints_dir": str(checkpoints_dir), "runs": [one.as_json() for one in summaries]})
        return
    if not summaries:
        note(f"There are no runs in {checkpoints_dir}. `babybert-tui --headless train` makes one.")
        return
    rows = [("run", "state", "step", "MLM loss", "accuracy", "NSP acc.", "settings"), *map(_row, summaries)]
    for line in _aligned(rows):
        print(_fitting(line))
    _say_problems(summaries)


def show_run(name: str, checkpoints_dir: Path, *, as_json: bool) -> None:
    """Prints all that is known of one run. Raises RequestError where there is none of that name."""
    summary = find_run(name, checkpoints_dir)
    if as_json:
        print_json({"schema": 1, **summary.as_json(), "evaluations": summary.evaluations})
        return
    for label, text in _facts(summary):
        print(f"{label:<13}{sanitise(text)}")
    _print_figures(summary)
    _say_problems([summary])


def compare_runs(names: tuple[str, ...], checkpoints_dir: Path, *, as_json: bool) -> None:
    """Prints what runs differ in, and their last figures, side by side. Raises RequestError."""
    summaries = [find_run(name, checkpoints_dir) for name in names]
    differences = compared_settings(summaries)
    if as_json:
        runs = [one.as_json() for one in summaries]
        print_json({"schema": 1, "runs": runs, "differences": differences})
        return
    _print_comparison(stdout_console(), summaries, differences)
    for one in _warnings(summaries):
        note(one)
    _say_problems(summaries)


def delete_run(summary: RunSummary) -> None:
    """Removes a run's folder, and all in it.

    Raises:
        RequestError: it is in use.
        RunError: it cannot be removed.
    """
    with summary.folder.held():
        pass
    try:
        shutil.rmtree(summary.folder.path)
    except OSError as error:
        where = sanitise(str(error.filename or summary.folder.path))
        raise RunError(f"{where} cannot be removed: {error.strerror}.") from None


def find_run(name: str, checkpoints_dir: Path) -> RunSummary:
    """The run of that name. Raises RequestError where there is none, with the nearest name."""
    folder = run_folder(checkpoints_dir, name)
    if not (folder.path.is_dir() and looks_like_run(folder.path)):
        known = [one.folder.name for one in find_runs(checkpoints_dir)]
        sentence = unknown_name(name, sanitise(str(checkpoints_dir)), known or [""]).replace("setting", "run")
        raise RequestError(sentence, f"Runs: {', '.join(map(sanitise, known))}." if known else "There are no runs.")
    return summarise(folder)


def _row(summary: RunSummary) -> tuple[str, ...]:
    figures = summary.evaluation or {}
    length = f"/{summary.max_steps:,}" if summary.max_steps is not None else ""
    return (
        sanitise(summary.folder.name),
        summary.state,
        f"{summary.step:,}{length}",
        *(_figure(figures.get(name)) for name in ("mlm_loss", "mlm_accuracy", "nsp_accuracy")),
        _settings_text(summary),
    )


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """The rows as lines: figures to the right, the rest to the left."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            " " * (width - cell_len(text)) + text if 2 <= column <= 5 else text + " " * (width - cell_len(text))
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _fitting(line: str) -> str:
    """The line, cut to the terminal's width; in a pipe or a file it stays whole."""
    if not sys.stdout.isatty():
        return line
    text = Text(line)
    text.truncate(stdout_width(), overflow="ellipsis")
    return text.plain


def _settings_text(summary: RunSummary) -> str:
    if summary.record is None:
        return ""
    own = [f"{name} {shown(name, value)}" for name, value in own_settings(summary.record).items()]
    return ", ".join([sanitise(str(summary.record.preset)), *own])


def _facts(summary: RunSummary) -> Iterator[tuple[str, str]]:
    length = f" of {summary.max_steps:,}" if summary.max_steps is not None else ""
    time = f", after {clock(summary.elapsed_seconds)}" if summary.elapsed_seconds is not None else ""
    yield "run", summary.folder.name
    yield "state", f"{summary.state}, step {summary.step:,}{length}{time}"
    yield "folder", f"{summary.folder.path}, {summary.size / 1e6:,.1f} MB"
    record = summary.record
    if record is not None:
        text = record.corpus if isinstance(record.corpus, dict) else {}
        yield "text", f"{text.get('name')}: {text.get('format')}; {text.get('documents')} documents"
        yield "machine", f"{record.device}, {record.precision}, threads: {record.threads}"
        yield "settings", _settings_text(summary)
    if isinstance(summary.start.get("parameters"), int):
        yield "model", f"{summary.start['parameters']:,} parameters, vocabulary of {summary.start['vocabulary_size']:,}"
    yield "checkpoints", ", ".join(f"{step:,}" for step in summary.checkpoints) or "none"
    again = _command(summary)
    if again:
        yield "command", again


def _command(summary: RunSummary) -> str:
    """The command that makes the run, or goes on with it; "" where its start is not known."""
    try:
        fields = {name: value for name, value in summary.start.items() if name not in ("schema", "event")}
        return command(Started(**fields))
    except (KeyError, TypeError, AttributeError):
        return ""


def _print_figures(summary: RunSummary) -> None:
    if summary.evaluation is None or summary.baselines is None:
        return
    objective = str(summary.record.settings.sentence_objective) if summary.record is not None else "nsp"
    table = EvaluationTable(stdout_width(), objective)
    print()
    print(table.head("held out", summary.baselines))
    for one in summary.evaluations:
        print(table.row(f"step {one.get('step')}", one))


def _print_comparison(console: Console, summaries: list[RunSummary], differences: dict[str, list[Any]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    for _ in summaries:
        table.add_column(overflow="fold")

    def add(label: str, values: list[str]) -> None:
        table.add_row(Text(label), *(Text(sanitise(value)) for value in values))

    add("", [one.folder.name for one in summaries])
    add("state", [one.state for one in summaries])
    add("step", [f"{one.step:,}" for one in summaries])
    add("time", [clock(one.elapsed_seconds) if one.elapsed_seconds is not None else "" for one in summaries])
    for name, values in differences.items():
        pairs = zip(summaries, values, strict=True)
        add(name, ["" if one.record is None else shown(name, value) for one, value in pairs])
    for name, label in _COMPARED_FIGURES.items():
        add(label, [_figure((one.evaluation or {}).get(name)) for one in summaries])
        for row, names in MEASURED_AGAINST.items():
            known = [getattr(one.baselines, names.get(name, ""), None) for one in summaries]
            if any(value is not None for value in known):
                add(f"  {row}", [_figure(value) for value in known])
    console.print(table)


def _warnings(summaries: list[RunSummary]) -> Iterator[str]:
    records = [one.record for one in summaries if one.record is not None]
    if len({_digest(record.corpus) for record in records}) > 1:
        yield "The runs were trained on different texts: their figures are of different held-out documents."
    elif len({_digest(record.tokenizer) for record in records}) > 1:
        yield "The runs have different vocabularies: of their losses only nats per word compare."


def _digest(facts: Any) -> str:
    return str(facts.get("sha256")) if isinstance(facts, dict) else ""


def _say_problems(summaries: list[RunSummary]) -> None:
    for summary in summaries:
        if summary.problem is not None:
            note(f"{summary.folder.name} is damaged: {summary.problem}")


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "–"
