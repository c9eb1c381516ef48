"""Where text comes from: a corpus is documents, a document is its sentences."""

from babybert_tui.corpora.corpus import Corpus, Document
from babybert_tui.corpora.holdout import has_own_split, hold_out

__all__ = ["Corpus", "Document", "has_own_split", "hold_out"]
