"""`corpus`: its options, and the way to what it prints."""

from typing import Any

import click

from babybert_tui.cli.command import SettingsCommand, headless_anywhere, named, preset_option, setting_options
from babybert_tui.configuration import gather
from babybert_tui.headless.interruption import watch_signals

_CONCERNED = (
    "corpus", "data_root", "text_field", "encoding_errors", "held_out_share", "tokenizer", "vocab_size", "cased",
    "max_length", "mask_probability", "mask_token_fraction", "random_token_fraction", "masking", "sentence_objective",
    "short_sequence_probability", "seed",
)  # fmt: skip


@click.command("corpus", cls=SettingsCommand, short_help="Show how a text is read, with sample pairs.")
@preset_option
@setting_options(_CONCERNED)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--clear-cache", is_flag=True, help="Remove all prepared texts from the cache, and do nothing else.")
@headless_anywhere
@click.pass_context
def corpus_command(
    context: click.Context, /, preset: str | None, as_json: bool, clear_cache: bool, **options: Any
) -> None:
    """Show how a corpus is read: documents, sentences, tokens, baselines, sample pairs.

    The samples are masked as in training: look here first, so that a text read wrongly is seen before it is trained on.
    """
    if clear_cache:
        from babybert_tui.headless.prepared_texts import clear_prepared_texts

        clear_prepared_texts(as_json=as_json)
        return
    configuration = gather(named(options), preset=preset, config=context.obj.config, only=frozenset(_CONCERNED))
    from babybert_tui.headless.corpus import show_corpus  # torch: not before the options are known to be right

    with watch_signals():
        show_corpus(configuration, as_json=as_json)
