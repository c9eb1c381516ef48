"""Dropout (Srivastava et al. 2014) whose random numbers are a function of (seed, step)."""

import numpy as np
import torch
from torch import Tensor

from babybert_tui.randomness import raw_words

_LEVELS = 1 << 16


class CounterDropout:
    """Dropout for one forward pass: the n-th call drops what the n-th call of the same (seed, step, part) drops.

    Args:
        seed: Of the run.
        step: The update.
        part: The micro-batch in the update.
    """

    def __init__(self, seed: int, step: int, part: int) -> None:
        self._words = raw_words(seed, "dropout", step, part)

    def __call__(self, x: Tensor, probability: float) -> Tensor:
        """Zeroes each element with `probability` (to 1/65536) and divides the others by 1 - `probability`."""
        dropped = round(probability * _LEVELS)
        if dropped == 0:
            return x
        count = x.numel()
        draws = self._words.random_raw((count + 3) // 4).view(np.uint16)[:count]
        keep = torch.from_numpy(draws >= dropped).view(x.shape).to(x.device)
        # Multiplying by a bool in one kernel, forwards and backwards, beats building a mask of floats.
        return torch.ops.aten.native_dropout_backward(x, keep, _LEVELS / (_LEVELS - dropped))  # type: ignore[no-any-return]
