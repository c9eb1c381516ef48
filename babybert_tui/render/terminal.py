"""A trace in the terminal: the pictures of what was asked for, one under another."""

from babybert_tui.inspection.trace import HeadStatistics, Trace
from babybert_tui.render.bars import PredictionBars
from babybert_tui.render.cells import Cell, Line, Picture, Stack, text_lines
from babybert_tui.render.head_table import HeadTable, clearest
from babybert_tui.render.heatmap import EVERYTHING, Heatmap, MapChoice
from babybert_tui.render.labels import visible
from babybert_tui.render.overview import Overview
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.scale import Scaling
from babybert_tui.render.strip import TokenStrip

SHOWN = ("tokens", "attention", "predictions", "heads", "all")
_HEADS_IN_ALL = 16


class Headline(Picture):
    """Which model looked at how many tokens."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws the checkpoint's name and the number of tokens."""
        name = visible(self.trace.checkpoint, ascii_only=palette.ascii_only)
        n = len(self.trace.tokens)
        counted = f"{name} {palette.signs.dot} {n} token{'s' if n != 1 else ''}"
        return text_lines(counted, width, palette, Role.HEADING)


class Notes(Picture):
    """What a person should know about the trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws each note, wrapped."""
        lines: list[Line] = []
        for note in self.trace.notes:
            lines.extend(text_lines(visible(note, ascii_only=palette.ascii_only), width, palette, Role.UNKNOWN))
        return lines


class Titled(Picture):
    """A picture under a heading with a rule."""

    def __init__(self, title: str, picture: Picture) -> None:
        self.title = title
        self.picture = picture

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws nothing where the picture has nothing to show."""
        drawn = self.picture.lines(width, palette)
        rule = palette.signs.rule
        heading = [
            Cell(f"{rule} ", palette.text(Role.MUTED)),
            Cell(self.title, palette.text(Role.HEADING)),
            Cell(f" {rule * max(0, width - len(self.title) - 3)}", palette.text(Role.MUTED)),
        ]
        return [heading, *drawn] if drawn else []


def most_telling(heads: tuple[HeadStatistics, ...]) -> HeadStatistics:
    """The head that follows its label most; a plain neighbour or special-token pattern counts as one too."""
    return clearest(heads)[0]


def _attention(
    trace: Trace, layer: int | None, head: int | None, choice: MapChoice, scaling: Scaling
) -> list[Picture]:
    if trace.attention is None or not trace.layers or not trace.head_numbers:
        return []
    pictures: list[Picture] = []
    single = len(trace.layers) * len(trace.head_numbers) == 1 or (layer is not None and head is not None)
    if not single:
        pictures.append(Titled("Layers by heads", Overview(trace)))
    chosen = (layer or trace.layers[0], head or trace.head_numbers[0])
    title = "Attention"
    if not single and trace.heads:
        wanted = tuple(item for item in trace.heads if layer in {None, item.layer} and head in {None, item.head})
        found = most_telling(wanted or trace.heads)
        chosen = (found.layer, found.head)
        title = "Attention of the clearest head (--layer and --head choose another)"
    pictures.append(Titled(title, Heatmap(trace, *chosen, choice=choice, scaling=scaling)))
    return pictures


def render_trace(  # noqa: PLR0913 - each is one switch of the picture
    trace: Trace,
    *,
    show: str = "all",
    layer: int | None = None,
    head: int | None = None,
    choice: MapChoice = EVERYTHING,
    scaling: Scaling = Scaling.GLOBAL,
    ids: bool = False,
    notes: bool = False,
) -> Picture:
    """Returns a rich renderable of what a trace found, as wide as the console and in its colours.

    Args:
        trace: What to show. What it does not hold is not shown.
        show: One of `SHOWN`.
        layer: Draw a head of this layer, counted from 1.
        head: Draw this head.
        choice: Which part of the maps to show.
        scaling: What the colours of the heatmap stand for.
        ids: Whether the token strip says vocabulary ids.
        notes: Whether to show the trace's notes too, which a script prints on standard error.

    Raises:
        ValueError: `show` is unknown, or the layer or head is not in the trace.
    """
    if show not in SHOWN:
        raise ValueError(f"cannot show {show!r}, only {', '.join(SHOWN)}")
    pictures: list[Picture] = [Headline(trace), *([Notes(trace)] if notes else []), Titled("Tokens", TokenStrip(trace, ids=ids))]
    if show in {"predictions", "all"}:
        pictures.append(Titled("Predictions (a full bar is probability 1)", PredictionBars(trace)))
    if show in {"attention", "all"}:
        pictures.extend(_attention(trace, layer, head, choice, scaling))
    if show in {"heads", "all"}:
        pictures.append(Titled("Heads", HeadTable(trace, most=_HEADS_IN_ALL if show == "all" else None)))
    return Stack(*pictures)
