"""Finding the files that a name stands for: a file, a folder, a pattern."""

import difflib
import glob
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from babybert_tui.errors import RequestError

SUFFIXES = (".txt", ".md", ".jsonl", ".csv")
_KNOWN = f"Known: {' '.join(SUFFIXES)}, each also with .gz."
_ANY_FOLDERS = "**"  # as a part of a pattern
_MOST_NEIGHBOURS = 1000  # names looked at for a suggestion


def find_files(name: str, built_in: Iterable[str] = ()) -> tuple[list[Path], list[str]]:
    """Returns the text files that `name` stands for, in an order that is the same everywhere, and notes.

    A folder is searched with all folders in it, links to folders included, each folder once; names that begin with
    a dot are passed over. A pattern (`*`, `?`, `[…]`, `**`) is tried where no file has that very name; `**` searches
    as a folder is searched.

    Args:
        name: As the user gave it; `~` is the home folder.
        built_in: Names that are no files, for a suggestion when nothing is found.

    Raises:
        RequestError: Nothing has that name, it is no regular file or folder, its kind is unknown, or a folder or
            pattern gives no text file.
    """
    if not name:
        raise RequestError("The name of the corpus is empty.", f"Built in: {', '.join(built_in)}; '-' reads stdin.")
    path = Path(name).expanduser() if name.startswith("~") else Path(name)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _matching(name, str(path), built_in)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _unreadable(name, error) from error
    if stat.S_ISDIR(mode):
        files, notes = _walk(path)
        if not files:
            raise RequestError(f"The folder {name!r} holds no text file.", _KNOWN)
        return files, notes
    if not stat.S_ISREG(mode):
        raise RequestError(
            f"{name!r} is {_kind(mode)}, not a regular file.", "Pipe text in with the corpus '-' instead."
        )
    if _plain_suffix(path) not in ("", *SUFFIXES):
        raise RequestError(f"Files of this kind cannot be read: {name!r}.", _KNOWN)
    return [path], []


def is_packed(path: Path) -> bool:
    """Tells whether the name says gzip."""
    return path.suffix.lower() == ".gz"


def _plain_suffix(path: Path) -> str:
    return Path(path.stem if is_packed(path) else path.name).suffix.lower()


def suffix_of(path: Path) -> str:
    """Returns ".txt", ".md", ".jsonl" or ".csv": what is inside, packed or not; no suffix counts as .txt."""
    return _plain_suffix(path) or ".txt"


def _walk(folder: Path) -> tuple[list[Path], list[str]]:
    files: list[Path] = []
    notes: list[str] = []
    for root, names in _folders(folder):
        for file in (root / child for child in names if not child.startswith(".")):
            if _plain_suffix(file) not in SUFFIXES:
                continue
            if file.is_file():
                files.append(file)
            else:
                notes.append(f"{file} was passed over: it is no regular file")
    return sorted(files, key=lambda file: file.relative_to(folder).parts), sorted(notes)


def _folders(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yields a folder and all folders in it, each with the names of its files, and each once however links lead."""
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, followlinks=True, onerror=_refuse):
        status = Path(root).stat()
        if (status.st_dev, status.st_ino) in seen:  # a link back up, or a second way to the same folder
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(child for child in folders if not child.startswith("."))
        yield Path(root), names


def _refuse(error: OSError) -> None:
    raise _unreadable(str(error.filename), error)


def _unreadable(name: str, error: OSError | ValueError) -> RequestError:
    reason = error.strerror if isinstance(error, OSError) else error
    return RequestError(f"{name!r} cannot be read: {reason}.", "Check the path and its permissions.")


def _matching(name: str, pattern: str, built_in: Iterable[str]) -> tuple[list[Path], list[str]]:
    if not glob.has_magic(name):
        raise _unknown(name, built_in)
    files: list[Path] = []
    notes: list[str] = []
    for match in sorted(_matches(Path(pattern)), key=lambda path: path.parts):
        if match.is_dir():
            continue
        if _plain_suffix(match) in SUFFIXES and match.is_file():
            files.append(match)
        else:
            notes.append(f"{match} was passed over: it is no text file")
    if not files:
        raise RequestError(f"No text file matches {name!r}.", _KNOWN)
    return files, notes


def _matches(pattern: Path) -> set[Path]:
    """Returns what a pattern matches; `glob` by itself would follow a link back up as often as its name can grow."""
    if _ANY_FOLDERS not in pattern.parts:
        return set(map(Path, glob.iglob(str(pattern))))  # noqa: PTH207
    place = pattern.parts.index(_ANY_FOLDERS)
    above, rest = Path(*pattern.parts[:place]), pattern.parts[place + 1 :] or ("*",)
    folders = (folder for top in _matches(above) if top.is_dir() for folder, _ in _folders(top))
    return {match for folder in folders for match in _matches(Path(glob.escape(str(folder)), *rest))}


def _unknown(name: str, built_in: Iterable[str]) -> RequestError:
    if Path(name).is_symlink():
        return RequestError(f"{name!r} is a link to what is not there: {os.readlink(name)!r}.", "Mend the link.")  # noqa: PTH115
    known = [*built_in]
    try:
        parent = Path(name).parent
        near = sorted(map(str, parent.iterdir()))[:_MOST_NEIGHBOURS]
    except OSError:
        near = []
    close = difflib.get_close_matches(name, [*known, *near], n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    return RequestError(
        f"There is no corpus, file or folder {name!r}.", f"{guess}Built in: {', '.join(known)}; '-' reads stdin."
    )


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a pipe (FIFO)",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")
