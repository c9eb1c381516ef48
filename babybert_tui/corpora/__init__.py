"""Where text comes from: a corpus is documents, a document is its sentences."""

from babybert_tui.corpora.corpus import Corpus, Document
from babybert_tui.corpora.holdout import hold_out
from babybert_tui.corpora.opening import BUILT_IN_NAMES, open_corpus

__all__ = ["BUILT_IN_NAMES", "Corpus", "Document", "hold_out", "open_corpus"]
