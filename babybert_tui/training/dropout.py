"""Dropout (Srivastava et al. 2014) whose random numbers are a function of (seed, step)."""

from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babybert_tui.randomness import raw_words

_LEVELS = 1 << 16
_MOST_AHEAD = 4_000_000  # words, in 32 MB: what larger models ask for beyond it is drawn when they ask
Words = NDArray[np.uint64]
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
        self.key = seed, step, part
        self.taken = 0  # words so far
        self._words = raw_words(seed, "dropout", step, part)
        self._ahead: Future[Words] | None = None

    def draw_ahead(self, count: int, thread: ThreadPoolExecutor) -> None:
        """Has `thread` draw the first `count` words, before any is asked for."""
        self._ahead = thread.submit(self._words.random_raw, min(count, _MOST_AHEAD))

    def __call__(self, x: Tensor, probability: float) -> Tensor:
        """Zeroes each element with `probability` (to 1/65536) and divides the others by 1 - `probability`."""
        dropped = round(probability * _LEVELS)
        if dropped == 0:
            return x
        count = x.numel()
        draws = self._take((count + 3) // 4).view(np.uint16)[:count]
        return x * _factors(draws >= dropped, _LEVELS / (_LEVELS - dropped), x)

    def _take(self, count: int) -> Words:
        """(count,): the next words of the stream, whoever has drawn them."""
        first, self.taken = self.taken, self.taken + count
        if self._ahead is None:
            return self._words.random_raw(count)
        words = self._ahead.result()[first : self.taken]
        missing = count - len(words)
        return np.concatenate([words, self._words.random_raw(missing)]) if missing else words


class DropoutAhead:
    """The dropout of one forward pass after the other.

    One core draws while the others wait, for a twentieth of an update. So while a backward pass keeps the interpreter
    out of it, a thread draws as many words for the next forward pass as the last one took.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "dropout")
        self._next: CounterDropout | None = None

    def of(self, seed: int, step: int, part: int) -> CounterDropout:
        """The dropout of this forward pass: the one that was expected, or another."""
        expected, self._next = self._next, None
        return expected if expected and expected.key == (seed, step, part) else CounterDropout(seed, step, part)

    def expect(self, seed: int, step: int, part: int, words: int) -> None:
        """Draws ahead for the forward pass that probably comes next, which may take more, or fewer."""
        self._next = CounterDropout(seed, step, part)
        self._next.draw_ahead(words, self._thread)


def _factors(keep: np.ndarray, scale: float, like: Tensor) -> Tensor:
    """`scale` where `keep`, else 0, in the shape and precision of `like`.

    Written as bit patterns: an integer product in NumPy takes a fraction of the time of torch's bool-to-bf16 product.
    """
    unsigned, numpy_unsigned = _AS_BITS[like.dtype]
    bits = numpy_unsigned(torch.tensor(scale, dtype=like.dtype).view(unsigned).item())
    factors = keep.view(np.uint8) * bits  # taken as what they are, bools, they would cost more
    return torch.from_numpy(factors).view(like.dtype).view(like.shape).to(like.device)
