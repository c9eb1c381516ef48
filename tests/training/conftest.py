"""A corpus, and what an uninterrupted run on it comes to."""

from pathlib import Path

import pytest

from training.small_runs import digest_of, small_settings, train, write_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "days.txt")


@pytest.fixture(scope="session")
def uninterrupted(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of a run of twelve updates, on several epochs."""
    return digest_of(train(small_settings(corpus), tmp_path_factory.mktemp("uninterrupted")))
