"""How many updates fit into so many minutes on this machine."""

import time
from dataclasses import replace

import torch

from babybert_tui.bert import BabyBert
from babybert_tui.pretraining.batches import PretrainingData
from babybert_tui.settings import Settings
from babybert_tui.training.optimization import Optimization
from babybert_tui.training.precision import WorkingCopy
from babybert_tui.training.preparation import Prepared, masking_of, pair_settings
from babybert_tui.training.session import Machine, update_gradients

_WARM_UP_STEPS = 2
_LEAST_STEPS = 3
_MEASURED_SECONDS = 4.0
_OVERHEAD = 0.94  # the rest goes to evaluations and checkpoints


def steps_in(minutes: float, settings: Settings, prepared: Prepared, model: BabyBert, machine: Machine) -> int:
    """The updates in `minutes`, at least 1. Trains `model`, which is then of no further use, for a few seconds."""
    data = PretrainingData(
        prepared.training,
        pair_settings(settings),
        lambda _step: masking_of(settings),
        prepared.vocabulary.masking,
        prepared.vocabulary.special,
        batch_size=settings.batch_size,
        accumulation=settings.gradient_accumulation,
        seed=settings.seed,
    )
    working = WorkingCopy(model, machine.precision)
    optimization = Optimization(model, replace(settings, learning_rate=1e-9))
    began, measured, step = time.perf_counter(), 0, 0
    while measured < _LEAST_STEPS or time.perf_counter() - began < _MEASURED_SECONDS:
        step += 1
        if step == _WARM_UP_STEPS + 1:
            began = time.perf_counter()
        update_gradients(working, [batch.to(machine.device) for batch in data[step]], settings, step)
        optimization.step(1e-9)
        measured = max(0, step - _WARM_UP_STEPS)
    if machine.device.type == "cuda":
        torch.cuda.synchronize()
    seconds = (time.perf_counter() - began) / measured
    return max(1, int(minutes * 60 * _OVERHEAD / seconds))
