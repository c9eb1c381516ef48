"""A trace in the terminal: the pictures of what was asked for, one under another."""

from collections.abc import Collection

from babybert_tui.inspection.trace import HeadStatistics, Trace
from babybert_tui.render.bars import PredictionBars
from babybert_tui.render.beside import Beside
from babybert_tui.render.cells import Cell, Line, Picture, Stack, line_width, text_lines
from babybert_tui.render.head_table import HeadTable, clearest
from babybert_tui.render.heatmap import EVERYTHING, Heatmap, MapChoice
from babybert_tui.render.labels import visible
from babybert_tui.render.overview import Overview
from babybert_tui.render.palette import Palette, Role
from babybert_tui.render.scale import Scaling
from babybert_tui.render.selection import selected
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
    """A picture under a heading with a rule, which is as wide as the picture where it is `snug`."""

    def __init__(self, title: str, picture: Picture, *, snug: bool = False) -> None:
        self.title = title
        self.snug = snug
        self.picture = picture

    def lines(self, width: int, palette: Palette) -> list[Line]:
        """Draws nothing where the picture has nothing to show."""
        drawn = self.picture.lines(width, palette)
        width = min(width, max((line_width(line) for line in drawn), default=0)) if self.snug else width
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


def _attention(trace: Trace, layer: int | None, head: int | None, choice: MapChoice, scaling: Scaling) -> list[Picture]:
    """One head where one was chosen; else the overview beside or above the clearest head of those chosen."""
    if trace.attention is None or not trace.layers or not trace.head_numbers:
        return []
    if layer is not None and head is not None:
        return [Titled("Attention", Heatmap(trace, layer, head, choice=choice, scaling=scaling))]
    narrowed = selected(trace, layer, head)
    found = most_telling(narrowed.heads) if narrowed.heads else None
    place = (found.layer, found.head) if found else (narrowed.layers[0], narrowed.head_numbers[0])
    heatmap = Heatmap(trace, *place, choice=choice, scaling=scaling)
    if len(narrowed.layers) == len(narrowed.head_numbers) == 1:
        return [Titled("Attention", heatmap)]
    which = "The clearest head" if found else "One head"
    chosen = Titled(f"{which} (--layer and --head choose another)", heatmap)
    overview = Titled("Layers by heads", Overview(narrowed), snug=True)
    return [Beside(overview, chosen, least=heatmap.full_width)]


def _checked(show: str | Collection[str]) -> set[str]:
    wanted = {show} if isinstance(show, str) else set(show)
    unknown = wanted - set(SHOWN)
    if unknown or not wanted:
        raise ValueError(f"cannot show {', '.join(sorted(unknown)) or 'nothing'}, only {', '.join(SHOWN)}")
    return set(SHOWN) - {"all"} if "all" in wanted else wanted


def render_trace(
    trace: Trace,
    *,
    show: str | Collection[str] = "all",
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
        show: One or several of `SHOWN`.
        layer: Draw a head of this layer, counted from 1.
        head: Draw this head.
        choice: Which part of the maps to show.
        scaling: What the colours of the heatmap stand for.
        ids: Whether the token strip says vocabulary ids.
        notes: Whether to show the trace's notes too, which a script prints on standard error.

    Raises:
        ValueError: `show` is unknown, or the layer or head is not in the trace.
    """
    wanted = _checked(show)
    pictures: list[Picture] = [Headline(trace)]
    if notes:
        pictures.append(Notes(trace))
    if wanted != {"heads"}:
        pictures.append(Titled("Tokens", TokenStrip(trace, ids=ids)))
    if "predictions" in wanted:
        pictures.append(Titled("Predictions (a full bar is probability 1)", PredictionBars(trace)))
    if "attention" in wanted:
        pictures.extend(_attention(trace, layer, head, choice, scaling))
    if "heads" in wanted:
        pictures.append(Titled("Heads", HeadTable(trace, most=_HEADS_IN_ALL if len(wanted) > 1 else None)))
    return Stack(*pictures)
