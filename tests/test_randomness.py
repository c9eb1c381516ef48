"""Random numbers are those of published generators, under a key that names what they are for."""

import hashlib
from itertools import islice

import numpy as np
import pytest

from babybert_tui.randomness import generator, raw_words, uniforms

_MASK = (1 << 64) - 1


def philox_4x64(key: int, blocks: int) -> list[int]:
    """Salmon et al. 2011, section 3.3: ten rounds, the counter beginning at 1 as NumPy's does."""
    words = []
    for block in range(1, blocks + 1):
        counter = [block, 0, 0, 0]
        keys = [key & _MASK, key >> 64]
        for _ in range(10):
            first, second = 0xD2E7470EE14C6C93 * counter[0], 0xCA5A826395121157 * counter[2]
            counter = [
                (second >> 64) ^ counter[1] ^ keys[0],
                second & _MASK,
                (first >> 64) ^ counter[3] ^ keys[1],
                first & _MASK,
            ]
            keys = [(keys[0] + 0x9E3779B97F4A7C15) & _MASK, (keys[1] + 0xBB67AE8584CAA73B) & _MASK]
        words += counter
    return words


def sfc64(key: int, count: int) -> list[int]:
    """Doty-Humphrey's small fast chaotic generator: three words and a counter; the first 12 results are skipped."""
    a, b, c = (int(word) for word in np.random.SeedSequence(key).generate_state(3, np.uint64))
    words = []
    for counter in range(1, 12 + count + 1):
        words.append((a + b + counter) & _MASK)
        a, b = b ^ (b >> 11), (c + (c << 3)) & _MASK
        c = ((c << 24 | c >> 40) + words[-1]) & _MASK
    return words[12:]


def key_of(name: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(name, digest_size=16).digest(), "little")


def test_a_generator_is_philox_under_the_hash_of_its_name() -> None:
    drawn = generator(7, "masks", 3, 1).bit_generator.random_raw(12).tolist()
    assert drawn == philox_4x64(key_of(b"7/masks/3/1"), 3)


def test_raw_words_are_sfc64_under_the_hash_of_their_name() -> None:
    assert raw_words(7, "dropout", 3, 1).random_raw(5).tolist() == sfc64(key_of(b"7/dropout/3/1"), 5)


def test_the_same_name_draws_the_same() -> None:
    assert generator(1, "masks", 5).random(4).tolist() == generator(1, "masks", 5).random(4).tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((0, "masks", 1), (1, "masks", 1)),
        ((0, "masks", 1), (0, "pairs", 1)),
        ((0, "masks", 1), (0, "masks", 2)),
        ((0, "masks", 1), (0, "masks", 1, 0)),
        ((0, "masks", 11), (0, "masks", 1, 1)),
        ((2**63 - 1, "masks", 1), (2**63 - 2, "masks", 1)),
        ((2**32, "masks", 1), (0, "masks", 1)),
    ],
)
def test_another_name_draws_something_unrelated(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    first, second = (generator(*name).random(10_000) for name in (one, other))  # type: ignore[arg-type]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def test_uniforms_are_the_generator_s_numbers_one_by_one() -> None:
    found = list(islice(uniforms(generator(0, "x")), 20_000))
    assert found == generator(0, "x").random(3 * 8192).tolist()[:20_000]
    assert all(type(one) is float for one in found[:3])
