"""Where text comes from: a corpus is documents, a document is its sentences."""

from babybert_tui.corpora.corpus import Corpus, Document
from babybert_tui.corpora.holdout import has_own_split, hold_out
from babybert_tui.corpora.opening import BUILT_IN_NAMES, open_corpus

__all__ = ["BUILT_IN_NAMES", "Corpus", "Document", "has_own_split", "hold_out", "open_corpus"]
