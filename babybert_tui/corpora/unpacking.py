"""Unpacking archives that one has not made oneself: nothing lands outside the folder, no links, no flood of bytes."""

import gzip
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from babybert_tui.errors import RequestError, RunError
from babybert_tui.sanitise import sanitise

_BLOCK_BYTES = 1 << 18
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    NotImplementedError,  # a way of packing that nobody uses
)


@dataclass(frozen=True)
class Limits:
    """What an archive may grow to."""

    most_bytes: int
    most_files: int


@dataclass(frozen=True)
class _Member:
    """A regular file of an archive; `open` gives its bytes."""

    path: PurePosixPath
    open: Callable[[], IO[bytes]]


class UnpackingError(RequestError):
    """An archive is damaged, or holds what it must not."""


def unpack(archive: Path, folder: Path, limits: Limits, progress: Callable[[int], None]) -> None:
    """Unpacks a `.zip`, `.tar` or `.tar.gz` into `folder`, which it fills only partly where it raises.

    Args:
        archive: What to unpack.
        folder: Where to; exists and is empty.
        limits: Counted in bytes really written, whatever the archive says of itself.
        progress: Told the number of files that there are.

    Raises:
        UnpackingError: It is damaged, too large, names a path outside the folder, or holds a link or device.
        RunError: It cannot be written.
    """
    room = limits.most_bytes
    try:
        for number, member in enumerate(_members(archive), start=1):
            if number > limits.most_files:
                raise UnpackingError(f"{_shown(archive)} holds more than {limits.most_files:,} files.")
            room -= _write(member, folder, room, archive)
            progress(number)
    except _DAMAGE as error:
        reason = _shown(str(error).split("\n", 1)[0]) or type(error).__name__
        raise UnpackingError(f"{_shown(archive)} is damaged or no archive: {reason}.") from error
    except OSError as error:
        raise RunError(f"{_shown(archive)} cannot be unpacked: {error.strerror or error}.") from error


def _members(archive: Path) -> Iterator[_Member]:
    return _zip_members(archive) if zipfile.is_zipfile(archive) else _tar_members(archive)


def _tar_members(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive, "r:*") as tar:
        for info in tar:
            path = _safe_path(info.name, archive)
            if info.isdir():
                continue
            if not info.isreg():
                raise _no_file(info.name, archive)
            yield _Member(path, partial(_extracted, tar, info))
        assert tar.fileobj is not None
        while tar.fileobj.read(_BLOCK_BYTES):  # to the end: the checksum of what is packed stands there
            pass


def _extracted(tar: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(info)
    assert file is not None  # only of what is no regular file
    return file


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as packed:
        for info in packed.infolist():
            path = _safe_path(info.filename, archive)
            if info.is_dir():
                continue
            if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
                raise _no_file(info.filename, archive)
            if info.flag_bits & 1:
                raise UnpackingError(f"{_shown(archive)} is encrypted.")
            yield _Member(path, partial(packed.open, info))


def _no_file(name: str, archive: Path) -> UnpackingError:
    return UnpackingError(f"{_shown(archive)} holds a link or a device instead of a file: {_shown(name)}.")


def _safe_path(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    windows = PureWindowsPath(name)
    if path.is_absolute() or ".." in path.parts or windows.drive or windows.root or "\\" in name or "\0" in name:
        raise UnpackingError(f"{_shown(archive)} names a path outside its folder: {_shown(name)}.")
    return path


def _write(member: _Member, folder: Path, room: int, archive: Path) -> int:
    """Writes one file and returns its size."""
    target = folder.joinpath(*member.path.parts)
    written = 0
    with member.open() as source:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError) as error:
            raise UnpackingError(f"{_shown(archive)} holds {_shown(member.path)} twice.") from error
        with file:
            while block := source.read(_BLOCK_BYTES):
                written += len(block)
                if written > room:
                    raise UnpackingError(f"{_shown(archive)} unpacks to more than was published.")
                file.write(block)
    return written


def _shown(name: object) -> str:
    return sanitise(str(name))
