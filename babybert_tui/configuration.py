"""Where the settings of a run come from, and which place wins.

Option > environment > `--config FILE`, else `./babybert.toml` > user config > preset > default. A preset named on the
command line ranks as the options that it stands for, below those that are named beside it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from babybert_tui.errors import RequestError
from babybert_tui.presets import DEFAULT_PRESET, preset_values
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings, build, parse, setting_names, unknown_name

ENVIRONMENT_PREFIX = "BABYBERT_TUI_TRAIN_"
LOCAL_CONFIG = Path("babybert.toml")


@dataclass(frozen=True)
class Configuration:
    """Settings, the preset that they started from, and which of them somebody has set."""

    settings: Settings
    preset: str
    named: frozenset[str] = frozenset()  # by an option, the environment or a file


def gather(
    options: Mapping[str, Any],
    *,
    preset: str | None = None,
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    only: frozenset[str] | None = None,
) -> Configuration:
    """Settings from every place.

    Args:
        options: Those named on the command line.
        preset: Named on the command line, or None.
        config: `--config FILE`, or None for `./babybert.toml` and the user's own.
        environment: The environment variables.
        only: Names that concern the command at hand; None for all.

    Raises:
        RequestError: an unknown name, a value that does not fit, or a file that cannot be read.
    """
    layers = [(str(path), read_toml(path)) for path in _config_files(config)]
    layers.append(("environment", _from_environment(environment)))
    background: dict[str, Any] = {}
    where: dict[str, str] = {}
    for place, values in layers:
        background |= values
        where |= dict.fromkeys(values, place)
    quiet_preset = background.pop("preset", DEFAULT_PRESET)
    named = preset_values(preset) if preset is not None else {}
    values = (preset_values(quiet_preset) if preset is None else {}) | background | named | dict(options)
    places = {name: place for name, place in where.items() if name not in named and name not in options}
    if only is not None:
        values = {name: value for name, value in values.items() if name in only}
    chosen = frozenset(background | named | dict(options)) & frozenset(values)
    return Configuration(build(values, places), preset or quiet_preset, chosen)


def read_toml(path: Path) -> dict[str, Any]:
    """The `[train]` table of a TOML file, its names checked. Raises RequestError."""
    import tomllib  # where there is such a file

    shown = sanitise(str(path))
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise RequestError(f"{shown} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{shown} is not TOML: {sanitise(str(error))}.") from None
    strangers = [name for name in content if name != "train"]
    if strangers:
        raise RequestError(f"{shown}: {sanitise(strangers[0])} stands outside the table [train].", "Put it there.")
    table = content.get("train", {})
    if not isinstance(table, dict):
        raise RequestError(f"{shown}: train must be a table, [train].")
    unknown = [unknown_name(name, shown, [*setting_names(), "preset"]) for name in table if name not in _known()]
    if unknown:
        raise RequestError(" ".join(unknown))
    return table


def _known() -> set[str]:
    return {*setting_names(), "preset"}


def _config_files(config: Path | None) -> list[Path]:
    """Weakest first."""
    user = platformdirs.user_config_path("babybert-tui") / "config.toml"
    if config is not None:
        return [*([user] if user.is_file() else []), config]
    return [path for path in (user, LOCAL_CONFIG) if path.is_file()]


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name == "preset":
            values[name] = text
            continue
        if name not in setting_names():
            raise RequestError(unknown_name(name, f"environment, {sanitise(variable)}"))
        try:
            values[name] = parse(name, text)
        except ValueError as error:
            raise RequestError(f"environment, {variable}: {error}") from None
    return values
