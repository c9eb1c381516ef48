"""Randomness as a function of (seed, stream, step): nothing to save, nothing to restore, nothing that order upsets.

Each draw comes from a generator of its own, seeded by a key that names what is drawn and when: NumPy's counter-based
Philox (Salmon et al. 2011), or where millions of bits are wanted at each step SFC64, which takes half the time. A run
that resumes needs only its step number to draw what it would have drawn.
"""

import hashlib
from collections.abc import Iterator

import numpy as np

_BLOCK = 8192


def _key(seed: int, stream: str, *counters: int) -> int:
    name = "/".join([str(seed), stream, *map(str, counters)])
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest(), "little")


def generator(seed: int, stream: str, *counters: int) -> np.random.Generator:
    """The generator of one stream ("pairs", "masks", "order", …) at one point (a step, an epoch)."""
    return np.random.Generator(np.random.Philox(key=_key(seed, stream, *counters)))


def raw_words(seed: int, stream: str, *counters: int) -> np.random.SFC64:
    """Raw 64-bit words (`.random_raw(n)`) likewise, for those who need many bits cheaply."""
    return np.random.SFC64(_key(seed, stream, *counters))


def uniforms(random: np.random.Generator) -> Iterator[float]:
    """Python floats from [0, 1), drawn in blocks: for loops in which a call to NumPy for each would be most work."""
    while True:
        yield from random.random(_BLOCK).tolist()
