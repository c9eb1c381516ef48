"""Where the copy of a published data set lies on this machine, and whether it is whole."""

import os
from pathlib import Path

from babybert_tui.cache import cache_folder
from babybert_tui.corpora.download import RemoteFile
from babybert_tui.corpora.published.catalogue import PublishedSet
from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

MIRROR_VARIABLE = "BABYBERT_TUI_MIRROR"  # address of a folder that holds the published files, asked before the others


class AbsentError(RequestError):
    """A data set is not on this machine."""


def default_data_root() -> Path:
    """The folder for data sets where the user names none."""
    return cache_folder() / "data"


def data_root_of(name: str | None) -> Path:
    """The folder that `--data-root` names, or the default one."""
    return Path(name).expanduser() if name else default_data_root()


def locate(published: PublishedSet, root: Path) -> Path | None:
    """Returns the folder of a whole copy, or None.

    The published layout is looked for where torchtext keeps it (`imdb/aclImdb`), where unpacking by hand puts it
    (`aclImdb`), and in `root` itself.
    """
    return next((place for place in _places(published, root) if is_whole(published, place)), None)


def _places(published: PublishedSet, root: Path) -> tuple[Path, ...]:
    return root / published.home / published.top, root / published.top, root / published.home, root


def is_whole(published: PublishedSet, folder: Path) -> bool:
    """Tells whether a folder has all that is read; what an interrupted download leaves has not."""
    return all(_holds_text(folder / name) for name in published.required)


def _holds_text(path: Path) -> bool:
    try:
        if path.is_dir():
            with os.scandir(path) as children:
                return any(child.name.endswith(".txt") for child in children)
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def archive_at_hand(published: PublishedSet, root: Path) -> Path | None:
    """Returns the published archive where somebody has put it into the data root; None where nobody has."""
    if not published.is_packed:
        return None
    name = published.files[0].name
    return next((path for path in (root / name, root / published.home / name) if path.is_file()), None)


def require(published: PublishedSet, root: Path) -> Path:
    """Returns the folder of a whole copy.

    Raises:
        AbsentError: There is none; says what to fetch from where, and where to put it.
    """
    folder = locate(published, root)
    if folder is None:
        raise AbsentError(_what_is_missing(published, root), by_hand(published, root))
    return folder


def _what_is_missing(published: PublishedSet, root: Path) -> str:
    for place in _places(published, root):
        missing = [name for name in published.required if not _holds_text(place / name)]
        if len(missing) < len(published.required):
            where = sanitise(str(place))
            return f"The copy of {published.name} in {where} is not whole: there is no {', '.join(missing)}."
    return f"The data set {published.name} is not on this machine."


def by_hand(published: PublishedSet, root: Path) -> str:
    """What to do where the network cannot be used from here: what to fetch, and the folder to put it in."""
    addresses = " ".join(addresses_of(file)[-1] for file in published.files)
    folder = root if published.is_packed else root / published.home
    return f"Fetch {addresses} and put it, as it is, into {sanitise(str(folder))}."


def addresses_of(file: RemoteFile) -> tuple[str, ...]:
    """Where a file can be had: from the mirror that the environment names first."""
    mirror = os.environ.get(MIRROR_VARIABLE)
    return (f"{mirror.rstrip('/')}/{file.name}", *file.addresses) if mirror else file.addresses
