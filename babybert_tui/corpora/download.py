"""Fetching one published file over HTTP: resumed where it was cut off, checked before anybody reads it.

What has arrived stands in `NAME.part`, what it is a part of in `NAME.part.json`; only a file that is whole and as
published gets its own name.
"""

import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, InvalidURL
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babybert_tui.errors import RequestError, RunError
from babybert_tui.files import fsync, sha256_of, write_text
from babybert_tui.sanitise import sanitise

Progress = Callable[[int, int | None], None]  # bytes that are there, and bytes that there will be (None: not known)
Begun = Callable[[str], None]  # told the address, fit to be shown, that has begun to give the file

_BLOCK_BYTES = 1 << 16
_TIMEOUT_SECONDS = 30.0  # without a single byte
_FRUITLESS_TRIES = 3  # in a row, without a byte more
_LARGEST_UNKNOWN = 1 << 32  # bytes accepted where no size is published
_PAGE_BEGINNINGS = (b"<!doctype html", b"<html", b"<?xml")
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_USER = re.compile("//[^/]*@")  # and password


@dataclass(frozen=True)
class RemoteFile:
    """A file as it was published.

    Attributes:
        name: What it is called on the disk.
        addresses: Where it can be had, tried one after the other.
        size: In bytes; None where none is published.
        sha256: In hexadecimal; None where none is published.
    """

    name: str
    addresses: tuple[str, ...]
    size: int | None = None
    sha256: str | None = None


class DownloadError(RequestError):
    """A published file cannot be had."""


class _CutOffError(Exception):
    """The connection ended early; what came stays."""


def download(remote: RemoteFile, folder: Path, progress: Progress, begun: Begun = lambda _address: None) -> Path:
    """Fetches a file into `folder`, going on where an earlier try was cut off, and returns its path.

    Args:
        remote: What to fetch.
        folder: Where to put it.
        progress: Told how much there is of it.
        begun: Told before the first byte of each answer where it comes from; not where nothing comes.

    Raises:
        DownloadError: No address gives the file as it was published.
        RunError: It cannot be written.
    """
    target = folder / remote.name
    if target.is_file():
        if _difference(target, remote) is None:
            return target
        target.unlink()
    problems: list[str] = []
    for address in remote.addresses:
        try:
            return _fetch(_Part(target, address, remote, begun), target, progress)
        except DownloadError as error:
            problems.append(error.message)
        except OSError as error:
            raise RunError(f"{sanitise(str(target))} cannot be written: {error.strerror or error}.") from error
    raise DownloadError(" ".join(problems))


def _fetch(part: "_Part", target: Path, progress: Progress) -> Path:
    resumed = part.size > 0
    _complete(part, progress)
    difference = _difference(part.path, part.remote)
    if difference is not None and resumed:  # the earlier part may have been of another file: once more, from nothing
        part.clear()
        _complete(part, progress)
        difference = _difference(part.path, part.remote)
    if difference is not None:
        part.clear()
        raise DownloadError(f"{part.shown} {difference}; what came was thrown away.")
    fsync(part.path)
    part.path.replace(target)
    part.clear()
    return target


class _Part:
    """What has arrived of a file, and what the server said of it.

    Args:
        target: What the file will be called.
        address: Where it comes from; a part from elsewhere is thrown away, unless a published digest will tell.
        remote: As it was published.
        begun: See `download`.
    """

    def __init__(self, target: Path, address: str, remote: RemoteFile, begun: Begun) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self.address = address
        self.remote = remote
        self._begun = begun
        self.total = remote.size
        self.validator: str | None = None
        self._facts_path = target.with_name(f"{target.name}.part.json")
        facts = self._read_facts()
        if facts.get("address") == address:
            self.validator = facts.get("validator")
        if self.validator or remote.sha256:
            self.total = remote.size or facts.get("total")
        else:
            self.clear()

    @property
    def shown(self) -> str:
        """The address as it may be shown: without a password."""
        return sanitise(_USER.sub("//", self.address))

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.is_file() else 0

    @property
    def is_whole(self) -> bool:
        """Whether as many bytes are there as there will be."""
        return self.total is not None and self.size >= self.total

    def begin(self, validator: str | None, total: int | None) -> None:
        """Notes what is coming, before its first byte."""
        self.validator, self.total = validator, total
        facts = {"address": self.address, "validator": validator, "total": total}
        write_text(self._facts_path, json.dumps(facts) + "\n")
        self._begun(self.shown)

    def clear(self) -> None:
        """Forgets everything."""
        self.path.unlink(missing_ok=True)
        self._facts_path.unlink(missing_ok=True)

    def _read_facts(self) -> dict[str, Any]:
        try:
            facts = json.loads(self._facts_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}


def _complete(part: _Part, progress: Progress) -> None:
    """Asks until everything is there; a cut-off connection is asked again as long as it brings something."""
    fruitless = 0
    while not part.is_whole:
        before = part.size
        try:
            _ask(part, progress)
        except _CutOffError as error:
            fruitless = fruitless + 1 if part.size <= before else 0
            if fruitless >= _FRUITLESS_TRIES:
                kept = "; what came is kept, and the next try goes on there" if part.size else ""
                raise DownloadError(
                    f"{part.shown} was cut off at {part.size:,} of {_known(part.total)} bytes: {error}{kept}."
                ) from error
        else:
            return


def _ask(part: _Part, progress: Progress) -> None:
    with _open(part) as response:
        goes_on = response.status == 206 and _starts_at(response, part.size)
        have = part.size if goes_on else 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length is not None and length.isdigit() else None
        _require_the_file(part, response, total)
        expected = part.remote.size or total or (part.total if goes_on else None)
        part.begin(response.headers.get("ETag") or response.headers.get("Last-Modified"), expected)
        _receive(response, part, have, progress)


def _open(part: _Part) -> HTTPResponse:
    headers = {"User-Agent": "babybert-tui", "Accept-Encoding": "identity"}
    if part.size:
        headers["Range"] = f"bytes={part.size}-"
        if part.validator and not part.validator.startswith("W/"):
            headers["If-Range"] = part.validator
    _require_web_address(part)
    try:
        request = urllib.request.Request(part.address, headers=headers)  # noqa: S310 - the scheme is checked above
        response: HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # more is here than there is
            part.clear()
            raise _CutOffError("the part that is here does not fit") from error
        raise DownloadError(f"{part.shown} answered {error.code} {sanitise(str(error.reason))}.") from error
    except urllib.error.URLError as error:
        raise DownloadError(f"{part.shown} cannot be reached: {_reason(error.reason)}.") from error
    except (ValueError, InvalidURL) as error:
        raise DownloadError(f"{part.shown} is no web address: {_reason(error)}.") from error
    except (OSError, HTTPException) as error:
        raise _CutOffError(_reason(error)) from error
    return response


def _require_web_address(part: _Part) -> None:
    try:
        address = urlsplit(part.address)
    except ValueError as error:
        raise DownloadError(f"{part.shown} is no web address: {_reason(error)}.") from error
    if address.scheme not in ("http", "https"):
        raise DownloadError(f"{part.shown} is no web address.")
    if "@" in address.netloc:  # a redirection would carry the password to wherever it leads
        raise DownloadError(f"{part.shown} cannot be asked with a user name or password.")


def _starts_at(response: HTTPResponse, offset: int) -> bool:
    return str(response.headers.get("Content-Range", "")).startswith(f"bytes {offset}-")


def _require_the_file(part: _Part, response: HTTPResponse, total: int | None) -> None:
    """Refuses a web page, and what has another length than was published."""
    if response.headers.get_content_type() in _PAGE_TYPES:
        raise DownloadError(f"{part.shown} answered with a web page instead of the file.")
    published = part.remote.size
    if published is not None and total is not None and total != published:
        raise DownloadError(f"{part.shown} offers {total:,} bytes; {published:,} were published.")


def _receive(response: HTTPResponse, part: _Part, have: int, progress: Progress) -> None:
    limit = part.total if part.total is not None else _LARGEST_UNKNOWN
    with part.path.open("r+b" if have else "wb") as file:
        file.seek(have)
        while True:
            try:
                block = response.read(_BLOCK_BYTES)
            except (OSError, HTTPException) as error:
                raise _CutOffError(_reason(error)) from error
            if not block:
                break
            if not have and block.lstrip()[:20].lower().startswith(_PAGE_BEGINNINGS):
                raise DownloadError(f"{part.shown} answered with a web page instead of the file.")
            have += len(block)
            if have > limit:
                raise DownloadError(f"{part.shown} gives more than {limit:,} bytes.")
            file.write(block)
            progress(have, part.total)
        file.flush()
        os.fsync(file.fileno())
    if part.total is not None and have < part.total:
        raise _CutOffError("the connection ended early")


def _difference(path: Path, remote: RemoteFile) -> str | None:
    """Returns in what a file is not as published; None where in nothing that is known."""
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        return f"gave {size:,} bytes; {remote.size:,} were published"
    if remote.sha256 is not None and (digest := sha256_of(path)) != remote.sha256:
        return f"does not have the published SHA-256 ({digest[:12]}… instead of {remote.sha256[:12]}…)"
    return None


def _known(total: int | None) -> str:
    return "an unknown number of" if total is None else f"{total:,}"


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, OSError) and error.strerror:
        return sanitise(error.strerror)
    return sanitise(str(error) or type(error).__name__)
