"""What one look inside a BERT found: plain arrays and strings, and nothing that computes.

Every picture, every file and every statistic reads a `Trace` and nothing else. Layers, heads and everything else that a
person names count from 1; positions and array indices count from 0, `[CLS]` being position 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

NOT_A_TARGET = -100  # the label that PyTorch's cross-entropy and Hugging Face's BERT pass over
PARTS = frozenset({"tokens", "attention", "predictions", "heads"})  # what a trace may be asked for


@dataclass(frozen=True)
class MaskedToken:
    """A token that was selected, as in training (Devlin et al. 2018, section 3.1)."""

    position: int
    original: str | None  # None where the user typed [MASK]
    shown: str  # what the model was given instead
    fate: str  # "mask", "random" or "kept"


@dataclass(frozen=True)
class Candidate:
    """A token that the masked-LM head proposes."""

    token: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """What the masked-LM head says at one position."""

    position: int
    original: str | None
    rank: int | None  # of the original, from 1
    probability: float | None  # of the original
    top: tuple[Candidate, ...]  # most probable first


@dataclass(frozen=True)
class UnknownWord:
    """A typed word that the vocabulary does not have, as one whole piece or at all."""

    word: str
    positions: tuple[int, ...]  # of the pieces it became
    pieces: tuple[str, ...]  # ("[UNK]",) where nothing fits


@dataclass(frozen=True)
class HeadStatistics:
    """How one head spreads its attention, averaged over queries (Clark et al. 2019; Voita et al. 2019)."""

    layer: int
    head: int
    entropy: float  # divided by ln n: 0 is one token, 1 is all alike
    confidence: float  # the mean of the largest weight of each row
    to_cls: float
    to_sep: float
    to_self: float
    to_previous: float
    to_next: float
    to_punctuation: float
    label: str  # in plain words; "mixed" where nothing stands out


@dataclass(frozen=True)
class Trace:
    """One input and what the model made of it. n is the number of tokens, `[CLS]` and `[SEP]` included."""

    checkpoint: str  # where the model came from, as shown to a person
    tokens: tuple[str, ...]  # n, what the model was given (after masking)
    ids: NDArray[np.int64]  # (n,)
    words: tuple[int | None, ...]  # n, index of the word a piece belongs to, from 0; None for special tokens
    segments: NDArray[np.int64]  # (n,), 0 for A and 1 for B
    special: NDArray[np.bool_]  # (n,)
    masked: tuple[MaskedToken, ...]
    unknown: tuple[UnknownWord, ...]
    predictions: tuple[Prediction, ...] | None  # None: the checkpoint has no masked-LM head, or it was not asked
    is_next: float | None  # P(B follows A); None: no such head, or no second text
    attention: Floats | None  # (layers, heads, n, n), query by key, rows sum to 1; None: not asked
    layers: tuple[int, ...]  # which layers the first axis of `attention` holds
    head_numbers: tuple[int, ...]  # which heads its second axis holds
    heads: tuple[HeadStatistics, ...] | None
    notes: tuple[str, ...]  # what a person should know: truncated, no head, unknown words
    labels: NDArray[np.int64] | None = None  # (n,), the original's id where one was hidden, else NOT_A_TARGET
    heads_off: tuple[tuple[int, int], ...] = ()  # (layer, head) of those that were silenced
    asked: frozenset[str] = PARTS  # which parts were asked for

    def map(self, layer: int, head: int) -> Floats:
        """The (n, n) attention of one head, both counted from 1. Raises ValueError where it was not computed."""
        if self.attention is None:
            raise ValueError("this trace holds no attention")
        matrix: Floats = self.attention[self.layers.index(layer), self.head_numbers.index(head)]
        return matrix
