"""The four figures of a run: what they are called, what they mean, and what they are compared with."""

import math
from dataclasses import dataclass

from babybert_tui.training.events import Baselines
from babybert_tui.tui.curve import EMPTY, Points
from babybert_tui.tui.history import Change, RunView
from babybert_tui.tui.pictures.chart import Chart, Kind, Level, Mark, last_step_of_axis
from babybert_tui.tui.setting_words import short_label

_READING = (
    "\n\nThe thin line is training: the model's own batches, before it learned from them; the shade behind it is how "
    "much they vary. The dots are held out: text that the model never trains on, always the same. The grey line is the "
    "run before; a dashed upright marks a setting that you changed, and says which.\n\n"
    "g makes the losses logarithmic, z freezes the view while training goes on, a click goes to that step."
)
_LEVELS = (
    "\n\nThe dotted levels: the lowest is reached without learning. The next is what counting reaches, with no "
    "understanding at all; once the held-out dots stay above it, its name says from which step. The dashed one, where "
    "the text's maker is known, is the best that anybody could reach."
)


@dataclass(frozen=True)
class Metric:
    """One of the four figures."""

    name: str  # in the stream
    shown: str
    is_share: bool
    learner_help: str


METRICS = (
    Metric(
        "mlm_accuracy",
        "MLM accuracy",
        is_share=True,
        learner_help="Masked language modelling: of the hidden words, the share that the model guesses exactly. "
        "Always saying the commonest word gives the lowest level; looking up which word stood most often between the "
        "same two neighbours gives the next." + _LEVELS + _READING,
    ),
    Metric(
        "nsp_accuracy",
        "NSP accuracy",
        is_share=True,
        learner_help="Next sentence prediction: of the pairs, the share that the model judges rightly: is B the "
        "sentence that follows A, or one from elsewhere? Guessing gives about a half; counting the words that both "
        "share gives the next level." + _LEVELS + _READING,
    ),
    Metric(
        "mlm_loss",
        "MLM loss",
        is_share=False,
        learner_help="The masked-word loss: how surprised the model is by the right word, in nats (-ln p), as a mean. "
        "0 is never surprised; ln V is what a model that knows nothing begins with." + _READING,
    ),
    Metric(
        "nsp_loss",
        "NSP loss",
        is_share=False,
        learner_help="The sentence-pair loss in nats. ln 2 = .69 is a coin; only below it has the model learned "
        "anything about what follows what." + _READING,
    ),
)


def levels_of(metric: str, baselines: Baselines | None, held_out: Points) -> tuple[Level, ...]:
    """What to compare with, the most telling first; what is not known is left out."""
    if baselines is None:
        return ()
    share = baselines.nsp_accuracy_majority
    levels = {
        "mlm_accuracy": (
            _rival(baselines.mlm_accuracy_count, "counting", held_out),
            _level(baselines.mlm_accuracy_oracle, "best possible", Kind.CEILING),
            _level(baselines.mlm_accuracy_unigram, "commonest word"),
        ),
        "mlm_loss": (_level(baselines.mlm_loss_unigram, "word frequency"),),
        "nsp_accuracy": (
            _rival(baselines.nsp_accuracy_overlap, "shared words", held_out),
            _level(baselines.nsp_accuracy_oracle, "best possible", Kind.CEILING),
            _level(share, "majority"),
        ),
        "nsp_loss": (_level(None if share is None else _entropy(share), "guessing"),),
    }
    return tuple(level for level in levels[metric] if level is not None)


def _level(value: float | None, name: str, kind: Kind = Kind.FLOOR) -> Level | None:
    return None if value is None else Level(value, name, kind)


def _rival(value: float | None, name: str, held_out: Points) -> Level | None:
    return None if value is None else Level(value, name, Kind.RIVAL, passed_at(value, held_out))


def passed_at(level: float, held_out: Points) -> int | None:
    """The step from which on every evaluation was better than `level`; None where the last one was not."""
    found = None
    for step, value in zip(reversed(held_out.steps), reversed(held_out.values), strict=True):
        if value <= level:
            break
        found = int(step)
    return found


def _entropy(share: float) -> float:
    return -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)


def chart_of(metric: Metric, view: RunView, ghost: RunView | None, cursor: int | None, *, is_log: bool) -> Chart:
    """What the chart of a metric shows."""
    last_step = last_step_of_axis(view.step, view.max_steps)
    held_out = view.points(metric.name, held_out=True)
    return Chart(
        training=view.points(metric.name),
        held_out=held_out,
        ghost=_until(ghost, metric.name, last_step),
        levels=levels_of(metric.name, view.baselines, held_out),
        changes=tuple(_mark(change) for change in view.changes if change.name != "max_steps"),
        cursor=cursor,
        last_step=last_step,
        is_share=metric.is_share,
        is_log=is_log,
    )


def _mark(change: Change) -> Mark:
    value = f"{change.value:g}" if isinstance(change.value, float) else str(change.value)
    return Mark(change.step, f"{short_label(change.name).lower()} {value}")


def _until(ghost: RunView | None, metric: str, last_step: int) -> Points:
    points = ghost.points(metric) if ghost is not None else EMPTY
    if not points or points.steps[-1] <= last_step:
        return points
    count = int(points.steps.searchsorted(last_step, side="right"))
    return Points(points.steps[:count], points.values[:count])
