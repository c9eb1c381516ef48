"""`train`: its options, and the way to the front that does it."""

from typing import Any

import click

from babybert_tui.cli.command import SettingsCommand, headless_anywhere, named, preset_option, setting_options
from babybert_tui.configuration import gather
from babybert_tui.memory import keep_freed_memory


@click.command("train", cls=SettingsCommand)
@preset_option
@setting_options()
@click.option("--resume", "policy", flag_value="resume", help="Only go on with a run that exists.")
@click.option("--restart", "policy", flag_value="restart", help="Move an existing run aside and start anew.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")
@click.option("--quiet", is_flag=True, help="No progress; errors only.")
@headless_anywhere
@click.pass_context
def train_command(
    context: click.Context,
    /,
    preset: str | None,
    policy: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Pre-train BabyBERT: masked words, next sentences.

    The same command with the same --run NAME goes on where it stopped. The app opens, unless --headless, --dry-run,
    --json or --quiet is given.
    """
    configuration = gather(named(options), preset=preset, config=context.obj.config)
    if not (context.obj.headless or dry_run or as_json or quiet):
        from babybert_tui.tui.launch import open_app

        open_app(configuration, context.obj.checkpoints_dir, train=True, policy=policy or "auto")
    keep_freed_memory()
    from babybert_tui.headless.train import train  # imports torch: only now that the options are known to be right

    code = train(
        configuration,
        context.obj.checkpoints_dir,
        policy=policy or "auto",
        dry_run=dry_run,
        as_json=as_json,
        quiet=quiet,
    )
    context.exit(code)
