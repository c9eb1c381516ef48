"""What is shown, as a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.tui.inspect.figure_text import figure_name
from babybert_tui.tui.inspect.question import Kind, Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint

if TYPE_CHECKING:
    from babybert_tui.inspection.trace import Floats

_FIGURES = (".svg", ".png")
EXPORT_HELP = (
    ".svg .png: this map as it is filtered and scaled · .html: a page of all heads · .csv .json .npz: all weights α. "
    "A file of that name is replaced. Enter: write · Esc: leave it."
)


_FILE_NAMES = {Kind.ATTENTION: "attention", Kind.SCORES: "scores", Kind.NORMS: "norms", Kind.ROLLOUT: "rollout"}


class _OtherValues(TypedDict, total=False):
    values: "Floats | None"
    name: str


@dataclass
class Exported(Message):
    """A file was written, or not."""

    words: str
    is_failure: bool = False


def first_file_name(viewpoint: Viewpoint) -> str:
    """The name that is offered."""
    head = "" if viewpoint.kind is Kind.ROLLOUT else f"-H{viewpoint.head}"
    return f"{_FILE_NAMES[viewpoint.kind]}-L{viewpoint.layer}{head}.svg"


def _other_values(look: Look, viewpoint: Viewpoint) -> "_OtherValues":
    """What is shown, where that is not the attention of a head."""
    if look.request.kind is Kind.ATTENTION:
        return {}
    return {"values": viewpoint.matrix(look), "name": figure_name(look, viewpoint)}


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
            scaling=viewpoint.scaling_shown,
            **_other_values(look, viewpoint),
        )
    except BabyBertError as error:
        return Exported(str(error), is_failure=True)
    return Exported(f"Wrote {path}")
