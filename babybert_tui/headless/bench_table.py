"""What `bench` prints for people: plain text of at most 80 columns."""

from collections.abc import Iterator
from typing import Any

from babybert_tui.benchmarks.learning import USUAL_DROPOUT, Learned, LearningResult
from babybert_tui.benchmarks.speed import SpeedResult, Standing
from babybert_tui.benchmarks.spread import Spread
from babybert_tui.benchmarks.text_speed import TextResult
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.render.figures import clock
from babybert_tui.sanitise import sanitise
from babybert_tui.training.events import Baselines

_LABEL_WIDTH = 28
_GRID_COLUMN = 9
_FIGURES = (
    ("mlm_loss", "MLM loss"),
    ("mlm_accuracy", "accuracy"),
    ("mlm_nats_per_word", "nats/word"),
    ("nsp_accuracy", "NSP acc."),
)
_OPTIMIZERS = {"adamw": "AdamW", "muon": "Muon (ours), AdamW (Hugging Face)"}


def machine_line(facts: dict[str, Any]) -> str:
    """What was measured on."""
    threads = f"{facts['threads']} thread{'s' if facts['threads'] != 1 else ''}"
    limits = "".join(f", {name}={value}" for name, value in facts["limited_by"].items())
    return sanitise(
        f"{facts['processor']}, {facts['capability']}, {threads}, torch {facts['torch']}, "
        f"transformers {facts['transformers']}{limits}"
    )


def speed_table(result: SpeedResult) -> str:
    """One case; nothing of what was not measured."""
    return "\n".join(_speed_lines(result))


def _speed_lines(result: SpeedResult) -> Iterator[str]:
    yield _case_line(result.workload)
    yield from _vocabulary_note(result.workload)
    standings = [standing for standing in result.standings if standing.turns]
    if not standings:
        return
    rounds = max(len(standing.turns) for standing in standings)
    yield f"Medians of {rounds} round{'s' if rounds > 1 else ''}, least and most in brackets; padding is not counted."
    yield ""
    yield f"{'':<{_LABEL_WIDTH}}{'tokens/s':>9}{'':>19}{'useful GFLOP/s':>16}{'of peak':>8}"
    for standing in standings:
        yield _standing_line(result, standing)
    for precision, peak in result.peaks.items():
        if peak:
            label = f"square products, {precision}"
            yield f"{label:<{_LABEL_WIDTH}}{'':>28}{Spread(tuple(peak)).median / 1e9:>16,.0f}"
    yield ""
    yield from _times_lines(result)


def _case_line(workload: Workload) -> str:
    one = workload.settings
    return sanitise(
        f"H {one.hidden_size}, L {one.num_layers}, {one.num_heads} heads, vocabulary {workload.shape.vocab_size:,}, "
        f"{one.batch_size} × {one.max_length} tokens of {one.corpus}, dropout {one.dropout:g}, "
        f"{_OPTIMIZERS[one.optimizer]}"
    )


def _vocabulary_note(workload: Workload) -> Iterator[str]:
    pieces, rows = len(workload.prepared.vocabulary), workload.shape.vocab_size
    if pieces < rows:
        yield f"(the text gives {pieces:,} pieces; the model has {rows:,} rows, so that the work is the same as on any)"


def _standing_line(result: SpeedResult, standing: Standing) -> str:
    speed = Spread(tuple(standing.tokens_per_second))
    flops = Spread(tuple(turn.flops_per_second for turn in standing.turns))
    share = result.share_of_peak(standing)
    between = f"({speed.least:,.0f} to {speed.most:,.0f})"
    of_peak = "" if share is None else _share(share.median)
    return (
        f"{standing.contender.label:<{_LABEL_WIDTH}}{speed.median:>9,.0f} {between:<18}"
        f"{flops.median / 1e9:>16,.1f}{of_peak:>8}"
    ).rstrip()


def _times_lines(result: SpeedResult) -> Iterator[str]:
    for ours in reversed(result.peaks):
        for theirs in result.peaks:
            times, standing = result.times(ours, theirs), result.standing("hugging-face", theirs)
            if times is not None and standing is not None:
                between = f"({times.least:.2f} to {times.most:.2f})"
                yield f"BabyBERT in {ours} trains {times.median:.2f} × {between} as fast as {standing.contender.label}"


def grid_head(result: SpeedResult) -> str:
    """Above the rows of several cases."""
    one = result.workload.settings
    columns = [f"ours {name}" for name in reversed(result.peaks)] + [f"HF {name}" for name in reversed(result.peaks)]
    columns += [f"× HF {name}" for name in result.peaks] + ["of peak"]
    common = (
        f"{one.num_heads} heads, vocabulary {result.workload.shape.vocab_size:,}, batches of {one.batch_size} from "
        f"{one.corpus}, dropout {one.dropout:g}, {_OPTIMIZERS[one.optimizer]}"
    )
    what = "Median tokens/s; ratios and share of peak are those of the first column."
    titles = f"{'H':>3}{'L':>3}{'length':>7}" + "".join(f"{column:>{_GRID_COLUMN + 1}}" for column in columns)
    return f"{sanitise(common)}\n{what}\n{titles}"


def grid_row(result: SpeedResult) -> str:
    """One case of several."""
    one, precisions = result.workload.settings, list(result.peaks)
    best = precisions[-1]
    cells = []
    for side in ("ours", "hugging-face"):
        for precision in reversed(precisions):
            standing = result.standing(side, precision)
            speeds = standing.tokens_per_second if standing is not None else []
            cells.append(f"{Spread(tuple(speeds)).median:,.0f}" if speeds else "")
    for precision in precisions:
        times = result.times(best, precision)
        cells.append("" if times is None else f"{times.median:.2f}")
    ours = result.standing("ours", best)
    share = None if ours is None else result.share_of_peak(ours)
    cells.append("" if share is None else _share(share.median))
    sizes = f"{one.hidden_size:>3}{one.num_layers:>3}{one.max_length:>7}"
    return (sizes + "".join(f"{cell:>{_GRID_COLUMN + 1}}" for cell in cells)).rstrip()


def text_lines(text: TextResult) -> str:
    """How fast text becomes pairs."""
    preparing, encoding = text.characters_per_second(text.preparing), text.characters_per_second(text.encoding)
    times = text.times
    assert times is not None
    return (
        f"\nText to pairs, nothing cached: {preparing.median / 1e6:.2f} M characters/s; encode_batch alone: "
        f"{encoding.median / 1e6:.2f} M\n{times.median:.2f} × ({times.least:.2f} to {times.most:.2f}) as fast"
    )


def learning_table(result: LearningResult, workload: Workload, minutes: float) -> str:
    """Both sides beside what is reached without learning."""
    return "\n".join(_learning_lines(result, workload, minutes))


def _learning_lines(result: LearningResult, workload: Workload, minutes: float) -> Iterator[str]:
    one = workload.settings
    yield sanitise(
        f"{minutes:g} minutes each on {one.corpus}: H {one.hidden_size}, L {one.num_layers}, {one.num_heads} heads, "
        f"vocabulary {len(workload.prepared.vocabulary):,}, length {one.max_length}; held-out items"
    )
    yield ""
    yield f"{'':<{_LABEL_WIDTH}}" + "".join(f"{title:>11}" for _, title in _FIGURES)
    if result.baselines is not None:
        for label, figures in rivals(result.baselines):
            yield _figures_line(label, figures)
    sides = [side for side in (result.theirs, result.ours) if side is not None]
    for side in sides:
        yield _figures_line(side.label, vars(side.figures))
    yield ""
    for side in sides:
        yield _effort_line(side, is_ours=side is result.ours, optimizer=one.optimizer, dropout=one.dropout)


def rivals(baselines: Baselines) -> Iterator[tuple[str, dict[str, float | None]]]:
    """What needs no model, each with the figures that are known of it."""
    yield (
        "always the commonest",
        {
            "mlm_loss": baselines.mlm_loss_unigram,
            "mlm_accuracy": baselines.mlm_accuracy_unigram,
            "nsp_accuracy": baselines.nsp_accuracy_majority,
        },
    )
    cheap = {"mlm_accuracy": baselines.mlm_accuracy_count, "nsp_accuracy": baselines.nsp_accuracy_overlap}
    if any(value is not None for value in cheap.values()):
        yield "counting, word overlap", cheap
    best = {"mlm_accuracy": baselines.mlm_accuracy_oracle, "nsp_accuracy": baselines.nsp_accuracy_oracle}
    if any(value is not None for value in best.values()):
        yield "best possible", best


def _figures_line(label: str, figures: dict[str, Any]) -> str:
    cells = (figures.get(name) for name, _ in _FIGURES)
    return (
        f"{label:<{_LABEL_WIDTH}}" + "".join(f"{'' if cell is None else f'{cell:.3f}':>11}" for cell in cells)
    ).rstrip()


def _effort_line(side: Learned, *, is_ours: bool, optimizer: str, dropout: float) -> str:
    recipe = optimizer if is_ours else "adamw"
    drop = dropout if is_ours else USUAL_DROPOUT
    return (
        f"{side.label}: {side.updates:,} updates, {side.tokens / 1e6:.2f} M tokens in {clock(side.seconds)}, "
        f"{side.tokens_per_second:,.0f} tokens/s\n  {recipe} at {side.learning_rate:g}, dropout {drop:g}"
    )


def _share(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")
