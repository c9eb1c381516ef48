"""The keys of the room: what they do, for the key bar and for the help."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from babybert_tui.tui.widgets.key_bar import Hint


def room_bindings() -> list[BindingType]:
    """Bindings of the pane; the screen's own come after them."""
    return [
        Binding("up", "arrow(-1, 0)", show=False),
        Binding("down", "arrow(1, 0)", show=False),
        Binding("left", "arrow(0, -1)", show=False),
        Binding("right", "arrow(0, 1)", show=False),
        Binding("tab", "next_view(1)", show=False),
        Binding("shift+tab", "next_view(-1)", show=False),
        Binding("e", "edit", "edit the texts"),
        Binding("m", "mask", "hide or show the token"),
        Binding("a", "mask_as_training", "hide as in training"),
        Binding("u", "unmask", "hide nothing"),
        Binding("h", "head(1)", "next head"),
        Binding("H", "head(-1)", "head before"),
        Binding("l", "layer(1)", "next layer"),
        Binding("L", "layer(-1)", "layer before"),
        Binding("enter", "arithmetic", "arithmetic of the cell"),
        Binding("f", "filter", "filter: A→A, A→B, B→A, B→B"),
        Binding("s", "specials", "hide special tokens"),
        Binding("r", "renormalise", "renormalise rows"),
        Binding("c", "scale", "scale: row, global, log"),
        Binding("v", "values", "values: α, scores, ‖αf(x)‖, rollout"),
        Binding("i", "lens", "the guess layer by layer"),
        Binding("o", "head_off", "head off and on"),
        Binding("b", "weights", "whose weights"),
        Binding("B", "beside", "other weights beside these"),
        Binding("P", "probe", "the run's probe, as it was recorded"),
        Binding("z", "hold", "hold the model in training still"),
        Binding("comma", "back", "checkpoint or moment before"),
        Binding("full_stop", "forward", "next checkpoint or moment"),
        Binding("d", "held_out", "draw a held-out pair"),
        Binding("w", "export", "write to a file"),
        Binding("y", "copy", "copy as text"),
        Binding("escape", "close", show=False),
    ]


def _hint(key: str, does: str, action: str) -> Hint:
    return Hint(key, does, f"screen.in_room('{action}')")


_LAST = (Hint("?", "help", "app.explain"), Hint("q", "quit", "app.quit"))


class RoomHints:
    """What the key bar says, the most important first; the last two are always shown."""

    MAP: ClassVar[tuple[Hint, ...]] = (
        _hint("e", "text", "edit"),
        _hint("m", "mask", "mask"),
        _hint("h/H", "head", "head(1)"),
        _hint("l/L", "layer", "layer(1)"),
        _hint("Enter", "arithmetic", "arithmetic"),
        _hint("f", "filter", "filter"),
        _hint("v", "values", "values"),
        _hint("o", "head off", "head_off"),
        _hint("i", "by layer", "lens"),
        _hint("b/B", "weights, beside", "weights"),
        _hint(", .", "steps", "back"),
        Hint("p", "play", "app.play"),
        _hint("d", "a pair", "held_out"),
        _hint("c", "scale", "scale"),
        _hint("s", "specials", "specials"),
        _hint("a", "as training", "mask_as_training"),
        _hint("u", "unmask", "unmask"),
        _hint("r", "renorm", "renormalise"),
        _hint("P", "probe", "probe"),
        _hint("z", "hold", "hold"),
        _hint("w", "write", "export"),
        _hint("y", "copy", "copy"),
        *_LAST,
    )
    RECORDED: ClassVar[tuple[Hint, ...]] = (
        _hint(",", "earlier", "back"),
        _hint(".", "later", "forward"),
        _hint("P", "leave the recording", "probe"),
        _hint("h/H", "head", "head(1)"),
        _hint("l/L", "layer", "layer(1)"),
        _hint("v", "values", "values"),
        _hint("f", "filter", "filter"),
        _hint("c", "scale", "scale"),
        _hint("s", "specials", "specials"),
        _hint("w", "write", "export"),
        _hint("y", "copy", "copy"),
        *_LAST,
    )
    FIELD: ClassVar[tuple[Hint, ...]] = (Hint("Enter", "look"), Hint("Tab", "other text"), Hint("Esc", "restore"))


HELP_KEYS = (
    ("arrows", "move the cursor in the map, the strip or the grid; Tab goes from one to the next"),
    ("e", "type another text; Enter looks, Esc restores"),
    ("m  a  u", "hide the token, hide 15 % as in training, hide nothing"),
    ("h H  l L", "next and previous head, layer"),
    ("Enter", "how the number under the cursor came about"),
    ("f  s  r", "filter by sentence, hide [CLS] and [SEP], renormalise rows"),
    ("c  v", "what colours stand for; what the numbers are"),
    ("i", "the guess at the cursor, read off every layer; pressed again, the likeliest words"),
    ("o", "switch the head off and on"),
    ("b  , .", "whose weights; the run's other checkpoints"),
    ("B", "other weights beside these, on the same text; the last column is the difference"),
    ("P  , .", "the run's pinned probe, as it was recorded while it learned; P again leaves it"),
    ("z", "holds the model in training still; . then takes it as it is now"),
    ("d", "draws a pair from held-out text"),
    ("p", "plays: you against the baby"),
    ("w  y", "write a file; copy as text"),
)
