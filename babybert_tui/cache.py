"""Prepared text, kept for the next run: folders in the user's cache, each made once, whole, and by one process.

An entry is named by the digest of everything that it depends on. It is filled beside its place and renamed into it, so
that what is there is whole; its manifest names the size and checksum of each file, and what has been damaged since is
made again. What is in the making or in use is locked, and nobody clears it away; what is hidden and not locked was left
by a process that was killed.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import platformdirs
from filelock import FileLock

from babybert_tui.errors import RunError
from babybert_tui.files import new_folder, write_json
from babybert_tui.locks import held, is_held

ENVIRONMENT = "BABYBERT_TUI_CACHE_DIR"
_PREPARED = "prepared"
_MANIFEST = "manifest.json"
_LOCK = ".lock"
_UNUSED_SECONDS = 30 * 24 * 3600.0  # what nobody has read for a month is forgotten when something new comes in
_READ_BYTES = 1 << 20
_CHECKED_WHOLE = 256 << 20  # bytes: of larger files the first and the last megabyte are


@dataclass(frozen=True)
class Entry:
    """A whole folder of the cache."""

    path: Path
    was_damaged: bool  # it was there, but not as it had been written

    @property
    def is_kept(self) -> bool:
        """Whether it outlives the process."""
        return self.path.parent == kept_folder()


def cache_folder() -> Path:
    """The user's cache folder for this program, or the one that `BABYBERT_TUI_CACHE_DIR` names."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named).expanduser() if named else platformdirs.user_cache_path("babybert-tui")


def kept_folder() -> Path:
    """Where entries lie that outlive the process."""
    return cache_folder() / _PREPARED


def prepared_folder() -> Path:
    """Where entries lie; a temporary folder that ends with the process where the cache cannot be written to."""
    folder = kept_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return _temporary()
    return folder if os.access(folder, os.W_OK | os.X_OK) else _temporary()


@cache
def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="babybert-tui-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def digest_of(*parts: object) -> str:
    """Returns the name of an entry that depends on `parts`, whose texts must tell them apart."""
    return sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()[:40]


@cache
def code_digest(*names: str) -> str:
    """Returns a digest of the source of imported packages and modules: what code made must be made again by other code.

    Args:
        names: With all that they contain.
    """
    found: list[Path] = []
    for name in names:
        module = sys.modules[name]
        paths = getattr(module, "__path__", None)
        found += sorted(Path(next(iter(paths))).rglob("*.py")) if paths else [Path(module.__file__ or "")]
    return sha256(b"\0".join(file.read_bytes() for file in found)).hexdigest()


def entry(name: str, make: Callable[[Path], None], waiting: Callable[[], None]) -> Entry:
    """Returns the entry `name`, made now unless it is there.

    Args:
        name: See `digest_of`.
        make: Fills an empty folder. What it raises leaves nothing behind.
        waiting: Called again and again while another process makes the same entry; may raise to give up.

    Raises:
        RunError: The disk is full, or broken.
    """
    folder = prepared_folder()
    target = folder / name
    if _is_whole(target):
        _mark_used(target)
        return Entry(target, was_damaged=False)
    with held(folder / f"{name}{_LOCK}", waiting):
        if _is_whole(target):  # another process has made it meanwhile
            return Entry(target, was_damaged=False)
        was_damaged = target.exists()
        _remove(path for path in folder.glob(f".{name}.*") if path.is_dir())  # of a process that was killed
        _remove(_unused(folder))
        try:
            with new_folder(target, _write_manifest) as unfinished:
                make(unfinished)
        except OSError as error:
            raise RunError(
                f"The prepared text cannot be written to {folder}: {error.strerror or error}.",
                f"Free some space, run `babybert-tui corpus --clear-cache`, or name another folder in {ENVIRONMENT}.",
            ) from error
    return Entry(target, was_damaged)


@contextmanager
def used_entry(name: str, make: Callable[[Path], None], waiting: Callable[[], None]) -> Iterator[Entry]:
    """As `entry`; nobody clears it away while the block runs."""
    with _marked(name):
        yield entry(name, make, waiting)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder of the cache that is gone after the block."""
    name = f"scratch-{uuid4().hex}"
    folder = prepared_folder() / f".{name}"
    with _marked(name):
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _marked(name: str) -> Iterator[None]:
    """Several processes may use an entry at once: each has a lock of its own."""
    path = prepared_folder() / f".{name}.{uuid4().hex}{_LOCK}"
    try:
        with FileLock(path):
            yield
    finally:
        path.unlink(missing_ok=True)


def cache_size() -> tuple[int, int]:
    """Returns how many entries there are, and their bytes on the disk, unfinished ones included."""
    folder = kept_folder()
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    sizes = 0
    for file in files:
        with suppress(OSError):  # another process may be clearing up
            sizes += file.stat().st_size
    return sum(file.name == _MANIFEST for file in files), sizes


def clear_cache() -> tuple[int, int]:
    """Removes all entries but those in the making or in use; returns how many there were, and their bytes."""
    before = cache_size()
    folder = kept_folder()
    if folder.is_dir():
        busy = _busy(folder)
        _remove(path for path in sorted(folder.iterdir()) if _name_of(path) not in busy)
    after = cache_size()
    return before[0] - after[0], before[1] - after[1]


def _busy(folder: Path) -> set[str]:
    """The names that somebody has locked."""
    return {_name_of(path) for path in folder.glob(f"*{_LOCK}") if is_held(path)}


def _name_of(path: Path) -> str:
    """The name of the entry that a folder of the cache, finished or not, or a lock belongs to."""
    return path.name.removeprefix(".").partition(".")[0]


def _is_whole(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        return all(_checksum(folder / name) == tuple(known) for name, known in manifest["files"].items())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False


def _write_manifest(folder: Path) -> None:
    write_json(folder / _MANIFEST, {"files": {path.name: _checksum(path) for path in sorted(folder.iterdir())}})


def _checksum(path: Path) -> tuple[int, int]:
    """Returns a file's size and the CRC-32 of its content, of its first and last megabyte where it is large."""
    size, code = path.stat().st_size, 0
    with path.open("rb") as file:
        if size > _CHECKED_WHOLE:
            code = zlib.crc32(file.read(_READ_BYTES))
            file.seek(size - _READ_BYTES)
        while block := file.read(_READ_BYTES):
            code = zlib.crc32(block, code)
    return size, code


def _mark_used(folder: Path) -> None:
    with suppress(OSError):
        os.utime(folder / _MANIFEST)


def _unused(folder: Path) -> list[Path]:
    """Entries that nobody has read for long, and what was left by processes that were killed."""
    busy = _busy(folder)
    free = [path for path in folder.iterdir() if _name_of(path) not in busy]
    return [path for path in free if path.name.startswith(".") or _seconds_unread(path) > _UNUSED_SECONDS]


def _seconds_unread(folder: Path) -> float:
    try:
        return time.time() - (folder / _MANIFEST).stat().st_mtime
    except OSError:  # no entry
        return 0.0


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
