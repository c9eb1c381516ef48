"""`doctor`: the way to what it prints."""

import click

from babybert_tui.cli.command import headless_anywhere


@click.command("doctor", short_help="Check this machine, and say what to do about faults.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@headless_anywhere
@click.pass_context
def doctor_command(context: click.Context, /, as_json: bool) -> None:
    """Check versions, threads, bf16, device, terminal, folders and disk, and say what to do about each fault.

    Exits 0 when all is well (hints may stand), 1 when something is broken.
    """
    from babybert_tui.headless.doctor import examine

    context.exit(examine(context.obj.checkpoints_dir, context.obj.config, as_json=as_json))
