"""One interleaved measurement: in each round everybody trains for a moment, and squares are multiplied.

Both sides take the same updates in the same order, each at its own speed. BabyBERT's time includes making its batches:
drawing pairs, laying them out, masking. Hugging Face's are made beforehand, outside its time, which favours it.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import torch

from babybert_tui.benchmarks.contenders import Contender, HuggingFace, Ours
from babybert_tui.benchmarks.flops import useful_flops
from babybert_tui.benchmarks.peak import SIZES, product_flops_per_second
from babybert_tui.benchmarks.spread import Spread, ratio
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.pretraining.batches import Batch
from babybert_tui.training.precision import DTYPES

LEARNING_RATE = 1e-4
_WARM_UP_UPDATES = 2
_LEAST_UPDATES = 2  # in a turn


@dataclass(frozen=True)
class Turn:
    """What a contender did in one round."""

    updates: int
    tokens: int  # real ones, special ones included
    flops: int  # useful ones
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """Its speed."""
        return self.tokens / self.seconds

    @property
    def flops_per_second(self) -> float:
        """Its speed, in useful operations."""
        return self.flops / self.seconds


@dataclass
class Standing:
    """A contender and its turns so far."""

    contender: Contender
    turns: list[Turn] = field(default_factory=list)

    @property
    def tokens_per_second(self) -> list[float]:
        """Round by round."""
        return [turn.tokens_per_second for turn in self.turns]


@dataclass
class SpeedResult:
    """What was measured of one case; whatever rounds there were."""

    workload: Workload
    standings: list[Standing]
    peaks: dict[str, list[float]]  # by precision, floating-point operations a second, round by round

    def standing(self, side: str, precision: str) -> Standing | None:
        """Of one contender; None where it did not take part."""
        found = (one for one in self.standings if (one.contender.side, one.contender.precision) == (side, precision))
        return next(found, None)

    def times(self, ours: str, theirs: str) -> Spread | None:
        """How many times as fast we train in precision `ours` as Hugging Face in `theirs`."""
        one, other = self.standing("ours", ours), self.standing("hugging-face", theirs)
        if one is None or other is None:
            return None
        return ratio(one.tokens_per_second, other.tokens_per_second)

    def share_of_peak(self, standing: Standing) -> Spread | None:
        """Useful operations a second as a share of what plain matrix products reach in that precision and round."""
        flops = [turn.flops_per_second for turn in standing.turns]
        return ratio(flops, self.peaks[standing.contender.precision])


def measure(
    workload: Workload,
    precisions: list[str],
    *,
    rounds: int,
    seconds: float,
    is_over: Callable[[], bool],
    progress: Callable[[str], None],
    peak_sizes: tuple[int, ...] = SIZES,
) -> SpeedResult:
    """Measures one case.

    Args:
        workload: What is learned.
        precisions: Those to take part, of "fp32" and "bf16".
        rounds: How many; each figure is a median over them.
        seconds: How long a turn takes at least.
        is_over: Whether to stop now, with what there is.
        progress: Told what is going on.
        peak_sizes: Of the squares.
    """
    contenders = [side(workload, one) for one in reversed(precisions) for side in (Ours, HuggingFace)]
    result = SpeedResult(workload, [Standing(one) for one in contenders], {one: [] for one in precisions})
    walks = [workload.updates() for _ in contenders]
    progress("warming up")
    for contender, walk in zip(contenders, walks, strict=True):
        if not is_over():
            _take_turn(contender, walk, workload, 0.0, _WARM_UP_UPDATES)
    for number in range(1, rounds + 1):
        for standing, walk in zip(result.standings, walks, strict=True):
            if is_over():
                return result
            progress(f"round {number} of {rounds}: {standing.contender.label}")
            standing.turns.append(_take_turn(standing.contender, walk, workload, seconds, _LEAST_UPDATES))
        for precision, peak in result.peaks.items():
            if is_over():
                return result
            peak.append(product_flops_per_second(DTYPES[precision], peak_sizes))
    return result


def _take_turn(
    contender: Contender, updates: Iterator[list[Batch]], workload: Workload, seconds: float, least: int
) -> Turn:
    taken: list[Batch] = []
    spent = 0.0
    with _no_garbage_collection():
        while spent < seconds or len(taken) < least:
            before_drawing = perf_counter()
            (batch,) = next(updates)
            after_drawing = perf_counter()
            contender.learn(batch, len(taken) + 1, LEARNING_RATE)
            began = before_drawing if contender.draws_its_batches else after_drawing
            spent += perf_counter() - began
            taken.append(batch)
    flops = sum(useful_flops(workload.shape, batch, workload.pad_id) for batch in taken)
    return Turn(len(taken), sum(batch.tokens for batch in taken), flops, spent)


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def precisions_here() -> list[str]:
    """Which precisions this processor computes in without emulating one."""
    from babybert_tui.training.hardware import has_bf16

    return ["fp32", "bf16"] if has_bf16(torch.device("cpu")) else ["fp32"]
