"""`evaluate`: its options, and the way to what it prints."""

from typing import Any

import click

from babybert_tui.cli.command import SettingsCommand, headless_anywhere, named, setting_options
from babybert_tui.configuration import gather
from babybert_tui.headless.interruption import watch_signals

_CONCERNED = (
    "corpus", "data_root", "text_field", "encoding_errors", "max_length", "short_sequence_probability", "device",
    "precision", "threads",
)  # fmt: skip


@click.command("evaluate", cls=SettingsCommand)
@click.option(
    "--checkpoint",
    metavar="DIR_OR_RUN[@STEP]",
    help="A run, a step of it, or any Hugging Face BERT directory.  [default: the newest run, else a shipped one]",
)
@setting_options(_CONCERNED)
@click.option(
    "--max-pairs",
    type=click.IntRange(min=1),
    default=1024,
    show_default=True,
    help="At most so many inputs; fewer are quicker.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@headless_anywhere
@click.pass_context
def evaluate_command(
    context: click.Context, /, checkpoint: str | None, max_pairs: int, as_json: bool, **options: Any
) -> None:
    """Show the MLM and NSP figures of a checkpoint on a corpus.

    A run's checkpoint is judged as in training unless you say otherwise: on its own text, held-out documents only. On
    any other text all documents are taken, or those that the data set itself holds out. The corruption is always the
    same, 15 % of tokens, so that models compare.
    """
    configuration = gather(named(options), config=context.obj.config, only=frozenset(_CONCERNED))
    from babybert_tui.headless.evaluate import evaluate  # torch: not before the options are known to be right

    with watch_signals():
        evaluate(configuration, checkpoint, context.obj.checkpoints_dir, max_pairs=max_pairs, as_json=as_json)
