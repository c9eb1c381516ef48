"""Text for the tests of the corpora."""

from pathlib import Path

import pytest

_DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"

FOUR_DOCUMENTS = (
    "The cat sat.\nIt slept.\n\nA dog ran.\nIt barked.\n\nBirds sang.\nThey flew.\n\nRain fell.\nIt stopped.\n"
)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real texts that are not part of the project."""
    if not (_DATA / "movie-reviews.txt").is_file():
        pytest.skip(f"{_DATA} is not on this machine")
    return _DATA


@pytest.fixture
def four_documents() -> str:
    """The smallest text that needs no cutting: four documents of two sentences, one sentence a line."""
    return FOUR_DOCUMENTS
