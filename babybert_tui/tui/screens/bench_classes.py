"""The classes by which the styles know how much room there is, and what kind of run is at hand."""

from textual.geometry import Size

from babybert_tui.tui.history import RunView, State

LEAST = Size(80, 24)
HORIZONTAL = [(0, "-tiny-width"), (LEAST.width, "-narrow"), (110, "-wide")]
VERTICAL = [(0, "-tiny-height"), (LEAST.height, "-short"), (32, "-tall")]


def classes_of(view: RunView) -> dict[str, bool]:
    """What the styles ask of the run at hand."""
    is_before = view.state in (State.IDLE, State.REPLAY)
    has_curves = view.has_curves_to_come or bool(view.points("mlm_loss"))
    return {"-welcome": is_before, "-no-curves": is_before and not has_curves}


def first_classes(size: Size, replay: RunView | None) -> str:
    """The classes that the screen is born with: taking them on later would style every widget once for each."""
    names = [name for name, is_on in classes_of(replay or RunView()).items() if is_on]
    for length, points in ((size.width, HORIZONTAL), (size.height, VERTICAL)):
        names.append(next(name for least, name in reversed(points) if length >= least))
    return " ".join(names)
