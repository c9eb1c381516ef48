"""Attention between words, or between any chosen groups of tokens, instead of between pieces.

Clark et al. 2019, section 4.1: attention *to* a split word is the sum over its pieces, attention *from* it their mean.
A row over all groups still sums to 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from babybert_tui.inspection.trace import Floats

_CONTINUATION = "##"


@dataclass(frozen=True)
class Group:
    """Tokens that count as one."""

    name: str
    positions: tuple[int, ...]


def word_groups(tokens: Sequence[str], words: Sequence[int | None]) -> tuple[Group, ...]:
    """One group for each word, and one for each special token, in their order."""
    groups: list[Group] = []
    for position, (token, word) in enumerate(zip(tokens, words, strict=True)):
        if groups and word is not None and words[position - 1] == word:
            last = groups[-1]
            groups[-1] = Group(last.name + token.removeprefix(_CONTINUATION), (*last.positions, position))
        else:
            groups.append(Group(token, (position,)))
    return tuple(groups)


def merge_attention(attention: Floats, groups: Sequence[Group]) -> Floats:
    """(…, n, n) between tokens to (…, m, m) between m groups: summed over keys, averaged over queries.

    Rows sum to 1 where the groups cover all tokens; with fewer they sum to the share that goes to the groups.
    """
    columns = [attention[..., list(group.positions)].sum(axis=-1) for group in groups]
    to_groups = np.stack(columns, axis=-1)  # (…, n, m)
    rows = [to_groups[..., list(group.positions), :].mean(axis=-2) for group in groups]
    merged: Floats = np.stack(rows, axis=-2).astype(np.float32)
    return merged


def attention_between(attention: Floats, queries: Sequence[int], keys: Sequence[int]) -> Floats:
    """(…, n, n) to (…): the share of their attention that the `queries` send, on average, to all `keys` together."""
    chosen = attention[..., list(queries), :][..., list(keys)]
    shares: Floats = chosen.sum(axis=-1).mean(axis=-1).astype(np.float32)
    return shares
