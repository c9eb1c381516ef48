"""What may end a run before its last step: asked after each evaluation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from babybert_tui.tui.figures import passed_at
from babybert_tui.tui.history import RunView

_PATIENCE = 3  # evaluations


@dataclass(frozen=True)
class StopRule:
    """When to stop and save.

    Attributes:
        name: For the list and the status line.
        help: What it waits for.
        is_reached: Whether a run as it stands has got there.
    """

    name: str
    help: str
    is_reached: Callable[[RunView], bool]


def _words_beat_counting(view: RunView) -> bool:
    return view.baselines is not None and _is_above(view, "mlm_accuracy", view.baselines.mlm_accuracy_count)


def _pairs_beat_overlap(view: RunView) -> bool:
    return view.baselines is not None and _is_above(view, "nsp_accuracy", view.baselines.nsp_accuracy_overlap)


def _is_above(view: RunView, metric: str, level: float | None) -> bool:
    return level is not None and passed_at(level, view.points(metric, held_out=True)) is not None


def _loss_has_stopped_falling(view: RunView) -> bool:
    """The lowest of all evaluations lies three evaluations back; earliest first where several are as low."""
    losses = view.points("mlm_loss", held_out=True).values
    return len(losses) > _PATIENCE and len(losses) - 1 - int(np.argmin(losses)) >= _PATIENCE


NEVER = "never"
STOP_RULES = {
    rule.name: rule
    for rule in (
        StopRule("words beat counting", "held-out MLM accuracy above the count model's", _words_beat_counting),
        StopRule("pairs beat shared words", "held-out NSP accuracy above the overlap's", _pairs_beat_overlap),
        StopRule(
            "loss falls no more",
            f"no new low of held-out MLM loss in {_PATIENCE} evaluations",
            _loss_has_stopped_falling,
        ),
    )
}
