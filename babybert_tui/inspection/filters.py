"""Showing part of a map honestly: from one segment to another, without special tokens, renormalised or not.

The three are separate switches, and what is hidden is always counted: shown and hidden mass of a row sum to its whole.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from babybert_tui.inspection.trace import Floats


class Direction(Enum):
    """From which segment's queries to which segment's keys."""

    ALL = "all"
    A_TO_A = "A→A"
    A_TO_B = "A→B"
    B_TO_A = "B→A"
    B_TO_B = "B→B"

    @property
    def query_segment(self) -> int | None:
        """0 for A, 1 for B, None for both."""
        return None if self is Direction.ALL else "AB".index(self.value[0])

    @property
    def key_segment(self) -> int | None:
        """0 for A, 1 for B, None for both."""
        return None if self is Direction.ALL else "AB".index(self.value[-1])


@dataclass(frozen=True)
class FilteredMap:
    """Part of a map, and what is missing from it."""

    values: Floats  # (rows, columns)
    rows: NDArray[np.int64]  # positions of the queries shown
    columns: NDArray[np.int64]  # positions of the keys shown
    hidden: Floats  # (rows,), the mass of each row that went to keys not shown, before any renormalising
    renormalised: bool

    @property
    def hidden_mass(self) -> float:
        """The mean of `hidden` over the rows shown; 0 where no row is."""
        return float(self.hidden.mean()) if len(self.hidden) else 0.0


def filter_map(
    matrix: Floats,
    segments: NDArray[np.int64],
    special: NDArray[np.bool_],
    *,
    direction: Direction = Direction.ALL,
    hide_special: bool = False,
    renormalise: bool = False,
) -> FilteredMap:
    """Cuts a map down to some queries and some keys.

    Args:
        matrix: (n, n), query by key, rows summing to 1.
        segments: (n,).
        special: (n,).
        direction: Which segments; `[CLS]` and the `[SEP]` after A belong to A, the last `[SEP]` of a pair to B.
        hide_special: Whether special tokens are left out, as queries and as keys.
        renormalise: Whether each row is divided by what is shown of it. A row of which nothing is shown stays 0.
    """
    rows = _shown(direction.query_segment, segments, special, hide_special=hide_special)
    columns = _shown(direction.key_segment, segments, special, hide_special=hide_special)
    values = matrix[np.ix_(rows, columns)].astype(np.float32)
    shown = values.sum(axis=1, dtype=np.float64)
    hidden = np.clip(matrix[rows].sum(axis=1, dtype=np.float64) - shown, 0.0, None)
    if renormalise:
        whole = shown[:, None].astype(np.float32)
        values = np.divide(values, whole, out=np.zeros_like(values), where=whole > 0)
    return FilteredMap(values, rows, columns, hidden.astype(np.float32), renormalise)


def _shown(
    segment: int | None, segments: NDArray[np.int64], special: NDArray[np.bool_], *, hide_special: bool
) -> NDArray[np.int64]:
    keep = np.ones(len(segments), dtype=np.bool_) if segment is None else segments == segment
    if hide_special:
        keep = keep & ~special
    return np.flatnonzero(keep)
