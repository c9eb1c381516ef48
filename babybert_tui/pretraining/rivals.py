"""The cheap rivals of a model: what counting reaches, fitted on the training documents in the time of a few steps."""

from dataclasses import dataclass

import numpy as np

from babybert_tui.pretraining.batches import SpecialIds
from babybert_tui.pretraining.count_model import CountModel
from babybert_tui.pretraining.masking import MaskingVocabulary
from babybert_tui.pretraining.pairs import PairSettings
from babybert_tui.pretraining.word_overlap import OverlapClassifier, fit_overlap
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.tokenization.encoding import offsets_of

MOST_TOKENS = 4_000_000
"""So much text is counted at most: it bounds memory and time whatever the corpus is."""


@dataclass(frozen=True)
class Rivals:
    """One for each objective."""

    words: CountModel
    pairs: OverlapClassifier | None  # None where there are no pairs


def fit_rivals(
    training: TokenizedDocuments, pairs: PairSettings, vocabulary: MaskingVocabulary, special: SpecialIds
) -> Rivals:
    """Fits both on the training documents, or on an excerpt of them where they are long.

    Args:
        training: At least 2 documents; none of those that the rivals will be judged on.
        pairs: How the examples are made that they will be judged on.
        vocabulary: Of V pieces.
        special: For the layout.
    """
    documents = excerpt(training, MOST_TOKENS)
    overlap = None if pairs.objective == "none" else fit_overlap(documents, pairs, vocabulary, special)
    return Rivals(CountModel(documents, len(vocabulary.continuation), special), overlap)


def excerpt(documents: TokenizedDocuments, most_tokens: int) -> TokenizedDocuments:
    """At most `most_tokens` of a corpus: documents from all over it, of very long ones and of the last the beginning.

    The first sentences of two documents are always in it: fewer cannot be paired.
    """
    if len(documents.ids) <= most_tokens:
        return documents
    firsts, ends = documents.document_offsets[:-1], documents.sentence_offsets[1:]  # (D,), (S,)
    stride = min(-(-len(documents.ids) // most_tokens), max(1, len(firsts) // 2))
    document = np.repeat(np.arange(len(firsts)), np.diff(documents.document_offsets))  # (S,)
    into_document = ends - documents.sentence_offsets[firsts][document]  # (S,) tokens up to the sentence's end
    kept = (document % stride == 0) & (into_document <= most_tokens // 2)
    lengths = np.diff(documents.sentence_offsets)
    kept &= np.cumsum(lengths * kept) <= most_tokens
    kept[firsts[[0, stride]]] = True
    starts = documents.sentence_offsets[:-1][kept].tolist()
    counts = np.bincount(document[kept])
    return TokenizedDocuments(
        ids=np.concatenate([documents.ids[a:b] for a, b in zip(starts, ends[kept].tolist(), strict=True)]),
        sentence_offsets=offsets_of(lengths[kept]),
        document_offsets=offsets_of(counts[counts > 0]),
    )
