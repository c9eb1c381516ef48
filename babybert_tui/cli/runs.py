"""`runs`: list, show, compare, delete."""

import sys

import click

from babybert_tui.cli.command import headless_anywhere

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")


@click.group("runs", invoke_without_command=True, short_help="List, show, compare and delete runs.")
@_json_option
@headless_anywhere
@click.pass_context
def runs_command(context: click.Context, /, as_json: bool) -> None:
    """List the runs with their settings and results."""
    if context.invoked_subcommand is None:
        from babybert_tui.headless.runs import list_runs

        list_runs(context.obj.checkpoints_dir, as_json=as_json)
    elif as_json:
        raise click.UsageError(f"--json stands after {context.invoked_subcommand}.", context)


@runs_command.command("list", short_help="List all runs.")
@_json_option
@headless_anywhere
@click.pass_context
def list_command(context: click.Context, /, as_json: bool) -> None:
    """List all runs, the one last worked on last: what `runs` alone does."""
    from babybert_tui.headless.runs import list_runs

    list_runs(context.obj.checkpoints_dir, as_json=as_json)


@runs_command.command("show")
@click.argument("name")
@_json_option
@headless_anywhere
@click.pass_context
def show_command(context: click.Context, /, name: str, as_json: bool) -> None:
    """Show one run: state, settings, checkpoints, all held-out figures."""
    from babybert_tui.headless.runs import show_run

    show_run(name, context.obj.checkpoints_dir, as_json=as_json)


@runs_command.command("compare", short_help="Show runs side by side: settings that differ, figures.")
@click.argument("names", nargs=-1, required=True, metavar="NAME NAME…")
@_json_option
@headless_anywhere
@click.pass_context
def compare_command(context: click.Context, /, names: tuple[str, ...], as_json: bool) -> None:
    """Show the settings in which runs differ, and their last figures, side by side."""
    if len(names) < 2:
        raise click.UsageError("Name two runs or more.", context)
    from babybert_tui.headless.runs import compare_runs

    compare_runs(names, context.obj.checkpoints_dir, as_json=as_json)


@runs_command.command("delete")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json_option
@headless_anywhere
@click.pass_context
def delete_command(context: click.Context, /, name: str, yes: bool, as_json: bool) -> None:
    """Delete a run with all its checkpoints."""
    from babybert_tui.headless.runs import delete_run, find_run
    from babybert_tui.headless.streams import note, print_json

    summary = find_run(name, context.obj.checkpoints_dir)
    size = summary.size
    if not yes:
        _ask(context, f"Delete {summary.folder.path}, {size / 1e6:,.1f} MB, for good?")
    delete_run(summary)
    if as_json:
        print_json({"schema": 1, "deleted": name, "path": str(summary.folder.path), "bytes": size})
    else:
        note(f"Deleted {summary.folder.path}.")


def _ask(context: click.Context, question: str) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("There is no terminal to ask on: confirm with --yes.", context)
    if not click.confirm(question, err=True):
        click.echo("Nothing was deleted.", err=True)
        context.exit(1)
