"""Runs in the folder of checkpoints that can be gone on with."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babybert_tui.errors import BabyBertError
from babybert_tui.render.figures import fraction
from babybert_tui.settings import Settings
from babybert_tui.training.metrics import read_metrics
from babybert_tui.training.record import RunRecord, extended, read_record
from babybert_tui.training.runs import RunFolder, all_runs
from babybert_tui.tui.trainer import RunOrder
from babybert_tui.tui.tuning import with_every_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PIPED = "-"


@dataclass(frozen=True)
class EarlierRun:
    """A run as it was left."""

    name: str
    record: RunRecord
    step: int  # of its last checkpoint
    length: int  # extensions included
    accuracy: tuple[float | None, float | None] = (None, None)  # held out, at the last evaluation: MLM, NSP

    @property
    def is_finished(self) -> bool:
        """Whether it can only be made longer."""
        return self.step >= self.length

    @property
    def summary(self) -> str:
        """What a person chooses by."""
        if self.is_finished:
            return f"{self.record.preset}, finished after {self.length:,} steps{self._reached}: make it longer"
        return f"{self.record.preset}, stopped at step {self.step:,} of {self.length:,}{self._reached}"

    @property
    def _reached(self) -> str:
        named = zip(("MLM", "NSP"), self.accuracy, strict=True)
        words = ", ".join(f"{name} {fraction(value)}" for name, value in named if value is not None)
        return f" ({words})" if words else ""

    @property
    def is_fixed(self) -> bool:
        """Whether its length was given in minutes, which cannot be made more afterwards."""
        return self.record.settings.minutes is not None

    def order(self, max_steps: int | None = None) -> RunOrder:
        """What goes on with it, to `max_steps` or to its own end."""
        settings = replace(self.record.settings, run=self.name, max_steps=max_steps or self._asked_length)
        return RunOrder(with_every_step(settings), self.record.preset)

    @property
    def _asked_length(self) -> int:
        return self.record.settings.max_steps if self.is_fixed else self.length

    @property
    def as_started(self) -> Settings:
        """Its settings and its seed, for another run."""
        return replace(self.record.settings, run=None)


def earlier_runs(checkpoints_dir: Path) -> list[EarlierRun]:
    """The newest first. Left out: what cannot be read, and what was piped in."""
    found = [_earlier_run(run) for run in reversed(all_runs(checkpoints_dir))]
    return [run for run in found if run is not None and run.record.settings.corpus != _PIPED]


def _earlier_run(run: RunFolder) -> EarlierRun | None:
    try:
        record = read_record(run.path)
    except BabyBertError:
        return None
    metrics = read_metrics(run.path)
    changes: list[Mapping[str, Any]] = [one for one in metrics if one.get("event") == "setting"]
    steps = run.steps()
    return EarlierRun(run.name, record, steps[-1] if steps else 0, extended(record.base, changes), _accuracy(metrics))


def _accuracy(metrics: "Sequence[Mapping[str, Any]]") -> tuple[float | None, float | None]:
    last: Mapping[str, Any] = next((one for one in reversed(metrics) if one.get("event") == "evaluation"), {})
    mlm, nsp = (last.get(name) for name in ("mlm_accuracy", "nsp_accuracy"))
    return (mlm if isinstance(mlm, float) else None, nsp if isinstance(nsp, float) else None)
