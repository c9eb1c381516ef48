"""The published data sets that have a name here: where they come from, where they lie, and how they are read."""

from babybert_tui.corpora.published.catalogue import PUBLISHED, PublishedSet
from babybert_tui.corpora.published.local_copy import AbsentError, data_root_of, locate
from babybert_tui.corpora.published.obtaining import make_ready, obtain
from babybert_tui.corpora.published.sources import published_source

__all__ = [
    "PUBLISHED",
    "AbsentError",
    "PublishedSet",
    "data_root_of",
    "locate",
    "make_ready",
    "obtain",
    "published_source",
]
