"""Checkpoints from the Hub, with the Hub itself replaced: what is fetched, and what is said where it fails."""

from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from babybert_tui.errors import RequestError
from babybert_tui.inspection.hub import fetch_from_hub

SHARDS = ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]


class Hub:
    """A repository that holds `files`."""

    def __init__(self, directory: Path, files: list[str]) -> None:
        self.directory = directory
        self.files = files
        self.fetched: set[str] = set()

    def snapshot_download(self, name: str, *, allow_patterns: list[str]) -> str:
        assert name == "someone/bert"
        self.fetched = {file for file in self.files if any(fnmatch(file, one) for one in allow_patterns)}
        for file in self.fetched:
            (self.directory / file).touch()
        return str(self.directory)


@pytest.mark.parametrize(
    ("weights", "fetched"),
    [
        (["model.safetensors", "pytorch_model.bin"], ["model.safetensors"]),
        (["pytorch_model.bin"], ["pytorch_model.bin"]),
        ([*SHARDS, "pytorch_model.bin"], SHARDS),
    ],
)
def test_one_set_of_weights_is_fetched_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, weights: list[str], fetched: list[str]
) -> None:
    hub = Hub(tmp_path, ["config.json", "tokenizer.json", "tf_model.h5", "training.log", *weights])
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
    assert fetch_from_hub("someone/bert") == tmp_path
    assert hub.fetched == {"config.json", "tokenizer.json", *fetched}


def test_no_network_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> str:
        raise LocalEntryNotFoundError("many\nlines of advice")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(RequestError, match="hub:someone/bert is not on this machine, and the Hub cannot be reached"):
        fetch_from_hub("someone/bert")


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(RequestError, match="no name of a model"):
        fetch_from_hub("no such name")
