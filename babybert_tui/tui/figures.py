"""The four figures of a run: what they are called, what they mean, and what is reached without learning."""

import math
from dataclasses import dataclass

import numpy as np

from babybert_tui.training.events import Baselines
from babybert_tui.tui.curve import EMPTY, Points
from babybert_tui.tui.history import RunView
from babybert_tui.tui.pictures.line_chart import Baseline, Chart, last_step_of_axis

_READING = (
    "\n\nThe thin line is training: the model's own batches, before it learned from them; the shade behind it is how "
    "much they vary. The dots are held out: text that the model never trains on, always the same. The grey line is the "
    "run before. The dotted level is what is reached without learning; a dashed upright marks a setting that you "
    "changed.\n\ng makes the losses logarithmic, z freezes the view while training goes on."
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
        learner_help="Masked language modelling: of the hidden words, the share that the model guesses exactly. A "
        "model that has learned nothing but which word is commonest reaches the dotted level." + _READING,
    ),
    Metric(
        "nsp_accuracy",
        "NSP accuracy",
        is_share=True,
        learner_help="Next sentence prediction: of the pairs, the share that the model judges rightly: is B the "
        "sentence that follows A, or one from elsewhere? Guessing gives about a half." + _READING,
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


def baselines_of(metric: str, baselines: Baselines | None) -> tuple[Baseline, ...]:
    """The levels to draw."""
    if baselines is None:
        return ()
    share = baselines.nsp_accuracy_majority
    levels = {
        "mlm_accuracy": [Baseline(baselines.mlm_accuracy_unigram, "commonest word")],
        "mlm_loss": [Baseline(baselines.mlm_loss_unigram, "word counts")],
        "nsp_accuracy": [] if share is None else [Baseline(share, "majority")],
        "nsp_loss": [] if share is None else [Baseline(_entropy(share), "guessing")],
    }
    return tuple(levels[metric])


def _entropy(share: float) -> float:
    return -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)


def chart_of(metric: Metric, view: RunView, ghost: RunView | None, cursor: int | None, *, is_log: bool) -> Chart:
    """What the chart of a metric shows."""
    last_step = last_step_of_axis(view.step, view.max_steps)
    return Chart(
        training=view.points(metric.name),
        held_out=view.points(metric.name, held_out=True),
        ghost=_until(ghost, metric.name, last_step),
        baselines=baselines_of(metric.name, view.baselines),
        changes=tuple(change.step for change in view.changes if change.name != "max_steps"),
        cursor=cursor,
        last_step=last_step,
        is_share=metric.is_share,
        is_log=is_log,
    )


def _until(ghost: RunView | None, metric: str, last_step: int) -> Points:
    points = ghost.points(metric) if ghost is not None else EMPTY
    count = int(np.searchsorted(points.steps, last_step, side="right"))
    return Points(points.steps[:count], points.values[:count])
