"""Run folders: names, checkpoints in them, which one is the latest, and who holds them."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from babybert_tui.errors import RequestError
from babybert_tui.files import fsync, write_text
from babybert_tui.sanitise import sanitise

RECORD = "run.toml"
LATEST = "latest"
_LOCK = ".lock"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_STEP_FOLDER = re.compile(r"step-(\d{6,})")


@dataclass(frozen=True)
class RunFolder:
    """`checkpoints/<run>`."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def exists(self) -> bool:
        """Whether a run was started there."""
        return (self.path / RECORD).is_file()

    def step_folder(self, step: int) -> Path:
        """Where the checkpoint of `step` is, or would be."""
        return self.path / f"step-{step:06d}"

    def steps(self) -> list[int]:
        """The steps of which there are checkpoints, oldest first."""
        if not self.path.is_dir():
            return []
        found = (_STEP_FOLDER.fullmatch(entry.name) for entry in self.path.iterdir() if entry.is_dir())
        return sorted(int(match[1]) for match in found if match)

    def latest(self) -> Path | None:
        """The newest checkpoint; None where there is none."""
        steps = self.steps()
        return self.step_folder(steps[-1]) if steps else None

    def point_latest(self, step: int) -> None:
        """Makes `latest` a relative link to the checkpoint of `step`; a copy beside a pointer file where links fail."""
        target, link = self.step_folder(step), self.path / LATEST
        fresh = self.path / f".{LATEST}.new"
        with suppress(FileNotFoundError):
            fresh.unlink()
        try:
            fresh.symlink_to(target.name, target_is_directory=True)
        except OSError:
            self._copy_latest(target, link)
            return
        if link.is_dir() and not link.is_symlink():
            shutil.rmtree(link)
        fresh.replace(link)
        fsync(self.path)

    def _copy_latest(self, target: Path, link: Path) -> None:
        if link.exists():
            shutil.rmtree(link)
        shutil.copytree(target, link)
        write_text(self.path / f"{LATEST}.txt", f"{target.name}\n")

    def set_aside_after(self, step: int) -> bool:
        """Renames the checkpoints after `step` to `damaged-step-…`, so that none is the newest; True if any."""
        damaged = [self.step_folder(later) for later in self.steps() if later > step]
        for folder in damaged:
            aside = folder.with_name(f"damaged-{folder.name}")
            if aside.exists():
                shutil.rmtree(aside)
            folder.replace(aside)
        return bool(damaged)

    def keep_newest(self, count: int) -> None:
        """Removes all checkpoints but the newest `count`; 0 keeps all."""
        for step in self.steps()[:-count] if count else []:
            shutil.rmtree(self.step_folder(step), ignore_errors=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the folder for this process. Raises RequestError where another one holds it."""
        from filelock import FileLock, Timeout  # only those who write need it

        lock = FileLock(self.path / _LOCK, blocking=False)
        try:
            lock.acquire()
        except Timeout:
            raise RequestError(
                f"The run {self.name} is in use by another process.", "Wait for it, or choose another --run."
            ) from None
        except OSError as error:
            raise RequestError(f"{sanitise(str(self.path))} cannot be written to: {error.strerror}.") from None
        try:
            yield
        finally:
            lock.release()

    def clear_leftovers(self) -> None:
        """Removes what a process that was killed while saving left half-written."""
        for entry in self.path.glob(".step-*"):
            shutil.rmtree(entry, ignore_errors=True)

    @property
    def is_held(self) -> bool:
        """Whether a process holds the folder now."""
        from filelock import Timeout

        try:
            with self.held():
                return False
        except RequestError as error:
            return isinstance(error.__context__, Timeout)  # otherwise it cannot be written to

    def move_aside(self) -> Path:
        """Renames the folder to the first free `<run>.old-<n>`, which is returned."""
        number = 1
        while (aside := self.path.with_name(f"{self.name}.old-{number}")).exists():
            number += 1
        self.path.replace(aside)
        return aside


def run_folder(checkpoints_dir: Path, name: str) -> RunFolder:
    """The folder of a run. Raises RequestError where `name` is no name."""
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"{sanitise(repr(name))} is no name for a run: letters, digits, '.', '_' and '-', a letter or digit first."
        )
    return RunFolder(checkpoints_dir / name)


def free_run_name(checkpoints_dir: Path, corpus: str, preset: str) -> str:
    """The first free `<corpus>-<preset>-<number>`."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(corpus).stem if corpus != "-" else "stdin").strip("-._") or "corpus"
    number = 1
    while (checkpoints_dir / f"{stem}-{preset}-{number}").exists():
        number += 1
    return f"{stem}-{preset}-{number}"


def all_runs(checkpoints_dir: Path) -> list[RunFolder]:
    """The runs in a folder, the one last worked on last."""
    if not checkpoints_dir.is_dir():
        return []
    runs = [RunFolder(entry) for entry in checkpoints_dir.iterdir() if (entry / RECORD).is_file()]
    return sorted(runs, key=lambda run: (_last_touched(run), run.name))


def _last_touched(run: RunFolder) -> float:
    latest = run.latest()
    return max(path.stat().st_mtime for path in (run.path / RECORD, latest) if path is not None)


def delete_run(run: RunFolder) -> None:
    """Removes a run's folder and all in it. Raises RequestError where it is no run, or in use."""
    if not run.exists:
        raise RequestError(f"There is no run {run.name} in {sanitise(str(run.path.parent))}.")
    with run.held():
        pass
    shutil.rmtree(run.path)


def shipped_checkpoints() -> Path:
    """The folder of the checkpoints that come with the program: in the package, or in the clone that it runs from."""
    inside = Path(__file__).parents[1] / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "checkpoints"


DEFAULT_SHIPPED = "stories"


def resolve_checkpoint(spec: str | None, checkpoints_dir: Path) -> Path:
    """The model directory that `DIR_OR_RUN[@STEP]` names; None: the newest run, else a checkpoint that ships.

    Raises:
        RequestError: there is no such directory, run or step.
    """
    if spec is None:
        trained = [latest for run in all_runs(checkpoints_dir) if (latest := run.latest()) is not None]
        return trained[-1] if trained else shipped_checkpoints() / DEFAULT_SHIPPED
    name, _, step = spec.partition("@")
    for directory in (Path(spec), checkpoints_dir / spec):
        if (directory / "config.json").is_file():
            return directory
    for run in (RunFolder(checkpoints_dir / name), RunFolder(Path(name))):
        if run.path.is_dir() and run.steps():
            return _checkpoint_of(run, step)
    if (shipped_checkpoints() / spec / "config.json").is_file():
        return shipped_checkpoints() / spec
    raise RequestError(_no_checkpoint(spec, checkpoints_dir))


def _checkpoint_of(run: RunFolder, step: str) -> Path:
    latest = run.latest()
    assert latest is not None
    if not step:
        return latest
    if not step.isascii() or not step.isdigit() or int(step) not in run.steps():
        have = ", ".join(map(str, run.steps()))
        raise RequestError(f"The run {sanitise(run.name)} has no checkpoint of step {sanitise(step)}; it has {have}.")
    return run.step_folder(int(step))


def _no_checkpoint(spec: str, checkpoints_dir: Path) -> str:
    names = [run.name for run in all_runs(checkpoints_dir)]
    known = f" Runs there: {', '.join(sanitise(name) for name in names)}." if names else ""
    return f"There is no model directory and no run called {sanitise(spec)} in {sanitise(str(checkpoints_dir))}.{known}"
