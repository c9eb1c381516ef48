"""Text for the tokenizer's tests."""

from pathlib import Path

import pytest

_REVIEWS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "movie-reviews.txt"


@pytest.fixture(scope="session")
def movie_sentences() -> list[str]:
    """Sentences that nobody here wrote."""
    if not _REVIEWS.is_file():
        pytest.skip(f"{_REVIEWS} is not on this machine")
    return [line for line in _REVIEWS.read_text(encoding="utf-8").split("\n") if line.strip()]


@pytest.fixture(scope="session")
def vocabulary() -> list[str]:
    """Enough tokens to tell casing, continuation, punctuation and unknown words apart."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = ["[", "]", ".", ",", "the", "cat", "mask", "walk", "The", "Cat", "café", "cafe", "über"]
    return [*special, *letters, *(f"##{letter}" for letter in letters), *words, "##ing"]
