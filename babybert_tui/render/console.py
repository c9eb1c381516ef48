"""The console for standard output: its width, its colours and its characters."""

import os
import shutil
from collections.abc import Mapping
from typing import IO

from rich.console import Console

PIPED_WIDTH = 80
_NARROWEST, _WIDEST = 20, 1000


def output_width(environment: Mapping[str, str], *, is_terminal: bool) -> int:
    """`COLUMNS` where it is set, else the terminal's width; 80 for a pipe or a file, so that files are always alike."""
    columns = environment.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns) > 0:
        width = int(columns)
    elif is_terminal:
        width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
    else:
        width = PIPED_WIDTH
    return min(_WIDEST, max(_NARROWEST, width))


def stdout_console(file: IO[str] | None = None, *, environment: Mapping[str, str] | None = None) -> Console:
    """Makes the console that pictures are printed on.

    A non-empty `NO_COLOR` (no-color.org), `TERM=dumb`, a pipe or a file give no escape sequences at all, unless
    `FORCE_COLOR` is set and `NO_COLOR` is not.

    Args:
        file: Where to print, standard output by default.
        environment: The environment variables to follow, the process's by default.
    """
    variables = os.environ if environment is None else environment
    console = Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=False, _environ=variables)
    width = output_width(variables, is_terminal=console.is_terminal)
    plain = bool(variables.get("NO_COLOR")) or console.color_system is None
    if not plain:
        return Console(
            file=file, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False, _environ=variables
        )
    return Console(
        file=file, width=width, color_system=None, highlight=False, markup=False, emoji=False, _environ=variables
    )
