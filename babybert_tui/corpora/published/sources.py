"""The reader of each published data set."""

from pathlib import Path

from babybert_tui.corpora.published import reviews
from babybert_tui.corpora.published.catalogue import PUBLISHED
from babybert_tui.corpora.published.line_sets import TreebankSource, WikiTextSource
from babybert_tui.corpora.published.local_copy import require
from babybert_tui.corpora.published.reviews import ReviewsSource
from babybert_tui.corpora.source import Source


def published_source(name: str, root: Path, encoding_errors: str) -> Source:
    """Returns the reader of a data set's local copy; nothing is downloaded.

    Raises:
        AbsentError: There is no whole copy below `root`.
    """
    published = PUBLISHED[name]
    folder = require(published, root)
    if name == reviews.NAME:
        return ReviewsSource(folder, encoding_errors)
    if published.name.startswith("wikitext"):
        return WikiTextSource(published, folder, encoding_errors)
    return TreebankSource(published, folder, encoding_errors)
