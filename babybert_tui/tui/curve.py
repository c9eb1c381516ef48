"""A curve that grows at its end in bounded room: exact while it is short, summed up in even stretches when it is long.

What was taken of it stays valid, for nothing that was given out is written to again.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

_MOST_STRETCHES = 4096  # several for each dot of the widest chart


class Points(NamedTuple):
    """Values over steps, in the order of the steps; of a long curve, the mean, least and most of each stretch."""

    steps: Floats  # (n,), the first step of each stretch
    values: Floats  # (n,)
    lows: Floats | None = None  # (n,); None: each stretch is one value
    highs: Floats | None = None

    def __bool__(self) -> bool:
        return len(self.steps) > 0

    @property
    def least(self) -> Floats:
        """(n,) the smallest value of each stretch."""
        return self.values if self.lows is None else self.lows

    @property
    def most(self) -> Floats:
        """(n,) the largest value of each stretch."""
        return self.values if self.highs is None else self.highs

    @property
    def last(self) -> float | None:
        """The newest value."""
        return float(self.values[-1]) if len(self.values) else None

    def at(self, step: int) -> float | None:
        """The value at `step`, or the last one before it."""
        if not self:
            return None
        index = int(self.steps.searchsorted(step, side="right")) - 1
        return float(self.values[index]) if index >= 0 else None


EMPTY = Points(cast("Floats", ()), cast("Floats", ()))  # stands before NumPy is there: the first screen has no curves


class Curve:
    """Appends in amortised constant time, and holds no more than a few thousand numbers however many it was given.

    Args:
        most: Stretches; when there are as many, each two become one, and later ones are as long.
    """

    def __init__(self, most: int = _MOST_STRETCHES) -> None:
        assert most % 2 == 0
        self._most = most
        self._length = 1  # values a stretch
        self._steps, self._means, self._lows, self._highs = (array("d") for _ in range(4))
        self._open_steps, self._open_values = array("d"), array("d")  # the newest values, one by one
        self._taken: Points | None = EMPTY

    def append(self, step: int, value: float) -> None:
        """Adds a value at a later step than the last."""
        if len(self._open_steps) == self._length:  # not sooner: the newest value stands by itself
            self._close_stretch()
        self._open_steps.append(step)
        self._open_values.append(value)
        self._taken = None

    @property
    def last_step(self) -> float:
        """The step of the newest value; -1 where there is none."""
        return self._open_steps[-1] if self._open_steps else -1.0

    @property
    def points(self) -> Points:
        """All of it."""
        if self._taken is None:
            import numpy as np  # not before there is something to hold

            steps, values = np.array(self._steps + self._open_steps), np.array(self._means + self._open_values)
            if self._length == 1:
                self._taken = Points(steps, values)
            else:
                lows, highs = self._lows + self._open_values, self._highs + self._open_values
                self._taken = Points(steps, values, np.array(lows), np.array(highs))
        return self._taken

    def _close_stretch(self) -> None:
        values = self._open_values
        self._steps.append(self._open_steps[0])
        self._means.append(sum(values) / len(values))
        self._lows.append(min(values))
        self._highs.append(max(values))
        self._open_steps, self._open_values = array("d"), array("d")
        if len(self._steps) == self._most:
            self._join_pairs()

    def _join_pairs(self) -> None:
        def pairs(numbers: array[float]) -> zip[tuple[float, float]]:
            return zip(numbers[::2], numbers[1::2], strict=True)

        self._steps = self._steps[::2]
        self._means = array("d", [(first + second) / 2 for first, second in pairs(self._means)])
        self._lows = array("d", map(min, pairs(self._lows)))
        self._highs = array("d", map(max, pairs(self._highs)))
        self._length *= 2
