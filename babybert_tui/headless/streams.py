"""The standard streams of a command that prints and exits: JSON, plain text as wide as there is room, and waiting."""

import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.text import Text

from babybert_tui.render.console import output_width
from babybert_tui.sanitise import sanitise
from babybert_tui.training.metrics import to_line


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
def waiting() -> Iterator[Callable[[str], None]]:
    """A function that says on stderr what is being waited for: on a terminal only, and nothing of it stays."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal or console.is_dumb_terminal:
        yield lambda _message: None
        return
    with console.status(Text("starting …")) as status:
        yield lambda message: status.update(Text(f"{message} …"))
