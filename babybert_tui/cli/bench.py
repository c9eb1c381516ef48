"""`bench`: its options, and the way to what it prints."""

from pathlib import Path
from typing import Any

import click

from babybert_tui.benchmarks.sizes import parse_sizes
from babybert_tui.cli.command import Real, SettingsCommand, headless_anywhere, named, preset_option, setting_options
from babybert_tui.configuration import gather
from babybert_tui.memory import keep_freed_memory
from babybert_tui.settings import build

# What is measured does not follow the defaults of training runs: figures are to compare with those of last year.
_CASE: dict[str, Any] = {
    "vocab_size": 8192,
    "hidden_size": 128,
    "num_layers": 4,
    "num_heads": 4,
    "max_length": 128,
    "batch_size": 32,
    "dropout": 0.1,
    "optimizer": "adamw",
    "mask_probability": 0.15,
    "initial_mask_probability": 0.15,
    "masking": "token",
    "sentence_objective": "nsp",
    "short_sequence_probability": 0.1,
}
_CONCERNED = (
    "corpus", "data_root", "text_field", "encoding_errors", "tokenizer", "vocab_size", "cased", "hidden_size",
    "num_layers", "num_heads", "intermediate_size", "max_length", "dropout", "batch_size", "optimizer",
    "learning_rate", "seed", "threads",
)  # fmt: skip
_OF_LEARNING = ("preset", "minutes", "usual_learning_rate", "save", "learning_rate")
_OF_SPEED = ("rounds", "seconds", "sizes")
_ROUNDS, _SECONDS, _MINUTES, _USUAL_LEARNING_RATE = 7, 1.0, 15.0, 5e-4


@click.command("bench", cls=SettingsCommand, short_help="Measure this machine: ours beside Hugging Face's.")
@setting_options(_CONCERNED, _CASE)
@click.option("--rounds", type=click.IntRange(min=1), help=f"Figures are medians over so many.  [default: {_ROUNDS}]")
@click.option("--seconds", type=Real(), help=f"Each side trains so long in a round, at least.  [default: {_SECONDS:g}]")
@click.option(
    "--sizes",
    metavar="HxLxT,…|all",
    help="Several models, as hidden size × layers × length: 128x4x128,256x6x64; all: the 18 of 128/256, 2/4/6, "
    "64/128/256.",
)
@click.option(
    "--learning",
    is_flag=True,
    help="Compare what is learned in the same minutes. Settings are then those of `train`, with its defaults.",
)
@click.option("--minutes", type=Real(), help=f"With --learning: for each side.  [default: {_MINUTES:g}]")
@preset_option
@click.option(
    "--usual-learning-rate",
    type=Real(),
    help=f"With --learning: Hugging Face's peak.  [default: {_USUAL_LEARNING_RATE:g}]",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    help="With --learning: a new folder for our run and their model, for `evaluate --checkpoint`.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@headless_anywhere
@click.pass_context
def bench_command(context: click.Context, /, learning: bool, as_json: bool, **options: Any) -> None:
    """Measure how fast this machine trains: BabyBERT beside Hugging Face's BERT, in one interleaved run.

    Both take the same updates with the same weights and dropout, in fp32 and, where the processor has it, in bf16;
    between them plain matrix products are timed. Only options count: no configuration file, no environment.

    With --learning both are trained for so many minutes and judged on the same held-out items.
    """
    given = named(options)
    _refuse(context, given, _OF_SPEED if learning else _OF_LEARNING, learning=learning)
    keep_freed_memory()  # as `train` does; it serves both sides
    context.exit((_learning if learning else _speed)(context, given, as_json=as_json))


def _refuse(context: click.Context, given: dict[str, Any], strangers: tuple[str, ...], *, learning: bool) -> None:
    for name in strangers:
        if name in given:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} {'does not go with' if learning else 'needs'} --learning.", context)
    for name in ("minutes", "seconds", "usual_learning_rate"):
        if given.get(name, 1.0) <= 0:
            raise click.UsageError(f"--{name.replace('_', '-')} must be more than 0.", context)


def _speed(context: click.Context, given: dict[str, Any], *, as_json: bool) -> int:  # noqa: ARG001 - as _learning
    rounds, seconds = given.pop("rounds", _ROUNDS), given.pop("seconds", _SECONDS)
    text = given.pop("sizes", None)
    settings = build(_CASE | given)
    sizes = () if text is None else parse_sizes(text)
    from babybert_tui.headless.bench import bench_speed  # torch: not before the options are known to be right

    return bench_speed(settings, sizes, rounds=rounds, seconds=seconds, as_json=as_json)


def _learning(context: click.Context, given: dict[str, Any], *, as_json: bool) -> int:
    minutes, rate = given.pop("minutes", _MINUTES), given.pop("usual_learning_rate", _USUAL_LEARNING_RATE)
    preset, save = given.pop("preset", None), given.pop("save", None)
    configuration = gather(given, preset=preset, config=context.obj.config)
    from babybert_tui.headless.bench import bench_learning  # torch: not before the options are known to be right

    return bench_learning(configuration, minutes=minutes, learning_rate=rate, save=save, as_json=as_json)
