"""Commands made from the settings, and imported only when they are called."""

import importlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import click

from babybert_tui.exit_codes import EXIT_STDOUT_CLOSED
from babybert_tui.presets import DEFAULT_PRESET, PRESETS
from babybert_tui.settings import SECTIONS, declaration, default_of, is_optional, setting_names, setting_type

_OTHER_OPTIONS = "Options"


@contextmanager
def _closed_stdout_has_its_exit_code() -> Iterator[None]:
    """Comes before click and rich, which would leave with 1."""
    try:
        yield
    except BrokenPipeError:
        raise click.exceptions.Exit(EXIT_STDOUT_CLOSED) from None
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):
            raise click.exceptions.Exit(EXIT_STDOUT_CLOSED) from None
        raise


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for: `--help` stays quick.

    Args:
        commands_at: By name, `module:attribute`.
    """

    def __init__(self, *args: Any, commands_at: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._commands_at:
            return None
        module, attribute = self._commands_at[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _closed_stdout_has_its_exit_code():  # --help and --version print while the context is made
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _closed_stdout_has_its_exit_code():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            names = ", ".join(self._commands_at)
            near = get_close_matches(args[0], self._commands_at, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{guess} Commands: {names}.", ctx) from None


class SettingsCommand(click.Command):
    """A command whose help shows its settings under the titles of their sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options, the command's own ones last."""
        sections: dict[str, list[tuple[str, str]]] = {title: [] for title in (*SECTIONS, _OTHER_OPTIONS)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                is_setting = parameter.name in setting_names()
                title = declaration(str(parameter.name)).section if is_setting else _OTHER_OPTIONS
                sections[title].append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class Real(click.ParamType[float]):
    """A finite number; click's own FLOAT lets nan and inf through."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is not a number.", param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class Whole(click.ParamType[int]):
    """A whole number; 1e3 and 1_000 are too."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(value)
        except (TypeError, ValueError):
            pass
        try:
            number = float(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        if not number.is_integer():
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        return int(number)


def headless_anywhere(function: Callable[..., Any]) -> Callable[..., Any]:
    """Lets `--headless` and `--debug` stand after the command too."""

    def remember(context: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value and context.obj is not None and parameter.name is not None:
            setattr(context.obj, parameter.name, True)

    for flag in ("--headless", "--debug"):
        function = click.option(flag, is_flag=True, hidden=True, expose_value=False, callback=remember)(function)
    return function


def preset_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--preset`."""
    presets = " ".join(f"{name}: {preset.help}" for name, preset in PRESETS.items())
    add = click.option("--preset", type=click.Choice(list(PRESETS)), help=f"{presets}  [default: {DEFAULT_PRESET}]")
    return add(function)


def setting_options(
    names: Sequence[str] | None = None, defaults: Mapping[str, Any] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds an option for each of the settings; those not named on the command line arrive as None.

    Args:
        names: Which settings; all of them where None.
        defaults: Those that the help shows where they are not the settings' own.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names or setting_names()):
            function = _option(name, {**(defaults or {})}.get(name, default_of(name)))(function)
        return function

    return decorate


def named(values: dict[str, Any]) -> dict[str, Any]:
    """Only what stood on the command line."""
    return {name: value for name, value in values.items() if value is not None}


def _option(name: str, default: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    known = declaration(name)
    shown = known.automatic if is_optional(name) else f"{default:g}" if isinstance(default, float) else str(default)
    if known.flags is not None:
        on, off = known.flags
        return click.option(
            f"{on}/{off}", name, default=None, help=f"{known.help}  [default: {(off, on)[default].lstrip('-')}]"
        )
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        type=_parameter_type(name),
        default=None,
        metavar=None if known.choices else {str: "TEXT", int: "N", float: "X"}[setting_type(name)],
        help=f"{known.help}  [default: {shown}]",
    )


def _parameter_type(name: str) -> click.ParamType[Any]:
    known = declaration(name)
    if known.choices:
        return click.Choice(known.choices)
    kinds: dict[type, click.ParamType[Any]] = {int: Whole(), float: Real(), str: click.STRING}
    return kinds[setting_type(name)]
