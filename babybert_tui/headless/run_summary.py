"""What is known of a run without opening it: its settings, how far it came, how good it was; whatever is damaged."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from babybert_tui.errors import BabyBertError
from babybert_tui.presets import PRESETS
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import declaration, default_of, setting_names
from babybert_tui.training.events import Baselines
from babybert_tui.training.metrics import FILE as METRICS
from babybert_tui.training.metrics import read_metrics
from babybert_tui.training.record import RunRecord, extended, read_record
from babybert_tui.training.runs import RECORD, RunFolder

_NOT_COMPARED = frozenset({"run", "log_every", "eval_every", "save_every", "keep", "threads", "device"})


@dataclass(frozen=True)
class RunSummary:
    """One run folder, read; what could not be read is None or empty, and `problem` says why."""

    folder: RunFolder
    record: RunRecord | None
    metrics: list[dict[str, Any]]
    is_held: bool  # by a process, this moment
    problem: str | None

    @cached_property
    def checkpoints(self) -> list[int]:
        """The steps of the checkpoints, oldest first."""
        return self.folder.steps()

    @property
    def step(self) -> int:
        """The last step that is known of: saved, or logged."""
        logged = [entry["step"] for entry in self.metrics if isinstance(entry.get("step"), int)]
        return int(max([0, *self.checkpoints, *logged]))

    @property
    def max_steps(self) -> int | None:
        """The run's length, extensions included; None where the record is damaged."""
        if self.record is None:
            return None
        try:
            return extended(self.record.base, [one for one in self.metrics if one.get("event") == "setting"])
        except (KeyError, TypeError, ValueError):
            return None

    @property
    def state(self) -> str:
        """finished, stopped, interrupted, failed, running or damaged."""
        if self.is_held:
            return "running"
        if self.record is None:
            return "damaged"
        if self.checkpoints and self.checkpoints[-1] >= (self.max_steps or 0):
            return "finished"
        last = self.metrics[-1] if self.metrics else {}
        reason = last.get("reason") if last.get("event") == "end" else None
        # No end was written: the process was killed, or the machine went down.
        return reason if isinstance(reason, str) and reason != "finished" else "interrupted"

    @property
    def evaluations(self) -> list[dict[str, Any]]:
        """All held-out figures, oldest first."""
        return [entry for entry in self.metrics if entry.get("event") == "evaluation" and "mlm_loss" in entry]

    @property
    def evaluation(self) -> dict[str, Any] | None:
        """The last held-out figures."""
        return self.evaluations[-1] if self.evaluations else None

    @property
    def start(self) -> dict[str, Any]:
        """The last start event, or an empty object."""
        starts = [entry for entry in self.metrics if entry.get("event") == "start"]
        return starts[-1] if starts else {}

    @property
    def baselines(self) -> Baselines | None:
        """What the run is measured against; None where it was not written down."""
        try:
            return Baselines(**self.start["baselines"])
        except (KeyError, TypeError):
            return None

    @property
    def elapsed_seconds(self) -> float | None:
        """Wall time of the whole run so far."""
        times = [entry["elapsed_seconds"] for entry in self.metrics if _is_number(entry.get("elapsed_seconds"))]
        return float(times[-1]) if times else None

    @cached_property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(file.lstat().st_size for file in _files(self.folder.path))

    def as_json(self) -> dict[str, Any]:
        """The run as one JSON object."""
        record, baselines = self.record, self.baselines
        return {
            "run": self.folder.name,
            "path": str(self.folder.path),
            "state": self.state,
            "problem": self.problem,
            "step": self.step,
            "max_steps": self.max_steps,
            "checkpoints": self.checkpoints,
            "preset": None if record is None else record.preset,
            "settings": None if record is None else asdict(record.settings),
            "corpus": None if record is None else record.corpus,
            "parameters": self.start.get("parameters"),
            "vocabulary_size": self.start.get("vocabulary_size"),
            "evaluation": self.evaluation,
            "baselines": None if baselines is None else vars(baselines),
            "elapsed_seconds": self.elapsed_seconds,
            "bytes": self.size,
        }


def summarise(folder: RunFolder) -> RunSummary:
    """Reads a run folder; a damaged one is described as far as it can be."""
    record, problem, metrics = None, None, []
    try:
        record = read_record(folder.path)
    except BabyBertError as error:
        problem = str(error)
    except AttributeError:  # valid TOML, but not what we write
        problem = f"{sanitise(str(folder.path / RECORD))} is no record of a run."
    try:
        metrics = read_metrics(folder.path)
    except OSError as error:
        problem = problem or f"{METRICS} cannot be read: {error.strerror}."
    return RunSummary(folder, record, metrics, folder.is_held, problem)


def find_runs(checkpoints_dir: Path) -> Iterator[RunSummary]:
    """All run folders, the one last worked on last; those that have lost their record are among them."""
    if not checkpoints_dir.is_dir():
        return
    folders = [RunFolder(path) for path in checkpoints_dir.iterdir() if path.is_dir() and looks_like_run(path)]
    for folder in sorted(folders, key=lambda one: (_last_touched(one), one.name)):
        yield summarise(folder)


def looks_like_run(path: Path) -> bool:
    """Whether a run was once started in a folder."""
    return (path / RECORD).exists() or (path / METRICS).exists() or bool(RunFolder(path).steps())


def compared_settings(summaries: list[RunSummary]) -> dict[str, list[Any]]:
    """The settings in which runs differ, each with its value in every run (None where there is no record)."""
    records = [summary.record for summary in summaries]
    return {
        name: values
        for name in setting_names()
        if name not in _NOT_COMPARED
        and len(set(values := [None if one is None else getattr(one.settings, name) for one in records])) > 1
    }


def own_settings(record: RunRecord) -> dict[str, Any]:
    """What makes a run different from its preset: the settings that matter for what it learns."""
    preset = PRESETS[record.preset].values if record.preset in PRESETS else {}
    return {
        name: value
        for name in setting_names()
        if name not in _NOT_COMPARED and (value := getattr(record.settings, name)) != preset.get(name, default_of(name))
    }


def shown(name: str, value: Any) -> str:
    """A setting's value as text."""
    if value is None:
        return declaration(name).automatic
    return f"{value:g}" if isinstance(value, float) else sanitise(str(value))


def _last_touched(folder: RunFolder) -> float:
    paths = [path for path in (folder.path / RECORD, folder.path / METRICS) if path.exists()]
    return max(path.lstat().st_mtime for path in paths or [folder.path])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _files(path: Path) -> Iterator[Path]:
    """All files below a folder, each once: links are not followed."""
    for root, _, names in os.walk(path):
        yield from (Path(root, name) for name in names)
