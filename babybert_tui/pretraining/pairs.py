"""Sentence pairs: from documents to examples of what follows what.

Devlin et al. 2018, appendix A.2, and `create_instances_from_document` of google-research/bert: sentences are gathered
until a target length is reached, split at a uniform place into A and B, and half of the time B is replaced by sentences
from another document, what it replaced being put back. Sentence-order pairs: Lan et al. 2020 (ALBERT), section 3.1.

An example is four offsets into the corpus's token array, so a whole epoch of them is a few arrays; tokens are gathered
when a batch is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.randomness import uniforms
from babybert_tui.tokenization import TokenizedDocuments

Ints = NDArray[np.int64]

# Drawing takes some microseconds and two hundred bytes for each sentence, and an update waits for it: larger corpora
# are drawn in parts (8 MB of text, about).
SENTENCES_A_SHARD = 1 << 16
_MOST_EPOCHS = 8  # of a short corpus, where some examples are wanted
FOLLOWS, DOES_NOT_FOLLOW = 0, 1  # as in Google's and Hugging Face's BERT
Row = tuple[int, int, int, int, int, bool]  # a_start, a_end, b_start, b_end, label, short

_SPECIAL_TOKENS = {"nsp": 3, "sop": 3, "none": 2}  # [CLS] A [SEP] B [SEP], or [CLS] A [SEP]


@dataclass(frozen=True)
class PairSettings:
    """How examples are made."""

    max_length: int  # in tokens, special ones included
    objective: str = "nsp"  # or "sop" or "none"
    short_probability: float = 0.1

    @property
    def max_tokens(self) -> int:
        """Room for A and B together, special tokens left out."""
        return self.max_length - _SPECIAL_TOKENS[self.objective]


@dataclass(frozen=True)
class Examples:
    """N examples; each array has shape (N,). Offsets index the token array of the corpus, ends are exclusive."""

    a_start: Ints
    a_end: Ints
    b_start: Ints  # equal to b_end where there is no B
    b_end: Ints
    label: Ints  # FOLLOWS or DOES_NOT_FOLLOW; for sentence order, in order or swapped
    short: NDArray[np.bool_]  # the document was cut to a shorter target length

    def __len__(self) -> int:
        return len(self.label)

    def take(self, rows: Ints) -> "Examples":
        """The examples `rows`, in that order."""
        return Examples(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @staticmethod
    def concatenate(parts: Sequence["Examples"]) -> "Examples":
        """All of the parts, one after the other."""
        names = Examples.__dataclass_fields__
        return Examples(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def shard_count(corpus: TokenizedDocuments, sentences: int = SENTENCES_A_SHARD) -> int:
    """In how many parts an epoch is drawn, so that each has about so many sentences, and two documents at least."""
    documents = len(corpus.document_offsets) - 1
    return max(1, min(-(-(len(corpus.sentence_offsets) - 1) // sentences), documents // 2))


def shard_documents(corpus: TokenizedDocuments, shard: int, shards: int, random: np.random.Generator) -> Ints | None:
    """The documents of one of the parts of an epoch, from all over the corpus; None stands for all of them.

    Args:
        corpus: Where they are.
        shard: Which part, from 0.
        shards: How many there are; each document is in one of them.
        random: The same generator for all parts.
    """
    if shards == 1:
        return None
    return np.sort(random.permutation(len(corpus.document_offsets) - 1)[shard::shards])


def draw_examples(
    corpus: TokenizedDocuments, settings: PairSettings, random: np.random.Generator, documents: Ints | None = None
) -> Examples:
    """One epoch, or a part of it: every sentence of the documents is used, in shuffled examples.

    Args:
        corpus: Where the tokens are.
        settings: Lengths and objective.
        random: The generator to draw from.
        documents: Which to use, None being all; at least 2 for the "nsp" objective, whose random B's come from them.
    """
    draws = _Draws(uniforms(random))
    numbers = range(len(corpus.document_offsets) - 1) if documents is None else documents.tolist()
    sentences = [_sentence_starts(corpus, document) for document in numbers]
    rows: list[Row] = []
    for number in range(len(sentences)):
        rows += _document_examples(sentences, number, settings, draws)
    table = np.array(rows, dtype=np.int64).reshape(-1, 6)
    a_start, a_end, b_start, b_end = _truncate(table, settings.max_tokens, random)
    examples = Examples(a_start, a_end, b_start, b_end, table[:, 4], table[:, 5].astype(bool))
    return examples.take(random.permutation(len(examples)))


def draw_some(
    corpus: TokenizedDocuments,
    settings: PairSettings,
    random: np.random.Generator,
    choosing: np.random.Generator,
    least: int,
) -> Examples:
    """Examples to judge or to show: of a long corpus one part of an epoch, of a short one several epochs.

    Args:
        corpus: Where the tokens are.
        settings: Lengths and objective.
        random: The generator to draw from.
        choosing: The generator that chooses the documents of a long corpus.
        least: So many, unless eight epochs give fewer: short documents give few in one, split otherwise in each.
    """
    documents = shard_documents(corpus, 0, shard_count(corpus), choosing)
    epochs = [draw_examples(corpus, settings, random, documents)]
    while sum(map(len, epochs)) < least and len(epochs) < _MOST_EPOCHS:
        epochs.append(draw_examples(corpus, settings, random, documents))
    return Examples.concatenate(epochs)


class _Draws:
    """Small integers from a stream of uniform floats."""

    def __init__(self, stream: Iterator[float]) -> None:
        self.uniform = stream.__next__

    def below(self, bound: int) -> int:
        return int(self.uniform() * bound)


def _sentence_starts(corpus: TokenizedDocuments, document: int) -> list[int]:
    """Where each of the document's sentences starts in the token array, and where the last one ends."""
    first, last = corpus.document_offsets[document], corpus.document_offsets[document + 1]
    starts: list[int] = corpus.sentence_offsets[first : last + 1].tolist()
    return starts


def _document_examples(sentences: list[list[int]], number: int, settings: PairSettings, draws: _Draws) -> Iterator[Row]:
    """The rows of one document, not yet truncated."""
    starts = sentences[number]
    count = len(starts) - 1
    target = settings.max_tokens
    # Once for each document, as in Google's code: so that short inputs are no surprise later.
    short = draws.uniform() < settings.short_probability
    if short:
        target = 2 + draws.below(settings.max_tokens - 1)
    least = 2 if settings.objective == "sop" else 1  # a lone sentence has no order
    first = 0
    while first < count:
        first = max(0, min(first, count - least))  # a last one that is left over is used beside the one before it
        end = min(first + least, count)
        while end < count and starts[end] - starts[first] < target:
            end += 1
        if settings.objective == "none":
            yield starts[first], starts[end], starts[end], starts[end], FOLLOWS, short
        elif settings.objective == "sop":
            yield from _order_pair(starts, first, end, short=short, draws=draws)
        else:
            split = first + 1 + draws.below(end - first - 1) if end - first > 1 else end
            if split == end or draws.uniform() < 0.5:
                b_start, b_end = _random_sentences(sentences, number, target - (starts[split] - starts[first]), draws)
                yield starts[first], starts[split], b_start, b_end, DOES_NOT_FOLLOW, short
                end = split  # what B replaced is used again
            else:
                yield starts[first], starts[split], starts[split], starts[end], FOLLOWS, short
        first = end


def _order_pair(starts: list[int], first: int, end: int, *, short: bool, draws: _Draws) -> Iterator[Row]:
    """A and B are neighbours, half of the time swapped; the only sentence of a document has no order, is left out."""
    if end - first < 2:
        return
    split = first + 1 + draws.below(end - first - 1)
    halves = (starts[first], starts[split]), (starts[split], starts[end])
    if draws.uniform() < 0.5:
        yield *halves[1], *halves[0], DOES_NOT_FOLLOW, short
    else:
        yield *halves[0], *halves[1], FOLLOWS, short


def _random_sentences(sentences: list[list[int]], number: int, target: int, draws: _Draws) -> tuple[int, int]:
    """Consecutive sentences from a uniform place in another document, until `target` tokens are reached."""
    other = draws.below(len(sentences) - 1)
    starts = sentences[other + (other >= number)]
    first = draws.below(len(starts) - 1)
    end = first + 1
    while end < len(starts) - 1 and starts[end] - starts[first] < target:
        end += 1
    return starts[first], starts[end]


def _truncate(table: Ints, max_tokens: int, random: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Cuts A and B to `max_tokens` together: always the longer one, token by token, at its front or back at random."""
    a_start, a_end, b_start, b_end = table[:, :4].T
    a_length, b_length = a_end - a_start, b_end - b_start
    excess = np.maximum(a_length + b_length - max_tokens, 0)
    a_ahead, b_ahead = np.maximum(a_length - b_length, 0), np.maximum(b_length - a_length, 0)
    a_first, b_first = np.minimum(excess, a_ahead), np.minimum(excess, b_ahead)
    evenly = excess - a_first - b_first  # once they are equally long, B loses the odd one
    a_lost, b_lost = a_first + evenly // 2, b_first + (evenly + 1) // 2
    a_front, b_front = random.binomial(a_lost, 0.5), random.binomial(b_lost, 0.5)
    return a_start + a_front, a_end - (a_lost - a_front), b_start + b_front, b_end - (b_lost - b_front)
