"""Dropout (Srivastava et al. 2014) whose random numbers are a function of (seed, step)."""

import numpy as np
import torch
from torch import Tensor

from babybert_tui.randomness import raw_words

_LEVELS = 1 << 16
_AS_BITS: dict[torch.dtype, tuple[torch.dtype, type[np.unsignedinteger]]] = {
    torch.bfloat16: (torch.uint16, np.uint16),
    torch.float32: (torch.uint32, np.uint32),
}


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
        return x * _factors(draws >= dropped, _LEVELS / (_LEVELS - dropped), x)


def _factors(keep: np.ndarray, scale: float, like: Tensor) -> Tensor:
    """`scale` where `keep`, else 0, in the shape and precision of `like`.

    Written as bit patterns: an integer product in NumPy takes a fraction of the time of torch's bool-to-bf16 product.
    """
    unsigned, numpy_unsigned = _AS_BITS[like.dtype]
    bits = numpy_unsigned(torch.tensor(scale, dtype=like.dtype).view(unsigned).item())
    factors = keep.view(np.uint8) * bits  # taken as what they are, bools, they would cost more
    return torch.from_numpy(factors).view(like.dtype).view(like.shape).to(like.device)
