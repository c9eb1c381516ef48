"""The `inspect` command: reads its options and opens a front."""

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import click

from babybert_tui.cli.command import headless_anywhere
from babybert_tui.configuration import gather
from babybert_tui.inspection.request import (
    EXPORTS,
    SHOW_ALL,
    SHOWN,
    InspectRequest,
    parse_export,
    parse_mask,
    parse_show,
    refuse_empty,
)


def _open_in_app(request: InspectRequest, config: Path | None) -> NoReturn:
    """What is wrong with the checkpoint's name is said before the screen is taken."""
    from babybert_tui.tui.launch import open_app, require_terminal

    require_terminal()
    if request.checkpoint is not None:
        from babybert_tui.inspection.hub import PREFIX, fetch_from_hub
        from babybert_tui.training.runs import resolve_checkpoint

        if request.checkpoint.startswith(PREFIX):
            folder = fetch_from_hub(request.checkpoint.removeprefix(PREFIX))
        else:
            folder = resolve_checkpoint(request.checkpoint, request.checkpoints_dir)
        request = replace(request, checkpoint=str(folder))
    open_app(gather({}, config=config), request.checkpoints_dir, inspect=request)


@click.command("inspect")
@click.argument("text", required=False)
@click.argument("text_b", required=False)
@click.option(
    "--checkpoint",
    metavar="DIR_OR_RUN[@STEP]",
    help="A run, a step of it, a Hugging Face BERT directory, or hub:NAME."
    "  [default: the newest run, else one that ships]",
)
@click.option(
    "--mask", metavar="POSITIONS|auto", help="Hide tokens: positions as displayed ([CLS] is 0), or 15 % as in training."
)
@click.option("--top-k", type=click.IntRange(min=1), default=5, show_default=True, help="Candidates per masked token.")
@click.option("--layer", type=click.IntRange(min=1), help="Only this layer, counted from 1.  [default: all]")
@click.option(
    "--head", type=click.IntRange(min=1), help="Only this head of each layer, counted from 1.  [default: all]"
)
@click.option(
    "--show",
    type=click.Choice([*SHOWN, SHOW_ALL]),
    multiple=True,
    help="What to compute and print; may be given several times.  [default: all]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of pictures.")
@click.option(
    "--export",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar=f"FILE.{{{','.join(EXPORTS)}}}",
    help="Write a file as well; its ending says which kind.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seeds the draw of --mask auto.")
@headless_anywhere
@click.pass_context
def inspect_command(
    context: click.Context,
    /,
    *,
    text: str | None,
    text_b: str | None,
    checkpoint: str | None,
    mask: str | None,
    top_k: int,
    layer: int | None,
    head: int | None,
    show: tuple[str, ...],
    as_json: bool,
    export: Path | None,
    seed: int,
) -> None:
    """Shows what a model makes of TEXT, or of the pair TEXT and TEXT_B.

    Pieces, layout, masked tokens and predictions, P(B follows A), and the attention of every head. [MASK] and [SEP]
    typed into a text are the special tokens; - reads it from stdin. The app opens, unless --headless, --json, --show or
    --export is given; there TEXT may be left out.
    """
    opens_app = not (context.obj.headless or as_json or show or export is not None)
    if text is None and not opens_app:
        raise click.UsageError("Missing argument 'TEXT'.", context)
    for name, given in (("TEXT", text), ("TEXT_B", text_b)):
        if given is not None:
            refuse_empty(name, given)
    request = InspectRequest(
        text=text or "",
        text_b=text_b,
        checkpoint=checkpoint,
        checkpoints_dir=context.obj.checkpoints_dir,
        mask=None if mask is None else parse_mask(mask),
        top_k=top_k,
        layer=layer,
        head=head,
        show=parse_show(show),
        as_json=as_json,
        export=None if export is None else parse_export(export),
        seed=seed,
    )
    if opens_app:
        _open_in_app(request, context.obj.config)
    from babybert_tui.headless.inspect import inspect  # torch: not before the options are known to be right

    inspect(request)
