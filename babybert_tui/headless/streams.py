"""The standard streams of a command that prints and exits: JSON, plain text as wide as there is room, and waiting."""

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TaskProgressColumn, TextColumn
from rich.text import Text

from babybert_tui.render.console import output_width
from babybert_tui.sanitise import sanitise
from babybert_tui.training.metrics import to_line
from babybert_tui.training.waiting import Progress as Waiting
from babybert_tui.training.waiting import silent


def prefer_utf8() -> None:
    """Makes stdout UTF-8, as JSON is wherever it is exchanged (RFC 8259), whatever the locale says."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")


def print_json(value: dict[str, Any]) -> None:
    """Prints one object on a line of stdout; what is not finite becomes null."""
    prefer_utf8()
    sys.stdout.write(to_line(finite(value)))
    sys.stdout.flush()


def finite(value: Any) -> Any:
    """The same with None in place of what JSON has no number for."""
    if isinstance(value, dict):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def stdout_width() -> int:
    """The columns that there are on stdout; 80 where it is no terminal."""
    return output_width(os.environ, is_terminal=sys.stdout.isatty())


def note(message: str) -> None:
    """Something the user should know, as a line on stderr."""
    print(f"babybert-tui: {sanitise(message)}", file=sys.stderr, flush=True)


@contextmanager
def waiting() -> Iterator[Waiting]:
    """A function that says on stderr what is being waited for: on a terminal only, and nothing of it stays."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal or console.is_dumb_terminal:
        yield silent
        return
    columns = SpinnerColumn(), TextColumn("{task.description} …", markup=False), _KnownBar(), _KnownShare()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def tell(message: str, share: float | None = None, /) -> None:
            nonlocal task
            if message != progress.tasks[0].description:
                progress.remove_task(task)
                task = progress.add_task(message, total=None)
            if share is not None:
                progress.update(task, total=1.0, completed=share)

        yield tell


class _KnownBar(BarColumn):
    """A bar where it is known how much there is to do."""

    def render(self, task: Task) -> Any:
        return Text() if task.total is None else super().render(task)


class _KnownShare(TaskProgressColumn):
    """The same in figures."""

    def render(self, task: Task) -> Text:
        return Text() if task.total is None else super().render(task)
