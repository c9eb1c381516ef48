"""`corpus --clear-cache`: what was prepared of texts is removed, and made anew when it is next needed."""

from babybert_tui.cache import clear_cache, kept_folder
from babybert_tui.headless.streams import print_json
from babybert_tui.sanitise import sanitise


def clear_prepared_texts(*, as_json: bool) -> None:
    """Empties the cache of prepared texts, and says on stdout what it held."""
    entries, size = clear_cache()
    folder = str(kept_folder())
    if as_json:
        print_json({"schema": 1, "removed": entries, "bytes": size, "folder": folder})
        return
    print(
        f"{entries:,} prepared part{'' if entries == 1 else 's'} of texts, {size / 1e6:,.1f} MB, removed from",
        sanitise(folder),
    )
