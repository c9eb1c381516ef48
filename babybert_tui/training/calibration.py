"""How fast this machine is: updates in so many minutes, and operations a second before there was any run."""

import time
from collections.abc import Callable
from dataclasses import replace

import torch

from babybert_tui.bert import BabyBert
from babybert_tui.pretraining.batches import Updates
from babybert_tui.settings import EVALUATIONS, Settings
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.gradients import Gradients
from babybert_tui.training.hardware import Machine, machine_for
from babybert_tui.training.kernels import use_threads
from babybert_tui.training.optimization import Optimization
from babybert_tui.training.preparation import Prepared, evenly_masked, mean_mask_probability, short_share, training_data
from babybert_tui.training.preview import operations_per_token
from babybert_tui.training.shape import random_model, shape_of

_WARM_UP_STEPS = 5  # the first ones find their memory, and are slow
_LEAST_STEPS = 3
_MEASURED_SECONDS = 4.0
_GLIMPSE_SECONDS = 0.7
_FOR_TRAINING = 0.985  # and its evaluations; the rest goes to checkpoints and snapshots


def steps_until(
    deadline: float, settings: Settings, prepared: Prepared, model: BabyBert, machine: Machine, evaluation: Evaluation
) -> int:
    """The updates that a run can make, its evaluations and checkpoints included; at least 1. Takes a few seconds.

    Args:
        deadline: When the run shall end, by `time.monotonic()`; what measuring takes comes off.
        settings: Of the run.
        prepared: Its text.
        model: Of its shape; trained here, and then of no further use.
        machine: Where it computes.
        evaluation: What it is judged by.
    """
    typical = evenly_masked(settings, mean_mask_probability(settings))
    share, seconds = short_share(settings), _MEASURED_SECONDS
    plain = training_data(replace(typical, initial_max_length=None), prepared)
    update = _seconds_per_update(plain, settings, model, machine, seconds * (1 - share / 2))
    if share:
        short = _seconds_per_update(training_data(typical, prepared), settings, model, machine, seconds * share / 2)
        update += share * (short - update)
    began = time.monotonic()
    evaluation.run(Gradients(model, machine.precision).working, machine.device)
    ended = time.monotonic()
    return _steps_in(_FOR_TRAINING * (deadline - ended), update, ended - began, settings)


def _steps_in(seconds: float, update: float, evaluation: float, settings: Settings) -> int:
    """How many updates go into some seconds beside the evaluations, one of which comes before the first update."""
    if settings.eval_every is None:
        return max(1, int((seconds - (1 + EVALUATIONS) * evaluation) / update))
    return max(1, int((seconds - evaluation) / (update + evaluation / settings.eval_every)))


def operations_per_second(settings: Settings, prepared: Prepared, goes_on: Callable[[], bool]) -> float | None:
    """What this machine does of what `operations_per_token` counts; takes about a second.

    Args:
        settings: Of the run that might be. A model of its kind is measured, but never one larger than the default.
        prepared: Its text.
        goes_on: Asked between updates: when the machine is wanted for something else, the answer is None.
    """
    small = _no_larger_than_default(settings)
    machine = machine_for(small)
    use_threads(machine.threads)
    model = random_model(shape_of(small, len(prepared.vocabulary)), small.seed).to(machine.device)
    data = training_data(evenly_masked(small, mean_mask_probability(small)), prepared)
    seconds = _seconds_per_update(data, small, model, machine, _GLIMPSE_SECONDS, goes_on)
    tokens = sum(batch.tokens for batch in data[1])
    per_token = operations_per_token(small, len(prepared.vocabulary))
    return tokens * per_token / seconds if goes_on() else None


def _seconds_per_update(
    data: Updates,
    settings: Settings,
    model: BabyBert,
    machine: Machine,
    seconds: float,
    goes_on: Callable[[], bool] = lambda: True,
) -> float:
    """Measured over at least `seconds`, the first updates left out."""
    gradients = Gradients(model, machine.precision)
    optimization = Optimization(model, replace(settings, learning_rate=1e-9))
    began, measured, step = time.perf_counter(), 0, 0
    while goes_on() and (measured < _LEAST_STEPS or time.perf_counter() - began < seconds):
        step += 1
        if step == _WARM_UP_STEPS + 1:
            began = time.perf_counter()
        gradients.update([batch.to(machine.device) for batch in data[step]], settings, step)
        optimization.step(1e-9)
        measured = max(0, step - _WARM_UP_STEPS)
    if machine.device.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - began) / max(1, measured)


def _no_larger_than_default(settings: Settings) -> Settings:
    plain = Settings()
    is_wide = settings.hidden_size > plain.hidden_size
    return replace(
        settings,
        hidden_size=plain.hidden_size if is_wide else settings.hidden_size,
        num_heads=plain.num_heads if is_wide else settings.num_heads,
        intermediate_size=None if is_wide else settings.intermediate_size,
        num_layers=min(settings.num_layers, plain.num_layers),
        batch_size=max(1, min(settings.batch_size, plain.batch_size * plain.max_length // settings.max_length)),
        gradient_accumulation=1,
    )
