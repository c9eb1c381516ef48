"""Whose weights can be looked at: the model in training, the checkpoints of runs, those that ship, any directory."""

import re
from dataclasses import dataclass
from pathlib import Path

from babybert_tui.training.runs import RunFolder, all_runs, resolve_checkpoint, shipped_checkpoints

_STEP = re.compile(r"step-(\d{6,})")


@dataclass(frozen=True)
class Weights:
    """A model at one moment."""

    name: str  # of the run or the directory
    step: int | None = None  # None where nothing says it
    folder: Path | None = None  # None: the model in training, as it is now
    is_recorded: bool = False  # no weights at all, but the pinned probe as it was recorded at that step

    @property
    def is_live(self) -> bool:
        """Whether it is the model in training."""
        return self.folder is None and not self.is_recorded

    @property
    def words(self) -> str:
        """As a person would say it; not yet safe to show."""
        name = f"the probe of {self.name}" if self.is_recorded else self.name
        return name if self.step is None else f"{name} at step {self.step:,}"

    @property
    def run(self) -> RunFolder | None:
        """The run whose checkpoint it is."""
        if self.folder is None or self.is_recorded or not _STEP.fullmatch(self.folder.name):
            return None
        run = RunFolder(self.folder.parent)
        return run if run.exists else None


def weights_in(folder: Path) -> Weights:
    """The weights of a model directory, named after its run where it has one."""
    folder = folder.resolve() if folder.is_symlink() else folder
    step = _STEP.fullmatch(folder.name)
    if step is None:
        return Weights(folder.name or str(folder), None, folder)
    return Weights(folder.parent.name, int(step[1]), folder)


def checkpoints_of(run: RunFolder) -> tuple[Weights, ...]:
    """A run's checkpoints, oldest first."""
    return tuple(Weights(run.name, step, run.step_folder(step)) for step in run.steps())


def shipped() -> tuple[Weights, ...]:
    """The checkpoints that come with the program."""
    folder = shipped_checkpoints()
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple(Weights(entry.name, None, entry) for entry in found if (entry / "config.json").is_file())


def first_choice(spec: str | None, checkpoints_dir: Path) -> Weights | None:
    """What to look at where nobody has chosen: what `spec` names, else the newest run, else what ships.

    Raises:
        RequestError: `spec` names nothing.
    """
    folder = resolve_checkpoint(spec, checkpoints_dir)
    return weights_in(folder) if spec is not None or (folder / "config.json").is_file() else None


def all_weights(checkpoints_dir: Path) -> tuple[Weights, ...]:
    """Every checkpoint of every run, the newest first; then those that ship."""
    found: list[Weights] = []
    for run in reversed(all_runs(checkpoints_dir)):
        found.extend(reversed(checkpoints_of(run)))
    return (*found, *(one for one in shipped() if one.folder not in {known.folder for known in found}))


def along_the_run(weights: Weights, checkpoints_dir: Path, live: Weights | None) -> tuple[Weights, ...]:
    """The checkpoints of the same run, oldest first, the model in training last; empty where there is no run."""
    run = RunFolder(checkpoints_dir / weights.name) if weights.is_live else weights.run
    if run is None:
        return ()
    is_training = live is not None and live.name == run.name
    return (*checkpoints_of(run), *([live] if is_training and live is not None else []))
