"""Prepared text, kept for the next run: folders in the user's cache, each made once, whole, and by one process.

An entry is named by the digest of everything that it depends on. It is filled beside its place and renamed into it, so
that what is there is whole; its manifest names the size and checksum of each file, and what has been damaged since is
made again.
"""

import atexit
import json
import os
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import platformdirs

from babybert_tui.errors import RunError
from babybert_tui.files import new_folder, write_json
from babybert_tui.locks import held, is_held

ENVIRONMENT = "BABYBERT_TUI_CACHE_DIR"
_PREPARED = "prepared"
_MANIFEST = "manifest.json"
_LOCK = ".lock"
_UNUSED_SECONDS = 30 * 24 * 3600.0  # what nobody has read for a month is forgotten when something new comes in
_UNFINISHED_SECONDS = 24 * 3600.0
_READ_BYTES = 1 << 20
_CHECKED_WHOLE = 256 << 20  # bytes: of larger files the first and the last megabyte are


@dataclass(frozen=True)
class Entry:
    """A whole folder of the cache."""

    path: Path
    was_damaged: bool  # it was there, but not as it had been written


def cache_folder() -> Path:
    """The user's cache folder for this program, or the one that `BABYBERT_TUI_CACHE_DIR` names."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named).expanduser() if named else platformdirs.user_cache_path("babybert-tui")


def prepared_folder() -> Path:
    """Where entries lie; a temporary folder that ends with the process where the cache cannot be written to."""
    folder = cache_folder() / _PREPARED
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


def cache_size() -> tuple[int, int]:
    """Returns how many entries there are, and their bytes on the disk, unfinished ones included."""
    folder = cache_folder() / _PREPARED
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    sizes = 0
    for file in files:
        with suppress(OSError):  # another process may be clearing up
            sizes += file.stat().st_size
    return sum(file.name == _MANIFEST for file in files), sizes


def clear_cache() -> tuple[int, int]:
    """Removes all entries but those in the making; returns how many there were, and their bytes."""
    before = cache_size()
    folder = cache_folder() / _PREPARED
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    busy = [lock.stem for lock in paths if lock.suffix == _LOCK and is_held(lock)]
    _remove(path for path in paths if not any(name in path.name for name in busy))
    after = cache_size()
    return before[0] - after[0], before[1] - after[1]


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
    """Entries that nobody has read for long, and what was left unfinished long ago."""
    now = time.time()
    found = []
    for path in folder.iterdir():
        is_unfinished = path.name.startswith(".")
        with suppress(OSError):
            age = now - (path if is_unfinished else path / _MANIFEST).stat().st_mtime
            if age > (_UNFINISHED_SECONDS if is_unfinished else _UNUSED_SECONDS):
                found.append(path)
    return found


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
