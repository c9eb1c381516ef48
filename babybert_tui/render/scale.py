"""From weights to positions on a colour scale, and the words that say honestly which scale it is."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.figures import fraction

Array = NDArray[np.float64]


class Scaling(StrEnum):
    """What the ends of a colour scale stand for."""

    GLOBAL = "global"  # 0 to the largest weight shown
    ROW = "row"  # 0 to the largest of each query
    LOG = "log"  # decades up to 1


@dataclass(frozen=True)
class Scale:
    """A scale fitted to the weights that it will show.

    Attributes:
        scaling: Which kind.
        low: The weight of the darkest colour.
        high: The weight of the brightest colour; for rows the largest of all.
    """

    scaling: Scaling
    low: float
    high: float

    @classmethod
    def fitted(cls, values: NDArray[np.floating], scaling: Scaling) -> "Scale":
        """Fits a scale to weights of any shape. A logarithmic one reaches down to a tenth of an even spread."""
        high = float(values.max()) if values.size else 0.0
        if scaling is not Scaling.LOG:
            return cls(scaling, min(0.0, float(values.min())) if values.size else 0.0, high if high > 0 else 1.0)
        columns = max(2, values.shape[-1] if values.ndim else 1)
        return cls(scaling, 10.0 ** -(int(np.ceil(np.log10(columns))) + 1), 1.0)

    def positions(self, values: NDArray[np.floating]) -> Array:
        """Weights (…, queries, keys) to positions of 0 to 1."""
        weights = np.asarray(values, dtype=np.float64)
        if self.scaling is Scaling.LOG:
            decades = np.log10(np.maximum(weights, self.low) / self.low)
            return np.asarray(np.clip(decades / np.log10(self.high / self.low), 0, 1))
        if self.scaling is Scaling.ROW and weights.size:
            largest = weights.max(axis=-1, keepdims=True)
            shares = np.divide(weights, largest, out=np.zeros_like(weights), where=largest > 0)
            return np.asarray(np.clip(shares, 0, 1))
        return np.asarray(np.clip((weights - self.low) / (self.high - self.low), 0, 1))

    def weight_at(self, position: float) -> float:
        """The weight that stands at `position` of the scale (in a row scale: the share of the row's largest)."""
        if self.scaling is Scaling.LOG:
            return float(self.low * (self.high / self.low) ** position)
        return position if self.scaling is Scaling.ROW else self.low + position * (self.high - self.low)

    def caption(self, of: str = "weight") -> str:
        """What the colours stand for, in words; `of` names what was scaled (a weight, or a block of weights)."""
        if self.scaling is Scaling.LOG:
            return f"log scale: {self.low:g} to 1, every decade as wide"
        if self.scaling is Scaling.ROW:
            return "row scale, 0 to each query's own largest: compare within a row only"
        low = f"{self.low:.4g}" if self.low else "0"
        return f"global scale: {low} to the largest {of} shown, {fraction(self.high, 4)}"
