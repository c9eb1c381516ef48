"""What is shown, as plain text for the clipboard."""

from babybert_tui.render.cells import plain_text
from babybert_tui.render.heatmap import Heatmap
from babybert_tui.render.labels import visible
from babybert_tui.render.palette import Depth, Palette
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.map_view import exact
from babybert_tui.tui.inspect.question import Kind, Look
from babybert_tui.tui.inspect.viewpoint import Viewpoint

_WIDTH = 200


def figure_text(look: Look, viewpoint: Viewpoint) -> str:
    """The number under the cursor with its names, then the whole map."""
    shown, trace, matrix = viewpoint.filtered(look), look.trace, viewpoint.matrix(look)
    place = None if shown is None else viewpoint.place_in(shown)
    if shown is None or trace is None or place is None or matrix is None:
        return ""
    query, key = int(shown.rows[place[0]]), int(shown.columns[place[1]])
    name = figure_name(look, viewpoint)
    number = exact(float(shown.values[place]))
    heatmap = Heatmap(
        trace,
        viewpoint.layer,
        viewpoint.head,
        values=matrix,
        name=name,
        choice=viewpoint.choice,
        scaling=viewpoint.scaling_shown,
    )
    palette = Palette(Depth.NONE)
    cell = f"{visible(trace.tokens[query])} ({query}) → {visible(trace.tokens[key])} ({key}) = {number}"
    return f"{sanitise(trace.checkpoint)}, {name}: {cell}\n\n" + plain_text(heatmap.lines(_WIDTH, palette))


def figure_name(look: Look, viewpoint: Viewpoint) -> str:
    """Which head, and what its cells are."""
    if look.request.kind is Kind.ROLLOUT:
        return f"rollout after layer {viewpoint.layer}"
    return f"layer {viewpoint.layer} head {viewpoint.head}, {look.request.kind}"
