"""`run.toml`: what a run was started with, and what has to be the same when it goes on."""

import platform
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import tomli_w

from babybert_tui import __version__
from babybert_tui.errors import RunError
from babybert_tui.files import write_text
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings, declaration, setting_names
from babybert_tui.training.runs import RECORD

_PACKAGES = ("babybert-tui", "torch", "numpy", "tokenizers", "transformers")


def installed_versions() -> dict[str, str]:
    """Versions that a bit-identical result depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = __version__ if package == "babybert-tui" else "unknown"
    return found


@dataclass(frozen=True)
class RunRecord:
    """The content of `run.toml`."""

    preset: str
    settings: Settings  # as asked for, None where the program chose
    max_steps: int  # as fixed at the start (by --minutes, say)
    device: str
    precision: str
    threads: int
    corpus: dict[str, Any]  # name, format, sha256, counts
    tokenizer: dict[str, Any]  # sha256 of vocab.txt, size
    versions: dict[str, str] = field(default_factory=installed_versions)

    @property
    def base(self) -> Settings:
        """The settings in force at the first update."""
        return replace(self.settings, max_steps=self.max_steps)

    def write(self, folder: Path) -> None:
        """Writes `run.toml` into the run's folder."""
        values = {name: value for name, value in asdict(self.settings).items() if value is not None}
        content = {
            "schema": 1,
            "preset": self.preset,
            "settings": values,
            "fixed": {
                "max_steps": self.max_steps,
                "device": self.device,
                "precision": self.precision,
                "threads": self.threads,
            },
            "corpus": self.corpus,
            "tokenizer": self.tokenizer,
            "versions": self.versions,
        }
        write_text(folder / RECORD, tomli_w.dumps(content))


def read_record(folder: Path) -> RunRecord:
    """Reads `run.toml`. Raises RunError where it is damaged or from another version."""
    shown = sanitise(str(folder / RECORD))
    try:
        content = tomllib.loads((folder / RECORD).read_text(encoding="utf-8"))
        known = {name: value for name, value in content["settings"].items() if name in setting_names()}
        return RunRecord(
            preset=content["preset"],
            settings=replace(Settings(), **known),
            **content["fixed"],
            corpus=content["corpus"],
            tokenizer=content["tokenizer"],
            versions=content["versions"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{shown} cannot be read: {sanitise(str(error))}.") from None


def differences(record: RunRecord, asked: Settings, max_steps: int) -> tuple[list[str], list[str]]:
    """How `asked` differs from what the run was started with: what forbids going on, and what only warrants a word.

    Args:
        record: The run's.
        asked: The settings of the command at hand.
        max_steps: The run's length now, extensions included.
    """
    refused: list[str] = []
    warned: list[str] = []
    for name in setting_names():
        before, now = getattr(record.settings, name), getattr(asked, name)
        rule = declaration(name).on_resume
        if before == now or rule == "free" or (rule == "extend" and (now >= max_steps or asked.minutes is not None)):
            continue
        (warned if rule == "warn" else refused).append(f"{name} is {_shown(before)} there, {_shown(now)} here")
    for package, installed in installed_versions().items():
        if record.versions.get(package, installed) != installed:
            warned.append(f"{package} was {record.versions[package]} there, is {installed} here")
    return refused, warned


def _shown(value: Any) -> str:
    return "automatic" if value is None else sanitise(str(value))


def extended(settings: Settings, changes: list[Mapping[str, Any]]) -> int:
    """The run's length after the recorded `setting` events."""
    lengths = [settings.max_steps] + [change["value"] for change in changes if change["name"] == "max_steps"]
    return int(lengths[-1])
