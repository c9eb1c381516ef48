"""A trace written to a file, whose suffix says which kind: .svg .html .png .csv .json .npz."""

import errno
import io
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from babybert_tui.errors import RequestError, RunError
from babybert_tui.inspection.as_json import write_trace
from babybert_tui.inspection.trace import Floats, Trace
from babybert_tui.render.data_files import write_csv, write_npz
from babybert_tui.render.figure import trace_figure
from babybert_tui.render.heatmap import EVERYTHING, MapChoice
from babybert_tui.render.html import trace_as_html
from babybert_tui.render.png import write_png
from babybert_tui.render.scale import Scaling
from babybert_tui.render.scene import Scene
from babybert_tui.render.selection import selected
from babybert_tui.render.svg import scene_as_svg
from babybert_tui.sanitise import sanitise

_BINARY: int = getattr(os, "O_BINARY", 0)  # only Windows tells texts from other files
_NEEDS_ATTENTION = frozenset({".svg", ".html", ".png", ".csv"})
SUFFIXES = (".svg", ".html", ".png", ".csv", ".json", ".npz")


def export_trace(
    trace: Trace,
    path: Path,
    *,
    layer: int | None = None,
    head: int | None = None,
    values: Floats | None = None,
    name: str = "",
    choice: MapChoice = EVERYTHING,
    scaling: Scaling = Scaling.GLOBAL,
) -> None:
    """Writes `trace` to `path`, whole or not at all; a file that was there is replaced.

    Args:
        trace: What to write.
        path: Its suffix says what: a figure (.svg, .png), a page (.html), the weights (.csv, .npz), or the object of
            `inspect --json` (.json).
        layer: Only this layer, counted from 1.
        head: Only this head. With one layer and one head the figure is one large map.
        values: (n, n) of something else than the attention of that one head, for a figure.
        name: What those are, for its title.
        choice: Which part of the maps a figure shows; data files are always whole.
        scaling: What the colours of a figure stand for.

    Raises:
        RequestError: The suffix is unknown, the path cannot be written, or the trace has nothing for such a file.
        RunError: The disk is full or broken.
    """
    suffix = checked_suffix(path)
    if suffix in _NEEDS_ATTENTION and trace.attention is None:
        raise RequestError(f"There is no attention to write to {_shown(path)}: it was not asked for.")
    try:
        trace = selected(trace, layer, head)
    except ValueError as error:
        raise RequestError(f"Cannot write {_shown(path)}: {error}.") from error

    def figure() -> Scene:
        return trace_figure(trace, values=values, name=name, choice=choice, scaling=scaling)

    writers: dict[str, Callable[[BinaryIO], None]] = {
        ".svg": lambda file: _write_text(file, scene_as_svg(figure())),
        ".png": lambda file: write_png(figure(), file),
        ".html": lambda file: _write_text(file, trace_as_html(trace)),
        ".csv": lambda file: write_csv(trace, file),
        ".json": lambda file: _write_json(trace, file),
        ".npz": lambda file: write_npz(trace, file),
    }
    _write_whole(path, writers[suffix])


def checked_suffix(path: Path) -> str:
    """The suffix of a path to export to, in lower case.

    Raises:
        RequestError: It is none of `SUFFIXES`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise RequestError(f"Cannot tell what to write to {_shown(path)}.", f"Give it one of {' '.join(SUFFIXES)}.")
    return suffix


def _shown(path: Path) -> str:
    return sanitise(str(path).encode("utf-8", "backslashreplace").decode())


def _write_text(file: BinaryIO, text: str) -> None:
    file.write(text.encode("utf-8", "replace"))


def _write_json(trace: Trace, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
    write_trace(trace, text)
    text.flush()
    text.detach()


def _write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Writes beside the target and renames, so that nobody ever sees half a file."""
    target = _target(path)
    draft = target.with_name(f".{secrets.token_hex(6)}{target.suffix}")
    try:
        try:
            # Made anew with the permissions that the user's umask gives, which a temporary file would not have.
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR | _BINARY, 0o666), "w+b") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _reported(path, error) from error


def _target(path: Path) -> Path:
    """The file that a path stands for, links followed."""
    try:
        target = path.resolve()
        regular = target.is_file() or not target.exists()
    except (OSError, ValueError, RuntimeError) as error:  # a name that is too long, holds NUL, or links in a circle
        raise RequestError(f"Cannot write {_shown(path)}: {error}.") from error
    if not regular:
        raise RequestError(f"Cannot write {_shown(path)}: it is not a regular file.")
    return target


def _reported(path: Path, error: OSError) -> RequestError | RunError:
    message = f"Cannot write {_shown(path)}: {error.strerror or error}."
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
        return RunError(message)
    return RequestError(message)
