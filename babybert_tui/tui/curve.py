"""A curve that grows at its end, and whose past never changes: what was taken of it stays valid."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FIRST_ROOM = 256


class Points(NamedTuple):
    """Values over steps, in the order of the steps."""

    steps: Floats  # (n,)
    values: Floats  # (n,)

    def __bool__(self) -> bool:
        return len(self.steps) > 0

    @property
    def last(self) -> float | None:
        """The newest value."""
        return float(self.values[-1]) if len(self.values) else None

    def at(self, step: int) -> float | None:
        """The value at `step`, or the last one before it."""
        index = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self.values[index]) if index >= 0 else None


EMPTY = Points(np.empty(0), np.empty(0))


class Curve:
    """Appends in amortised constant time; `points` costs nothing, whatever the length."""

    def __init__(self) -> None:
        self._room = np.empty((2, _FIRST_ROOM))
        self._count = 0

    def append(self, step: int, value: float) -> None:
        """Adds a value at a later step than the last."""
        if self._count == self._room.shape[1]:
            # The old room stays as it is for those who hold a view of it.
            self._room = np.concatenate([self._room, np.empty_like(self._room)], axis=1)
        self._room[:, self._count] = step, value
        self._count += 1

    @property
    def points(self) -> Points:
        """All of it, as views that later appending does not touch."""
        return Points(self._room[0, : self._count], self._room[1, : self._count])
