"""Dropout (Srivastava et al. 2014) whose random numbers are a function of (seed, step)."""

import math

import numpy as np
import torch
from torch import Tensor

from babybert_tui.randomness import raw_words

_LEVELS = 256  # of a byte
_BYTES_OF_A_WORD = 8
_WORDS = 1 << 64
_AS_BITS = {torch.bfloat16: torch.int16, torch.float32: torch.int32}


class CounterDropout:
    """Dropout for one forward pass: the n-th call drops what the n-th call of the same (seed, step, part) drops.

    One random byte decides on an element, which alone would make do for multiples of 1/256. So each call draws which
    of the two beside the probability it takes: over the calls every element is dropped with the probability asked for,
    and in each call the others are divided by the share that it keeps, so that the mean stays.

    Args:
        seed: Of the run.
        step: The update.
        part: The micro-batch in the update.
    """

    def __init__(self, seed: int, step: int, part: int) -> None:
        self._words = raw_words(seed, "dropout", step, part)

    def __call__(self, x: Tensor, probability: float) -> Tensor:
        """Zeroes each element with `probability`, below 255/256, and divides the others by the share kept."""
        if probability == 0:
            return x
        count = x.numel()
        words = self._words.random_raw(1 + math.ceil(count / _BYTES_OF_A_WORD))
        dropped = math.floor(probability * _LEVELS + int(words[0]) / _WORDS)  # levels
        draws = torch.from_numpy(words[1:].view(np.uint8)[:count])
        return x * _factors(draws, dropped, x)


def _factors(draws: Tensor, dropped: int, like: Tensor) -> Tensor:
    """0 for draws below `dropped`, else 256 / (256 - `dropped`), in the shape and precision of `like`.

    Written as bit patterns, and compared without bools: everything else takes several times as long.
    """
    scale = torch.tensor(_LEVELS / (_LEVELS - dropped), dtype=like.dtype)
    bits = _AS_BITS[like.dtype]
    keep = torch.ge(draws, dropped, out=torch.empty_like(draws))
    return keep.to(bits).mul_(scale.view(bits)).view(like.dtype).view(like.shape).to(like.device)
