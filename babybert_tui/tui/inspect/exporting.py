"""What is shown, as a file."""

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.tui.inspect.question import Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint

_FIGURES = (".svg", ".png")
EXPORT_HELP = (
    ".svg .png: this head as it is filtered and scaled · .html: a page of all heads · .csv .json .npz: all numbers. "
    "A file of that name is replaced. Enter: write · Esc: leave it."
)


@dataclass
class Exported(Message):
    """A file was written, or not."""

    words: str
    is_failure: bool = False


def first_file_name(viewpoint: Viewpoint) -> str:
    """The name that is offered."""
    return f"attention-L{viewpoint.layer}-H{viewpoint.head}.svg"


def write_figure(look: Look, viewpoint: Viewpoint, name: str) -> Exported:
    """Writes the attention of a look. For a thread of its own: a large figure takes a while."""
    from babybert_tui.render.export import export_trace

    if look.trace is None:
        return Exported("There is nothing to write.", is_failure=True)
    path = Path(name).expanduser()
    is_figure = path.suffix.lower() in _FIGURES
    try:
        export_trace(
            look.trace,
            path,
            layer=viewpoint.layer if is_figure else None,
            head=viewpoint.head if is_figure else None,
            choice=viewpoint.choice,
            scaling=viewpoint.scaling,
        )
    except BabyBertError as error:
        return Exported(str(error), is_failure=True)
    return Exported(f"Wrote {path}")
