"""A workload of a few milliseconds an update."""

import pytest
from training.small_runs import write_corpus

from babybert_tui.benchmarks.workload import Workload
from babybert_tui.settings import build
from babybert_tui.training.preparation import prepare


@pytest.fixture(scope="session")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Workload:
    corpus = write_corpus(tmp_path_factory.mktemp("corpus") / "days.txt")
    settings = build(
        {
            "corpus": str(corpus),
            "vocab_size": 200,
            "hidden_size": 16,
            "num_layers": 2,
            "num_heads": 2,
            "max_length": 24,
            "batch_size": 6,
            "dropout": 0.0,
            "optimizer": "adamw",
            "threads": 1,
        }
    )
    return Workload(settings, prepare(settings))
