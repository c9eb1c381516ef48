"""`train` for scripts: the session's events as JSON lines, or as figures for a person."""

import shlex
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from babybert_tui.configuration import Configuration
from babybert_tui.errors import BabyBertError
from babybert_tui.exit_codes import EXIT_STDOUT_CLOSED
from babybert_tui.headless.interruption import Interrupted, Interruption, watch_signals
from babybert_tui.headless.obtaining import Say, obtain_and_prepare, say_notes
from babybert_tui.headless.report import JsonReport, QuietReport, Report, TextReport
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.training.events import Ended, Failed
from babybert_tui.training.hardware import machine_for
from babybert_tui.training.metrics import to_line
from babybert_tui.training.opening import (
    FinishedRun,
    RunRequest,
    open_session,
    plan_run,
)
from babybert_tui.training.preparation import Prepared, prepare, silent
from babybert_tui.training.runs import free_run_name, run_folder
from babybert_tui.training.session import TrainingSession


def train(
    configuration: Configuration,
    checkpoints_dir: Path,
    *,
    policy: str = "auto",
    dry_run: bool = False,
    as_json: bool = False,
    quiet: bool = False,
) -> int:
    """Runs the whole command and returns its exit code.

    Raises:
        BabyBertError: the request is wrong, or the run's files are damaged.
    """
    request = RunRequest(
        configuration.settings,
        configuration.preset,
        checkpoints_dir,
        policy,
        sys.stdin.buffer if configuration.settings.corpus == "-" else None,
        time.monotonic(),
    )
    report: Report = JsonReport(quiet=quiet) if as_json else QuietReport() if quiet else TextReport()
    say = silent if quiet else report.message
    get = prepare if dry_run else partial(obtain_and_prepare, say=say)  # a dry run writes nothing: no download
    request = replace(request, prepare=partial(_prepare_and_tell, get, say))
    interruption: Interruption | None = None
    try:
        with watch_signals() as interruption, report:
            if dry_run:
                return _show_plan(request, report, as_json=as_json)
            return _train(request, report, interruption)
    except Interrupted as interrupted:
        is_second = interruption is not None and interruption.number is not None
        report.message(
            "Left at once: what came after the last checkpoint is lost."
            if is_second
            else "Interrupted before the first step: nothing to save."
        )
        return interrupted.exit_code
    except BabyBertError as error:
        if as_json:
            with suppress(BrokenPipeError):
                sys.stdout.write(to_line({"event": "error", "message": str(error)}))
                sys.stdout.flush()
        raise


def _prepare_and_tell(get: Callable[..., Prepared], say: Say, settings: Settings, **how: Any) -> Prepared:
    prepared = get(settings, **how)
    say_notes(prepared.corpus, say)
    return prepared


def _train(request: RunRequest, report: Report, interruption: Interruption) -> int:
    with open_session(request, progress=report.waiting, warn=report.message) as session:
        if isinstance(session, FinishedRun):
            report.finished_before(session)
            return 0
        interruption.tell(lambda: session.orders.stop("interrupted"))
        stdout_closed, last = False, None
        for event in session.events():
            last = event if isinstance(event, Ended | Failed) else last
            if stdout_closed:
                continue
            try:
                report.event(event, session.max_steps)
            except BrokenPipeError:
                stdout_closed = True
                session.orders.stop("interrupted")
        return _leave(last, session, report, interruption, stdout_closed=stdout_closed)


def _leave(
    last: Ended | Failed | None,
    session: TrainingSession,
    report: Report,
    interruption: Interruption,
    *,
    stdout_closed: bool,
) -> int:
    assert isinstance(last, Ended)
    if last.reason == "failed":
        return 1
    if last.reason == "interrupted":
        report.message(
            f"Interrupted at step {last.step}; saved in {sanitise(last.checkpoint or '')}. To go on: "
            f"{command_to_go_on(session.run.name)}"
        )
    if stdout_closed:
        return EXIT_STDOUT_CLOSED
    return interruption.exit_code or 0


def command_to_go_on(run: str) -> str:
    """The command that was given, with the run's name."""
    words = [word for word in sys.argv[1:] if word != "--restart"]
    if not any(word == "--run" or word.startswith("--run=") for word in words):
        words += ["--run", run]
    return sanitise(shlex.join(["babybert-tui", *words]))


def _show_plan(request: RunRequest, report: Report, *, as_json: bool) -> int:
    settings = request.settings
    name = settings.run or free_run_name(request.checkpoints_dir, settings.corpus, request.preset)
    plan = plan_run(request, run_folder(request.checkpoints_dir, name), machine_for(settings), report.waiting)
    facts: dict[str, Any] = {
        "run": plan.folder.name,
        "path": str(plan.folder.path),
        "parameters": plan.parameters,
        "vocabulary_size": len(plan.prepared.vocabulary),
        "documents": len(plan.prepared.corpus.documents),
        "training_tokens": len(plan.prepared.training.ids),
        "device": str(plan.machine.device),
        "precision": plan.machine.precision,
        "threads": plan.machine.threads,
        "settings": vars(plan.settings),
    }
    report.plan(facts, as_json=as_json)
    return 0
