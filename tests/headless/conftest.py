"""A text so small that a model can be trained on it in a second."""

from itertools import product
from pathlib import Path

import pytest

from headless.program import Outcome, train

NAMES = ("Anna", "Ben", "Mia", "Finn")
THINGS = ("apple", "boat", "drum", "hat", "kite", "lamp")


def write_corpus(path: Path, *, animal: str = "cat") -> Path:
    """Writes 24 documents of five sentences, one sentence a line."""
    documents = [
        f"{name} found the {thing}.\nShe showed it to the {animal}.\nThe {thing} was old.\n"
        f"Then {name} went home.\nThe {animal} kept the {thing}.\n"
        for name, thing in product(NAMES, THINGS)
    ]
    path.write_text("\n".join(documents), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _nobody_has_configured_anything(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "tiny.txt")


@pytest.fixture(scope="session")
def other_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus") / "other.txt", animal="dog")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> tuple[Path, Outcome]:
    """A folder with the finished run `tiny`, and what its training printed."""
    directory = tmp_path_factory.mktemp("trained")
    return directory, train(directory, corpus, "--run", "tiny")
