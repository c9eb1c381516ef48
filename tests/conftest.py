"""What tests of several rooms need."""

import os
from collections.abc import Iterator

import pytest

from babybert_tui.cache import ENVIRONMENT


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Texts prepared by tests, also in other processes, stay out of the user's cache."""
    before = os.environ.get(ENVIRONMENT)
    os.environ[ENVIRONMENT] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ[ENVIRONMENT]
    else:
        os.environ[ENVIRONMENT] = before


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Computes on one thread, as small models do best, and leaves the number of threads as it was."""
    import torch  # not all tests need it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
