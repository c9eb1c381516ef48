"""What tests of several rooms need."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Computes on one thread, as small models do best, and leaves the number of threads as it was."""
    import torch  # not all tests need it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
