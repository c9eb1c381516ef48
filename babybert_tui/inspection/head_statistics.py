"""How a head spreads its attention, in numbers and in plain words.

Clark et al. 2019, "What Does BERT Look At?", section 3; Voita et al. 2019, "Analyzing Multi-Head Self-Attention",
section 5 (confidence). All are means over the queries of an input.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from babybert_tui.inspection.head_labels import plain_label
from babybert_tui.inspection.trace import Floats, HeadStatistics

STATISTICS = (
    "entropy",
    "confidence",
    "to_cls",
    "to_sep",
    "to_self",
    "to_previous",
    "to_next",
    "to_punctuation",
)

_CONTINUATION = "##"


@dataclass(frozen=True)
class KeyGroups:
    """Which of n tokens stand where attention is wont to rest. Each (n,) bool."""

    cls: NDArray[np.bool_]
    sep: NDArray[np.bool_]
    punctuation: NDArray[np.bool_]


def key_groups(tokens: Sequence[str], special: NDArray[np.bool_]) -> KeyGroups:
    """Finds `[CLS]`, `[SEP]` and punctuation by a trace's own tokens: the first is `[CLS]`, the last a `[SEP]`."""
    named = np.array(tokens)
    punctuation = np.array([is_punctuation(token) for token in tokens], dtype=np.bool_)
    return KeyGroups(
        cls=special & (named == tokens[0]),
        sep=special & (named == tokens[-1]),
        punctuation=punctuation & ~special,
    )


def is_punctuation(token: str) -> bool:
    """Whether all of a token is punctuation as BERT's tokenizer sees it: ASCII signs, and Unicode's category P."""
    spelling = token.removeprefix(_CONTINUATION) or token
    return all(
        unicodedata.category(character).startswith("P") or (character.isascii() and not character.isalnum())
        for character in spelling
    )


def attention_statistics(attention: Floats, keys: KeyGroups) -> NDArray[np.float64]:
    """(…, n, n) attention to (…, 8) statistics, in the order of `STATISTICS`.

    Entropy is divided by ln n, so that 1 is an even spread at every length. `to_previous` leaves out the first query
    and `to_next` the last, which have no such neighbour.
    """
    n = attention.shape[-1]
    entropy = np.zeros(attention.shape[:-2])
    if n > 1:
        logarithms = np.log(np.maximum(attention, np.finfo(np.float32).tiny))  # 0 ln 0 counts as 0
        entropy = -(attention * logarithms).sum(-1).mean(-1) / np.log(n)
    columns = [
        entropy,
        attention.max(-1).mean(-1),
        attention[..., keys.cls].sum(-1).mean(-1),
        attention[..., keys.sep].sum(-1).mean(-1),
        *(_diagonal_mean(attention, offset) for offset in (0, -1, 1)),
        attention[..., keys.punctuation].sum(-1).mean(-1),
    ]
    return np.stack(columns, axis=-1).astype(np.float64)


def _diagonal_mean(attention: Floats, offset: int) -> NDArray[np.float64]:
    diagonal = np.diagonal(attention, offset, axis1=-2, axis2=-1)
    return diagonal.mean(-1, dtype=np.float64) if diagonal.shape[-1] else np.zeros(attention.shape[:-2])


def even_statistics(keys: KeyGroups) -> NDArray[np.float64]:
    """(8,): what `attention_statistics` gives for a head that spreads its attention evenly over these n tokens."""
    n = len(keys.cls)
    return attention_statistics(np.full((n, n), 1 / n, dtype=np.float32), keys)


def head_statistics(
    attention: Floats, tokens: Sequence[str], special: NDArray[np.bool_], layers: Sequence[int], heads: Sequence[int]
) -> tuple[HeadStatistics, ...]:
    """Statistics of each head on one input.

    Args:
        attention: (len(layers), len(heads), n, n).
        tokens: n, as the model was given them.
        special: (n,).
        layers: The numbers of the layers on the first axis.
        heads: The numbers of the heads on the second.
    """
    keys = key_groups(tokens, special)
    # Layer by layer: the logarithms of 12 x 12 maps of 512 x 512 would be another 150 MB.
    values = np.stack([attention_statistics(layer, keys) for layer in attention])
    return _label_all(values, even_statistics(keys), layers, heads)


def mean_head_statistics(
    inputs: Iterable[tuple[Floats, KeyGroups]], layers: Sequence[int], heads: Sequence[int]
) -> tuple[HeadStatistics, ...]:
    """Statistics of each head over many inputs, each of which counts the same; labels are those of the means.

    Args:
        inputs: (len(layers), len(heads), n, n) attention of each input, n differing, with its key groups.
        layers: The numbers of the layers on the first axis.
        heads: The numbers of the heads on the second.

    Raises:
        ValueError: There is no input.
    """
    count, values, even = 0, np.zeros((len(layers), len(heads), len(STATISTICS))), np.zeros(len(STATISTICS))
    for attention, keys in inputs:
        values += attention_statistics(attention, keys)
        even += even_statistics(keys)
        count += 1
    if not count:
        raise ValueError("no input to take statistics of")
    return _label_all(values / count, even / count, layers, heads)


def _label_all(
    values: NDArray[np.float64], even: NDArray[np.float64], layers: Sequence[int], heads: Sequence[int]
) -> tuple[HeadStatistics, ...]:
    by_chance = dict(zip(STATISTICS, even.tolist(), strict=True))
    found = []
    for row, layer in enumerate(layers):
        for column, head in enumerate(heads):
            numbers = dict(zip(STATISTICS, values[row, column].tolist(), strict=True))
            found.append(HeadStatistics(layer=layer, head=head, **numbers, label=plain_label(numbers, by_chance)))
    return tuple(found)
