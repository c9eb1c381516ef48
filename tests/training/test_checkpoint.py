"""A checkpoint is a Hugging Face model directory, and knows when it is damaged."""

import hashlib
import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from transformers import BertForPreTraining, BertTokenizer

from babybert_tui.errors import RunError
from babybert_tui.training.checkpoint import read_manifest, verify
from babybert_tui.weights import load_pretrained
from training.small_runs import RUN, digest_of, opened, small_settings, train

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run's folder and the digest that it ended with."""
    directory = tmp_path_factory.mktemp("runs")
    digest = digest_of(train(small_settings(corpus), directory))
    return directory / RUN, digest


def tensors_of(path: Path, prefix: str = "") -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    found = {}
    with safe_open(path, "numpy") as file:
        for name in file.keys():  # noqa: SIM118 - not a dictionary
            array = file.get_tensor(name)
            found[prefix + name] = str(array.dtype), array.shape, np.ascontiguousarray(array).tobytes()
    return found


def test_state_sha256_can_be_computed_from_the_files(run: tuple[Path, str]) -> None:
    folder, digest = run
    tensors = tensors_of(folder / "latest" / "model.safetensors")
    tensors |= tensors_of(folder / "latest" / "optimizer.safetensors", "optimizer.")
    found = hashlib.sha256()
    for name in sorted(tensors):
        dtype, shape, content = tensors[name]
        found.update(f"{name} torch.{dtype} {shape}\n".encode() + content)
    assert found.hexdigest() == digest == read_manifest(folder / "latest")["state_sha256"]


def test_transformers_opens_it_with_nothing_missing_or_unexpected(run: tuple[Path, str]) -> None:
    model, loading = BertForPreTraining.from_pretrained(
        run[0] / "latest", output_loading_info=True, local_files_only=True, attn_implementation="eager"
    )
    assert not any(loading.values()), loading
    ours = load_pretrained(run[0] / "latest").model
    ids = torch.randint(5, model.config.vocab_size, (3, 20), generator=torch.Generator().manual_seed(0))
    segments = (torch.arange(20) > 8).long().expand(3, -1)
    with torch.no_grad():
        expected = model(input_ids=ids, token_type_ids=segments)
        found = ours(ids, segments)
    torch.testing.assert_close(found.mlm_logits, expected.prediction_logits, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.nsp_logits, expected.seq_relationship_logits, atol=1e-5, rtol=0)


def test_the_saved_weights_are_those_in_memory(corpus: Path, tmp_path: Path) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        for _ in session.events():
            pass
        saved = load_pretrained(tmp_path / RUN / "latest").model.state_dict()
        assert all(torch.equal(value, saved[name]) for name, value in session.model.state_dict().items())


def test_bert_tokenizer_gives_the_ids_that_were_trained_on(corpus: Path, run: tuple[Path, str], tmp_path: Path) -> None:
    tokenizer = BertTokenizer.from_pretrained(run[0] / "latest", local_files_only=True)
    lines = [line for line in corpus.read_text(encoding="utf-8").split("\n") if line]
    with opened(small_settings(corpus), tmp_path) as session:
        known = session.data.corpus.ids
    seen = {tuple(tokenizer(line, add_special_tokens=False)["input_ids"]) for line in lines}
    offsets = session.data.corpus.sentence_offsets
    trained = {tuple(known[a:b].tolist()) for a, b in pairwise(offsets)}
    assert trained <= seen
    assert len(tokenizer) == json.loads((run[0] / "latest" / "config.json").read_text())["vocab_size"]


def test_the_manifest_names_every_other_file_and_its_digest(run: tuple[Path, str]) -> None:
    folder = (run[0] / "latest").resolve()
    manifest = verify(folder)
    assert manifest["step"] == 12
    names = {path.name for path in folder.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == names
    expected = "config.json model.safetensors tokenizer.json tokenizer_config.json vocab.txt README.md"
    assert names == {*expected.split(), "optimizer.safetensors"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.fixture
def copy(run: tuple[Path, str], tmp_path: Path) -> Path:
    return shutil.copytree((run[0] / "latest").resolve(), tmp_path / "step-000012")


@pytest.mark.parametrize(
    "name", ["config.json", "model.safetensors", "optimizer.safetensors", "tokenizer.json", "README.md"]
)
@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_one_flipped_bit_is_found(name: str, place: float, copy: Path) -> None:
    content = bytearray((copy / name).read_bytes())
    content[int(place * len(content))] ^= 0b100
    (copy / name).write_bytes(content)
    with pytest.raises(RunError, match=name):
        verify(copy)


def test_a_flipped_bit_in_the_manifest_is_found_too(copy: Path) -> None:
    """Also in the step, the position in the data and the digest, which no file could contradict."""
    path = copy / "manifest.json"
    original = path.read_bytes()
    whole = verify(copy)
    for place in range(0, len(original), 3):
        content = bytearray(original)
        content[place] ^= 1 << (place % 7)
        path.write_bytes(content)
        try:
            found = verify(copy)
        except RunError:
            continue
        assert found == whole, content[max(0, place - 20) : place + 20]


def test_a_lost_file_is_named(copy: Path) -> None:
    (copy / "vocab.txt").unlink()
    with pytest.raises(RunError, match=r"vocab\.txt"):
        verify(copy)
