"""What a run needs of the machine: one function for each thing that may be missing, slow or in the way."""

import importlib
import locale
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import platformdirs

from babybert_tui import __version__
from babybert_tui.cache import ENVIRONMENT, cache_folder, cache_size
from babybert_tui.configuration import gather
from babybert_tui.errors import BabyBertError
from babybert_tui.render.console import stdout_console
from babybert_tui.sanitise import sanitise

TORCH_RANGE = ((2, 10), (2, 14))  # from the first up to, not including, the second
SMALLEST_TERMINAL = (80, 24)
_PACKAGES = (
    "click", "filelock", "numba", "numpy", "platformdirs", "rich", "safetensors", "sentencex", "tokenizers", "tomli-w",
)  # fmt: skip
_LEAST_PYTHON = (3, 11)
_LEAST_FREE, _LITTLE_FREE = 50e6, 1e9  # bytes: a few small checkpoints; a run of a larger model
_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
_APP = "babybert-tui"

OK, HINT, FAULT = "ok", "hint", "fault"


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    status: str  # OK; HINT: works, and could be better; FAULT: does not work
    found: str
    remedy: str = ""


def all_checks(checkpoints_dir: Path, config: Path | None) -> Iterator[Check]:
    """Looks at everything, quick things first."""
    yield _program()
    yield from _packages()
    yield _settings(config)
    yield from _terminal()
    yield from _folders(checkpoints_dir)
    yield _free_disk(checkpoints_dir)
    yield from _torch()


def _program() -> Check:
    python = platform.python_version()
    found = f"babybert-tui {__version__} on Python {python}, {platform.system()} {platform.machine()}"
    if sys.version_info < _LEAST_PYTHON:
        return Check("program", FAULT, found, "Install Python 3.11 or newer.")
    return Check("program", OK, found)


def _packages() -> Iterator[Check]:
    found, missing = [], []
    for package in (*_PACKAGES, "transformers"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    yield Check("packages", OK, ", ".join(found))
    if missing:
        yield Check("packages", FAULT, f"missing: {', '.join(missing)}", f"Run: pip install {' '.join(missing)}")


def _settings(config: Path | None) -> Check:
    try:
        gathered = gather({}, config=config)
    except BabyBertError as error:
        return Check("settings", FAULT, error.message, error.remedy or "Correct what it says; all commands read it.")
    named = f", set outside the command line: {', '.join(sorted(gathered.named))}" if gathered.named else ""
    return Check("settings", OK, f"preset {gathered.preset}{named}")


def _terminal() -> Iterator[Check]:
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not on_terminal:
        yield Check("terminal", OK, "stdin or stdout is no terminal: --headless works, the app would not")
    elif os.environ.get("TERM", "") in ("", "dumb"):
        yield Check("terminal", HINT, f"TERM is {os.environ.get('TERM') or 'not set'}", "Use --headless, or set TERM.")
    else:
        size = shutil.get_terminal_size()
        too_small = size.columns < SMALLEST_TERMINAL[0] or size.lines < SMALLEST_TERMINAL[1]
        remedy = f"Make it at least {SMALLEST_TERMINAL[0]} × {SMALLEST_TERMINAL[1]}." if too_small else ""
        yield Check("terminal", HINT if too_small else OK, f"{size.columns} × {size.lines}, {_terminal_name()}", remedy)
        yield _colours()
    yield _encoding()


def _terminal_name() -> str:
    inside = "in tmux, " if "TMUX" in os.environ else "in screen, " if "STY" in os.environ else ""
    return f"{inside}TERM={sanitise(os.environ.get('TERM', ''))}"


def _colours() -> Check:
    if os.environ.get("NO_COLOR"):
        return Check("colours", OK, "none, as NO_COLOR asks")
    system = stdout_console().color_system
    names = {"truecolor": "24 bit", "256": "256", "standard": "16", "windows": "16"}
    if system in ("truecolor", "256"):
        return Check("colours", OK, names[system])
    remedy = "If the terminal knows more: TERM=xterm-256color, or COLORTERM=truecolor."
    return Check("colours", HINT, names.get(system or "", "none"), remedy)


def _encoding() -> Check:
    encoding = (sys.stdout.encoding or "").lower().replace("_", "-")
    found = f"{encoding}, locale {locale.setlocale(locale.LC_CTYPE)}"
    if encoding in ("utf-8", "utf8"):
        return Check("encoding", OK, found)
    return Check("encoding", HINT, found, "Set LC_ALL=C.UTF-8 or PYTHONUTF8=1: other encodings show stand-ins.")


def _folders(checkpoints_dir: Path) -> Iterator[Check]:
    yield _folder("checkpoints", checkpoints_dir, "Choose another --checkpoints-dir.")
    remedy = "Set {} to a folder that you may write to."
    yield _folder("config folder", platformdirs.user_config_path(_APP), remedy.format("XDG_CONFIG_HOME"))
    yield _folder("state folder", platformdirs.user_state_path(_APP), remedy.format("XDG_STATE_HOME"))
    yield _folder("cache folder", cache_folder(), remedy.format(ENVIRONMENT))
    entries, size = cache_size()
    found = f"{entries:,} prepared parts in the cache, {size / 1e6:,.1f} MB; `corpus --clear-cache` removes them"
    yield Check("texts", OK, found)


def _folder(name: str, path: Path, remedy: str) -> Check:
    """Writes a nameless file where the folder is, or would be made; nothing of it stays."""
    shown, there = sanitise(str(path)), existing(path)
    if not there.is_dir():
        return Check(name, FAULT, f"{shown}: {sanitise(str(there))} is no folder", remedy)
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        return Check(name, FAULT, f"{shown} cannot be written to: {error.strerror}", remedy)
    return Check(name, OK, shown if there == path.absolute() else f"{shown}, made when it is needed")


def existing(path: Path) -> Path:
    """The path itself, or the nearest of its parents that is there."""
    path = path.absolute()
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    return path


def _free_disk(checkpoints_dir: Path) -> Check:
    try:
        free = shutil.disk_usage(existing(checkpoints_dir)).free
    except OSError as error:
        return Check("free disk", FAULT, f"cannot be told: {error.strerror}", "Choose another --checkpoints-dir.")
    found = f"{free / 1e9:,.1f} GB for checkpoints"
    if free >= _LITTLE_FREE:
        return Check("free disk", OK, found)
    remedy = "Free some space, or choose another --checkpoints-dir; --keep 1 needs the least."
    return Check("free disk", FAULT if free < _LEAST_FREE else HINT, found, remedy)


def _torch() -> Iterator[Check]:
    try:
        importlib.import_module("torch")
    except Exception as error:  # noqa: BLE001 - a broken build may raise anything
        what = sanitise(str(error).strip().split("\n")[0])
        yield Check("torch", FAULT, f"cannot be imported: {what}", f"Run: pip install torch --index-url {_CPU_INDEX}")
        return
    checks: tuple[Callable[[], Check], ...] = (_torch_version, _device, _bf16, _threads)
    for check in checks:
        yield check()


def _torch_version() -> Check:
    import torch

    low, high = (".".join(map(str, bound)) for bound in TORCH_RANGE)
    if not in_torch_range(torch.__version__):
        return Check("torch", FAULT, torch.__version__, f"Run: pip install 'torch>={low},<{high}'")
    if torch.version.cuda is not None and not torch.cuda.is_available():
        remedy = f"The CPU build is smaller by several GB: pip install torch --index-url {_CPU_INDEX}"
        return Check("torch", HINT, f"{torch.__version__}, a CUDA build, and no GPU is at hand", remedy)
    return Check("torch", OK, torch.__version__)


def in_torch_range(installed: str) -> bool:
    """Whether a version such as 2.13.0+cpu is one that the program is made for."""
    try:
        major, minor = (int(part) for part in installed.split(".")[:2])
    except ValueError:
        return False
    return TORCH_RANGE[0] <= (major, minor) < TORCH_RANGE[1]


def _device() -> Check:
    import torch

    from babybert_tui.settings import Settings
    from babybert_tui.training.hardware import device_for

    chosen = device_for(Settings())
    name = f" ({torch.cuda.get_device_name()})" if chosen.type == "cuda" else ""
    return Check("device", OK, f"{chosen}{name}")


def _bf16() -> Check:
    from babybert_tui.settings import Settings
    from babybert_tui.training.hardware import device_for, has_bf16

    if has_bf16(device_for(Settings())):
        return Check("bf16", OK, "in hardware: --precision auto uses it")
    return Check("bf16", OK, "not in hardware: --precision auto computes in fp32")


def _threads() -> Check:
    from babybert_tui.settings import Settings
    from babybert_tui.training.hardware import threads_for

    threads, quota = threads_for(Settings()), cpu_quota()
    found = f"{threads} to compute with, {os.cpu_count()} processors in the machine"
    if quota is not None and quota < threads:
        return Check("threads", HINT, f"{found}, a quota of {quota:g}", f"Use --threads {max(1, int(quota))}.")
    return Check("threads", OK, found)


def cpu_quota(file: Path = Path("/sys/fs/cgroup/cpu.max")) -> float | None:
    """Processors that a container may use at once; None where there is no limit."""
    try:
        quota, period = file.read_text(encoding="ascii").split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):  # no such file, or "max"
        return None
