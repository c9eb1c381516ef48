"""The interleaved measurement: rounds, turns, ratios, and what is left when it is cut short."""

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from babybert_tui.benchmarks import speed
from babybert_tui.benchmarks.peak import product_flops_per_second
from babybert_tui.benchmarks.sizes import GRID, Size, parse_sizes
from babybert_tui.benchmarks.speed import SpeedResult, measure
from babybert_tui.benchmarks.spread import Spread, ratio
from babybert_tui.benchmarks.text_speed import measure_text
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.errors import RequestError

pytestmark = pytest.mark.usefixtures("one_thread")


def measured(
    workload: Workload, precisions: list[str], is_over: Callable[[], bool] = lambda: False, rounds: int = 2
) -> SpeedResult:
    return measure(
        workload,
        precisions,
        rounds=rounds,
        seconds=0.0,
        is_over=is_over,
        progress=lambda _message: None,
        peak_sizes=(16,),
    )


def test_everybody_has_a_turn_in_every_round(workload: Workload) -> None:
    result = measured(workload, ["fp32", "bf16"])
    sides = {(one.contender.side, one.contender.precision): len(one.turns) for one in result.standings}
    assert sides == {(side, one): 2 for side in ("ours", "hugging-face") for one in ("fp32", "bf16")}
    assert {name: len(peak) for name, peak in result.peaks.items()} == {"fp32": 2, "bf16": 2}


def test_a_turn_counts_the_tokens_that_are_no_padding(workload: Workload) -> None:
    result = measured(workload, ["fp32"], rounds=1)
    updates = workload.updates()
    warm_up_and_turn = [next(updates)[0].tokens for _ in range(4)]
    for standing in result.standings:
        assert standing.turns[0].updates == 2
        assert standing.turns[0].tokens == sum(warm_up_and_turn[2:])


def test_figures_follow_from_the_turns(workload: Workload) -> None:
    result = measured(workload, ["fp32"])
    ours, theirs = result.standing("ours", "fp32"), result.standing("hugging-face", "fp32")
    assert ours is not None
    assert theirs is not None
    times = result.times("fp32", "fp32")
    assert times is not None
    assert times.rounds == tuple(
        one.tokens / one.seconds / (other.tokens / other.seconds)
        for one, other in zip(ours.turns, theirs.turns, strict=True)
    )
    share = result.share_of_peak(ours)
    assert share is not None
    assert share.rounds == tuple(
        turn.flops / turn.seconds / peak for turn, peak in zip(ours.turns, result.peaks["fp32"], strict=True)
    )


def test_making_batches_counts_for_us_alone(workload: Workload, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(speed, "perf_counter", clock)
    made = workload.updates

    def slow(_: Workload, first: int = 1) -> Any:
        for batches in made(first):
            clock.now += 10.0
            yield batches

    monkeypatch.setattr(Workload, "updates", slow)
    for side in (speed.Ours, speed.HuggingFace):
        monkeypatch.setattr(side, "learn", lambda *_: clock.sleep(1.0))
    result = measured(workload, ["fp32"], rounds=1)
    seconds = {one.contender.side: one.turns[0].seconds for one in result.standings}
    assert seconds == {"ours": pytest.approx(22.0), "hugging-face": pytest.approx(2.0)}


class FakeClock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> float:
        self.now += seconds
        return 0.0


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_cut_short_it_keeps_what_was_measured(turns: int, workload: Workload) -> None:
    asked = iter([*[False] * (2 + turns), *[True] * 9])  # twice before the warm-up
    result = measured(workload, ["fp32"], lambda: next(asked))
    assert sum(len(one.turns) for one in result.standings) == min(turns, 2)
    assert (result.times("fp32", "fp32") is None) == (turns < 2)


def test_garbage_collection_is_on_again_afterwards(workload: Workload) -> None:
    measured(workload, ["fp32"], rounds=1)
    assert gc.isenabled()


def test_a_spread_is_the_median_between_the_least_and_the_most() -> None:
    spread = Spread((3.0, 1.0, 2.0, 10.0))
    assert (spread.least, spread.median, spread.most) == (1.0, 2.5, 10.0)
    assert spread.as_json() == {"median": 2.5, "least": 1.0, "most": 10.0, "rounds": [3.0, 1.0, 2.0, 10.0]}


def test_ratios_are_taken_round_by_round() -> None:
    assert ratio([2.0, 30.0, 5.0], [1.0, 10.0]) == Spread((2.0, 3.0))
    assert ratio([1.0], []) is None


def test_products_of_squares_have_a_speed() -> None:
    assert product_flops_per_second(torch.float32, (16, 32)) > 1e5


def test_preparation_is_measured_beside_encode_batch(workload: Workload) -> None:
    result = measure_text(workload, rounds=2, is_over=lambda: False, progress=lambda _: None)
    assert (len(result.preparing), len(result.encoding)) == (2, 2)
    assert result.characters == sum(len(s) for document in workload.prepared.corpus.documents for s in document)
    times = result.times
    assert times is not None
    assert times.rounds == tuple(b / a for a, b in zip(result.preparing, result.encoding, strict=True))


def test_all_sizes_are_eighteen() -> None:
    assert len(parse_sizes("all")) == len(set(GRID)) == 18
    assert parse_sizes("128x4x64, 256X6x128") == (Size(128, 4, 64), Size(256, 6, 128))


@pytest.mark.parametrize("text", ["", "128", "128x4", "128x4x64x2", "128xfourx64", "128x4x64,", "-1x4x64", "²x4x64"])
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="no size"):
        parse_sizes(text)


def test_sizes_change_the_shape(workload: Workload) -> None:
    other = replace(workload, settings=replace(workload.settings, hidden_size=32, num_layers=3, max_length=48))
    shape = other.shape
    assert (shape.hidden_size, shape.intermediate_size, shape.num_hidden_layers) == (32, 128, 3)
    assert shape.max_position_embeddings == 48
