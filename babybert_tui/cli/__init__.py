"""The command line: parses, then opens one of the fronts. Imports no torch."""

import errno
import io
import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

import click

from babybert_tui import __version__
from babybert_tui.cli.command import LazyGroup
from babybert_tui.configuration import gather
from babybert_tui.errors import BabyBertError
from babybert_tui.exit_codes import EXIT_STDOUT_CLOSED
from babybert_tui.headless.interruption import Interrupted
from babybert_tui.sanitise import sanitise

PROGRAM = "babybert-tui"
EXIT_INTERRUPTED = 130

_COMMANDS = {
    "train": "babybert_tui.cli.train:train_command",
    "inspect": "babybert_tui.cli.inspect:inspect_command",
    "evaluate": "babybert_tui.cli.evaluate:evaluate_command",
    "corpus": "babybert_tui.cli.corpus:corpus_command",
    "runs": "babybert_tui.cli.runs:runs_command",
    "bench": "babybert_tui.cli.bench:bench_command",
    "doctor": "babybert_tui.cli.doctor:doctor_command",
}


@dataclass
class Context:
    """What every command knows: the options that stand before its name."""

    checkpoints_dir: Path
    headless: bool
    debug: bool
    config: Path | None = None


@click.group(
    cls=LazyGroup,
    commands_at=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--headless", is_flag=True, help="No terminal control: data on stdout, progress and messages on stderr.")
@click.option(
    "--checkpoints-dir",
    type=click.Path(path_type=Path),
    default=Path("checkpoints"),
    show_default=True,
    help="Where runs are kept.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file with settings.  [default: ./babybert.toml where there is one]",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(__version__, prog_name=PROGRAM)
@click.pass_context
def cli(context: click.Context, headless: bool, checkpoints_dir: Path, config: Path | None, debug: bool) -> None:
    """Pre-train a small BERT from scratch, and look inside it. Without a command the app opens."""
    context.obj = Context(checkpoints_dir, headless, debug, config)
    if context.invoked_subcommand is not None:
        return
    if headless:
        raise click.UsageError(f"Name a command: {', '.join(_COMMANDS)}.", context)
    from babybert_tui.tui.launch import open_app

    open_app(gather({}, config=config), checkpoints_dir)


def main(arguments: list[str] | None = None) -> NoReturn:
    """The program: runs a command and leaves with its exit code."""
    debug = "--debug" in (sys.argv[1:] if arguments is None else arguments)
    # How long torch's threads spin before they sleep: as fast alone, and several times as fast beside busy programs.
    os.environ.setdefault("GOMP_SPINCOUNT", "8000")
    _open_closed_streams()
    _never_fail_to_print()
    try:
        code = cli.main(args=arguments, prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as error:
        code = _usage(error)
    except BabyBertError as error:
        code = _complain(str(error), error.exit_code, debug)
    except (KeyboardInterrupt, click.Abort):
        code = EXIT_INTERRUPTED
    except Interrupted as interrupted:
        code = interrupted.exit_code
    except BrokenPipeError:
        code = EXIT_STDOUT_CLOSED
    except OSError as error:
        is_closed_pipe = error.errno == errno.EINVAL  # how Windows reports one
        code = EXIT_STDOUT_CLOSED if is_closed_pipe else _complain(_os_error(error), 1, debug)
    except Exception as error:  # noqa: BLE001 - a traceback is for those who ask for one
        what = f"{type(error).__name__}: {str(error)[:300]}"
        code = _complain(f"This is a fault of the program's own ({what}). --debug shows where.", 1, debug)
    leave(code if isinstance(code, int) else 0)


def _open_closed_streams() -> None:
    """What the caller has closed (`<&-`, `>&-`) is opened: an empty stdin, a stdout that nobody reads, no stderr."""
    if sys.stdin is None:
        sys.stdin = _opened(0, os.open(os.devnull, os.O_RDONLY), "r")
    if sys.stdout is None:
        reading, writing = os.pipe()
        os.close(reading)
        sys.stdout = _opened(1, writing, "w")
    if sys.stderr is None:
        sys.stderr = _opened(2, os.open(os.devnull, os.O_WRONLY), "w")


def _opened(number: int, descriptor: int, mode: str) -> TextIO:
    if descriptor != number:
        os.dup2(descriptor, number)
        os.close(descriptor)
    return cast("TextIO", os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _never_fail_to_print() -> None:
    """Characters that the terminal's encoding has not are written as escapes, instead of ending in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def leave(code: int) -> NoReturn:
    """Ends the process; what is left in a closed stdout's buffer is dropped without a second complaint."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or EXIT_STDOUT_CLOSED
    sys.exit(code)


def _usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    click.echo(f"{PROGRAM}: {sanitise(error.format_message())}", err=True)
    if context is not None:
        click.echo(f"Try '{context.command_path} --help'.", err=True)
    return 2


def _complain(sentence: str, code: int, debug: bool) -> int:
    if debug:
        click.echo(sanitise(traceback.format_exc(), keep_newlines=True), err=True, nl=False)
    click.echo(f"{PROGRAM}: {sanitise(sentence)}", err=True)  # it may quote a text or a file's name
    return code


def _os_error(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."


__all__: list[Any] = ["Context", "cli", "leave", "main"]
