"""Getting a published data set onto this machine: downloaded, checked, unpacked, and only then in its place."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from babybert_tui.corpora.download import DownloadError, RemoteFile, download
from babybert_tui.corpora.published.catalogue import PUBLISHED, PublishedSet
from babybert_tui.corpora.published.local_copy import (
    addresses_of,
    archive_at_hand,
    by_hand,
    data_root_of,
    is_whole,
    locate,
)
from babybert_tui.corpora.unpacking import UnpackingError, unpack
from babybert_tui.errors import RequestError, RunError
from babybert_tui.files import fsync, sha256_of
from babybert_tui.locks import held
from babybert_tui.sanitise import sanitise

Say = Callable[[str], None]
Progress = Callable[[str, float | None], None]  # what is being done, and how much of it is (None: nobody knows)
_SECONDS_BETWEEN_NEWS = 0.2
_MB = 10**6


def obtain(published: PublishedSet, root: Path, *, progress: Progress, say: Say) -> Path:
    """Returns the folder of a whole copy below `root`; where there is none, it is downloaded there.

    What is fetched and unpacked stands in a hidden folder until it is whole: an interrupted try is never read as data,
    and the next one goes on where it stopped. A try that brings nothing leaves nothing.

    Args:
        published: The data set.
        root: The data root; made where it is missing.
        progress: Told a few times a second what is being done, and how much of it is.
        say: Told what the user should know even where nobody watches: that a download begins, from where, to where;
            that another program is waited for.

    Raises:
        RequestError: It cannot be had, or is not what was published; says where to fetch it and where to put it.
        RunError: It cannot be written.
    """
    found = locate(published, root)
    if found is not None:
        return found
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    with _held(published, root, progress, say), _without_leavings(published, root, missing):
        found = locate(published, root)
        return found if found is not None else _build(published, root, progress, say)


def make_ready(corpus: str, data_root: str | None, *, progress: Progress, say: Say) -> None:
    """Downloads the published data set that `corpus` names, unless it is here; other corpora need nothing.

    For the rest see `obtain`.
    """
    if corpus in PUBLISHED:
        obtain(PUBLISHED[corpus], data_root_of(data_root), progress=progress, say=say)


@contextmanager
def _held(published: PublishedSet, root: Path, progress: Progress, say: Say) -> Iterator[None]:
    """Two programs do not fetch the same at once: the second waits, and finds what the first has brought."""
    message = f"waiting for another program that downloads {published.name}"
    say_once = _Once(say)

    def waiting() -> None:
        say_once(message)
        progress(message, None)

    with ExitStack() as stack:
        try:
            root.mkdir(parents=True, exist_ok=True)
            stack.enter_context(held(_lock(published, root), waiting))
        except OSError as error:
            shown = sanitise(str(root))
            said = f"{shown} cannot be written: {error.strerror}."
            raise RequestError(said, "Choose another --data-root.") from error
        yield


@contextmanager
def _without_leavings(published: PublishedSet, root: Path, missing: Sequence[Path]) -> Iterator[None]:
    """Where nothing has come, no lock stays and no folder that was missing before; what has come does."""
    try:
        yield
    except BaseException:
        with suppress(OSError):  # such a folder is not empty
            _staging(published, root).rmdir()
            _lock(published, root).unlink()
            for folder in missing:
                folder.rmdir()
        raise


def _lock(published: PublishedSet, root: Path) -> Path:
    return root / f".{published.name}.lock"


def _staging(published: PublishedSet, root: Path) -> Path:
    return root / f".{published.name}.incomplete"


def _build(published: PublishedSet, root: Path, progress: Progress, say: Say) -> Path:
    staging = _staging(published, root)
    content = staging / "content"
    try:
        shutil.rmtree(content, ignore_errors=True)  # of an interrupted try: unpacking is quick, and begins anew
        content.mkdir(parents=True)
        try:
            _fill(content, staging, published, root, progress, say)
        except BaseException:
            shutil.rmtree(content, ignore_errors=True)
            raise
        folder = _put_in_place(content, published, root, say)
    except OSError as error:
        raise RunError(f"{sanitise(str(root))} cannot be written: {error.strerror or error}.") from error
    shutil.rmtree(staging, ignore_errors=True)
    return folder


def _fill(content: Path, staging: Path, published: PublishedSet, root: Path, progress: Progress, say: Say) -> None:
    """Puts the files as they were published into `content`."""
    at_hand = archive_at_hand(published, root)
    if at_hand is not None:
        say(f"unpacking {sanitise(str(at_hand))}")
        _require_published(at_hand, published.files[0])
    else:
        _fetch_all(staging, published, root, progress, say)
    if not published.is_packed:
        for file in published.files:
            (staging / file.name).replace(content / file.name)
        return
    archive = at_hand or staging / published.files[0].name
    tell = _Pace(progress, f"unpacking {published.name}")
    unpack(archive, content, published.limits, lambda _number: tell(None))
    if not is_whole(published, content / published.top):
        raise UnpackingError(f"{sanitise(str(archive))} does not hold {', '.join(published.required)}.")


def _fetch_all(staging: Path, published: PublishedSet, root: Path, progress: Progress, say: Say) -> None:
    _require_room(published, root)
    size = f"{published.download_size / _MB:,.1f} MB"
    say_once = _Once(say)
    tell = _Pace(progress, f"downloading {published.name}, {size}")
    tell(None)
    done = 0

    def begun(address: str) -> None:
        say_once(f"downloading {published.name}, {size}, from {address} to {sanitise(str(root))}")

    for file in published.files:

        def report(have: int, _total: int | None, before: int = done) -> None:
            tell((before + have) / published.download_size if published.download_size else None)

        remote = replace(file, addresses=addresses_of(file))
        try:
            done += download(remote, staging, report, begun).stat().st_size
        except DownloadError as error:
            raise DownloadError(f"{published.name}: {error.message}", by_hand(published, root)) from error


def _require_room(published: PublishedSet, root: Path) -> None:
    needed, free = published.download_size + published.unpacked, shutil.disk_usage(root).free
    if free < needed:
        raise RunError(
            f"{sanitise(str(root))} has {free / _MB:,.0f} MB free; {published.name} needs {needed / _MB:,.0f} MB.",
            "Make room, or choose another --data-root.",
        )


def _require_published(archive: Path, file: RemoteFile) -> None:
    """Checks an archive that somebody has put there."""
    is_right_size = file.size is None or archive.stat().st_size == file.size
    if not is_right_size or (file.sha256 is not None and sha256_of(archive) != file.sha256):
        raise UnpackingError(
            f"{sanitise(str(archive))} is not the published file: its size or SHA-256 differs.",
            f"Fetch it again from {addresses_of(file)[-1]}.",
        )


def _put_in_place(content: Path, published: PublishedSet, root: Path, say: Say) -> Path:
    target = root / published.home
    if target.exists():
        aside = _free_name(root, f"{published.home}.incomplete")
        target.rename(aside)
        say(f"{sanitise(str(target))} was no whole copy; it is now {sanitise(str(aside))}")
    if hasattr(os, "sync"):
        os.sync()  # a hundred thousand files: one by one would take minutes
    content.rename(target)
    fsync(root)
    return target / published.top


def _free_name(root: Path, name: str) -> Path:
    numbered = (root / (f"{name}-{number}" if number > 1 else name) for number in range(1, 10_000))
    return next(path for path in numbered if not path.exists())


class _Once:
    """Says one thing, however often it is asked to."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._has_said = False

    def __call__(self, line: str) -> None:
        if not self._has_said:
            self._has_said = True
            self._say(line)


class _Pace:
    """Passes news of one thing on, a few times a second at most."""

    def __init__(self, progress: Progress, message: str) -> None:
        self._progress, self._message = progress, message
        self._told = 0.0

    def __call__(self, share: float | None) -> None:
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_NEWS:
            self._told = now
            self._progress(self._message, share)
