"""Randomness as a function of (seed, stream, step): nothing to save, nothing to restore, nothing that order upsets.

Each draw comes from NumPy's Philox (Salmon et al. 2011), a counter-based generator, under a key that names what is
drawn and when. A run that resumes needs only its step number to draw what it would have drawn.
"""

import hashlib
from collections.abc import Iterator

import numpy as np

_BLOCK = 8192


def _bits(seed: int, stream: str, *counters: int) -> np.random.Philox:
    name = "/".join([str(seed), stream, *map(str, counters)])
    key = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return np.random.Philox(key=int.from_bytes(key, "little"))


def generator(seed: int, stream: str, *counters: int) -> np.random.Generator:
    """The generator of one stream ("pairs", "masks", "order", …) at one point (a step, an epoch)."""
    return np.random.Generator(_bits(seed, stream, *counters))


def raw_words(seed: int, stream: str, *counters: int) -> np.random.Philox:
    """The same as raw 64-bit words (`.random_raw(n)`), for those who need many bits cheaply."""
    return _bits(seed, stream, *counters)


def uniforms(random: np.random.Generator) -> Iterator[float]:
    """Python floats from [0, 1), drawn in blocks: for loops in which a call to NumPy for each would be most work."""
    while True:
        yield from random.random(_BLOCK).tolist()
