"""What `bench --json` prints: one object, of plain values."""

from dataclasses import asdict
from typing import Any

from babybert_tui.benchmarks.learning import Learned, LearningResult
from babybert_tui.benchmarks.machine import machine_facts
from babybert_tui.benchmarks.speed import SpeedResult, Standing
from babybert_tui.benchmarks.spread import Spread
from babybert_tui.benchmarks.text_speed import TextResult
from babybert_tui.benchmarks.workload import Workload

_SHOWN_SETTINGS = (
    "corpus", "vocab_size", "hidden_size", "num_layers", "num_heads", "max_length", "batch_size", "dropout",
    "optimizer", "seed",
)  # fmt: skip


def speed_object(results: list[SpeedResult], text: TextResult, *, is_whole: bool) -> dict[str, Any]:
    """Of a speed measurement; `complete` is false where it was interrupted."""
    return {
        "schema": 1,
        "kind": "speed",
        "complete": is_whole,
        "machine": machine_facts(),
        "cases": [_case(result) for result in results],
        "text": _text(text),
    }


def _case(result: SpeedResult) -> dict[str, Any]:
    standings = [standing for standing in result.standings if standing.turns]
    precisions = list(result.peaks)
    return {
        **_settings(result.workload),
        "contenders": [_contender(result, standing) for standing in standings],
        "times_as_fast": [
            {"ours": ours, "hugging_face": theirs, **spread.as_json()}
            for ours in precisions
            for theirs in precisions
            if (spread := result.times(ours, theirs)) is not None
        ],
        "peak_flops_per_second": {name: Spread(tuple(one)).as_json() for name, one in result.peaks.items() if one},
    }


def _settings(workload: Workload) -> dict[str, Any]:
    settings = workload.settings
    named = {name: getattr(settings, name) for name in _SHOWN_SETTINGS}
    return {
        **named,
        "intermediate_size": settings.feed_forward_size,
        "vocabulary_pieces": len(workload.prepared.vocabulary),
    }


def _contender(result: SpeedResult, standing: Standing) -> dict[str, Any]:
    share = result.share_of_peak(standing)
    return {
        "side": standing.contender.side,
        "precision": standing.contender.precision,
        "updates": sum(turn.updates for turn in standing.turns),
        "tokens_per_second": Spread(tuple(standing.tokens_per_second)).as_json(),
        "useful_flops_per_second": Spread(tuple(turn.flops_per_second for turn in standing.turns)).as_json(),
        "share_of_peak": None if share is None else share.as_json(),
    }


def _text(text: TextResult) -> dict[str, Any] | None:
    times = text.times
    if times is None:
        return None
    return {
        "characters": text.characters,
        "preparation_characters_per_second": text.characters_per_second(text.preparing).as_json(),
        "encode_batch_characters_per_second": text.characters_per_second(text.encoding).as_json(),
        "times_as_fast": times.as_json(),
    }


def learning_object(result: LearningResult, workload: Workload, minutes: float, *, is_whole: bool) -> dict[str, Any]:
    """Of a comparison of learning; a side that was not reached is null."""
    return {
        "schema": 1,
        "kind": "learning",
        "complete": is_whole,
        "machine": machine_facts(),
        "minutes": minutes,
        **_settings(workload),
        "ours": _learned(result.ours),
        "hugging_face": _learned(result.theirs),
        "baselines": None if result.baselines is None else asdict(result.baselines),
    }


def _learned(learned: Learned | None) -> dict[str, Any] | None:
    if learned is None:
        return None
    values = asdict(learned)
    figures = values.pop("figures")
    return {**values, "tokens_per_second": learned.tokens_per_second, **figures}
