"""Dropout (Srivastava et al. 2014) whose random numbers are a function of (seed, step)."""

import numpy as np
import torch
from torch import Tensor

from babybert_tui.randomness import raw_words
from babybert_tui.training.kernels import LEVELS, as_array, dropout_factors

NOTHING_DROPPED = np.zeros(2, np.uint64)


class CounterDropout:
    """Dropout for one forward pass: the n-th call drops what the n-th call of the same (seed, step, part) drops.

    Probabilities are those of multiples of 1/65,536; the others are divided by the share that is kept, so that the
    mean stays.

    Args:
        seed: Of the run.
        step: The update.
        part: The micro-batch in the update.
    """

    def __init__(self, seed: int, step: int, part: int) -> None:
        self._words = raw_words(seed, "dropout", step, part)

    def draw(self, probability: float) -> np.ndarray:
        """What a kernel needs to drop by itself what the next call would drop."""
        if probability == 0:
            return NOTHING_DROPPED
        dropped = min(round(probability * LEVELS), LEVELS - 1)
        return np.array([self._words.random_raw(), dropped], np.uint64)

    def __call__(self, x: Tensor, probability: float) -> Tensor:
        """Zeroes each element with `probability`, below 1, and divides the others by the share kept."""
        if probability == 0:
            return x
        factors = torch.empty(x.shape, dtype=torch.float32)
        dropout_factors(self.draw(probability), as_array(factors.view(-1, x.shape[-1])))
        return x * factors.to(x.device, x.dtype)
