"""Model directories go both ways between BabyBERT and `transformers`; what is no BERT is refused in one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import BertConfig as HuggingFaceConfig
from transformers import BertForMaskedLM, BertForPreTraining, BertForSequenceClassification, BertModel

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.errors import RequestError
from babybert_tui.weights import (
    from_hugging_face,
    hugging_face_config,
    hugging_face_state,
    load_pretrained,
    to_hugging_face,
)

pytestmark = pytest.mark.usefixtures("one_thread")

VOCABULARY = 50
IDS = torch.randint(5, VOCABULARY, (4, 14), generator=torch.Generator().manual_seed(0))
SEGMENTS = (torch.arange(14) > 6).long().expand(4, -1)


def random_reference(kind: type[Any] = BertForPreTraining, **changes: Any) -> Any:
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "intermediate_size": 36,
        "max_position_embeddings": 16,
    }
    model = kind(HuggingFaceConfig(**(sizes | changes), attn_implementation="eager")).eval()
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def random_babybert() -> BabyBert:
    model = BabyBert(BertConfig(vocab_size=VOCABULARY, hidden_size=24, num_attention_heads=3, num_hidden_layers=3))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    return model


def save(model: BabyBert, directory: Path) -> Path:
    (directory / "config.json").write_text(json.dumps(hugging_face_config(model.config)), encoding="utf-8")
    save_file(hugging_face_state(model), directory / "model.safetensors", {"format": "pt"})
    return directory


@torch.no_grad()
def ask(model: Any) -> Any:
    return model(input_ids=IDS, token_type_ids=SEGMENTS)


def assert_close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@torch.no_grad()
def test_our_directory_opens_in_transformers_with_nothing_left_over(tmp_path: Path) -> None:
    model = random_babybert()
    theirs, loading = BertForPreTraining.from_pretrained(
        save(model, tmp_path), output_loading_info=True, local_files_only=True, attn_implementation="eager"
    )
    assert {"missing_keys", "unexpected_keys", "mismatched_keys"} <= loading.keys()
    assert not any(loading.values()), loading
    expected, found = ask(theirs.eval()), model(IDS, SEGMENTS)
    assert_close(found.mlm_logits, expected.prediction_logits)
    assert_close(found.nsp_logits, expected.seq_relationship_logits)
    assert theirs.config.hidden_act == "gelu"
    assert theirs.config.layer_norm_eps == 1e-12


@torch.no_grad()
def test_a_bert_for_pretraining_opens_here(tmp_path: Path) -> None:
    reference = random_reference()
    reference.save_pretrained(tmp_path)
    found, expected = load_pretrained(tmp_path).model(IDS, SEGMENTS), ask(reference)
    assert_close(found.mlm_logits, expected.prediction_logits)
    assert_close(found.nsp_logits, expected.seq_relationship_logits)


@torch.no_grad()
def test_a_bert_for_masked_lm_opens_here_without_a_sentence_head(tmp_path: Path) -> None:
    reference = random_reference(BertForMaskedLM)
    reference.save_pretrained(tmp_path)
    found = load_pretrained(tmp_path).model(IDS, SEGMENTS)
    assert_close(found.mlm_logits, ask(reference).logits)
    assert found.nsp_logits is None


@torch.no_grad()
@pytest.mark.parametrize("with_prefix", [False, True])
def test_a_bare_encoder_opens_here_without_heads(with_prefix: bool, tmp_path: Path) -> None:
    """transformers saves it without the prefix `bert.`; other programs write it."""
    reference = random_reference(BertModel)
    reference.save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    assert not any(name.startswith("bert.") for name in load_file(path))
    if with_prefix:
        save_file({f"bert.{name}": value for name, value in load_file(path).items()}, path, {"format": "pt"})
    found = load_pretrained(tmp_path).model(IDS, SEGMENTS)
    assert_close(found.hidden, ask(reference).last_hidden_state)
    assert found.mlm_logits is None
    assert found.nsp_logits is None


def rewrite(directory: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> None:
    path = directory / "model.safetensors"
    save_file({name: value.clone() for name, value in change(load_file(path)).items()}, path, {"format": "pt"})


@torch.no_grad()
def test_a_tied_output_projection_that_was_saved_beside_its_twin_does_not_matter(tmp_path: Path) -> None:
    reference = random_reference()
    reference.save_pretrained(tmp_path)

    def add_decoder(state: dict[str, Tensor]) -> dict[str, Tensor]:
        state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
        state["cls.predictions.decoder.bias"] = state["cls.predictions.bias"]
        state["bert.embeddings.position_ids"] = torch.arange(16)[None]
        return state

    rewrite(tmp_path, add_decoder)
    assert_close(load_pretrained(tmp_path).model(IDS, SEGMENTS).mlm_logits, ask(reference).prediction_logits)
    rewrite(tmp_path, lambda state: {name: value for name, value in state.items() if name != "cls.predictions.bias"})
    assert_close(load_pretrained(tmp_path).model(IDS, SEGMENTS).mlm_logits, ask(reference).prediction_logits)


def test_an_output_projection_of_its_own_is_refused(tmp_path: Path) -> None:
    """Its predictions would silently be other than the model's own."""
    random_reference().save_pretrained(tmp_path)

    def untie(state: dict[str, Tensor]) -> dict[str, Tensor]:
        state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"] + 1
        return state

    rewrite(tmp_path, untie)
    with pytest.raises(RequestError, match="decoder"):
        load_pretrained(tmp_path)


@torch.no_grad()
def test_names_of_tensorflow_days_and_half_precision_are_understood(tmp_path: Path) -> None:
    reference = random_reference()
    reference.save_pretrained(tmp_path)
    old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}

    def as_of_old(state: dict[str, Tensor]) -> dict[str, Tensor]:
        renamed = {}
        for name, value in state.items():
            for new, former in old.items():
                name = name.replace(new, former)  # noqa: PLW2901
            renamed[name] = value.half()
        return renamed

    rewrite(tmp_path, as_of_old)
    model = load_pretrained(tmp_path).model
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    assert_close(model(IDS, SEGMENTS).mlm_logits, ask(reference.half().float()).prediction_logits)


@torch.no_grad()
def test_pytorch_model_bin_is_read_where_there_is_no_safetensors(tmp_path: Path) -> None:
    reference = random_reference()
    reference.save_pretrained(tmp_path)
    torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    assert_close(load_pretrained(tmp_path).model(IDS, SEGMENTS).mlm_logits, ask(reference).prediction_logits)


@torch.no_grad()
def test_weights_split_over_several_files_are_read(tmp_path: Path) -> None:
    reference = random_reference()
    reference.save_pretrained(tmp_path, max_shard_size="10KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    assert_close(load_pretrained(tmp_path).model(IDS, SEGMENTS).mlm_logits, ask(reference).prediction_logits)


def test_another_task_s_head_is_left_out(tmp_path: Path) -> None:
    random_reference(BertForSequenceClassification).save_pretrained(tmp_path)
    model = load_pretrained(tmp_path).model
    assert model.mlm_head is None
    assert model.nsp_head is None


def test_every_name_is_translated_there_and_back() -> None:
    ours = dict(random_babybert().named_parameters())
    theirs = [name for name, _ in random_reference(num_hidden_layers=3).named_parameters()]
    assert sorted(map(to_hugging_face, ours)) == sorted(theirs)
    assert all(from_hugging_face(to_hugging_face(name)) == name for name in ours)
    with pytest.raises(KeyError):
        from_hugging_face("bert.encoder.layer.0.attention.self.distance_embedding.weight")


def set_config(**changes: Any) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        path = directory / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")

    return damage


def cut_in_half(name: str) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        content = (directory / name).read_bytes()
        (directory / name).write_bytes(content[: len(content) // 2])

    return damage


def put(name: str, content: bytes, *, instead_of: str | None = None) -> Callable[[Path], None]:
    def damage(directory: Path) -> None:
        (directory / (instead_of or name)).unlink()
        (directory / name).write_bytes(content)

    return damage


def without(part: str) -> Callable[[Path], None]:
    return lambda directory: rewrite(
        directory, lambda state: {name: value for name, value in state.items() if part not in name}
    )


def another_pickle(directory: Path) -> None:
    (directory / "model.safetensors").unlink()
    torch.save(["no", "state"], directory / "pytorch_model.bin")


def extra_parameter(directory: Path) -> None:
    rewrite(directory, lambda state: state | {"bert.encoder.layer.0.attention.self.distance_embedding.weight": IDS})


def in_the_folder_above(directory: Path) -> None:
    (directory / "model.safetensors").rename(directory.parent / "all.safetensors")
    (directory / INDEX).write_bytes(PARTS % b"../all.safetensors")


INDEX = "model.safetensors.index.json"
PARTS = b'{"weight_map": {"bert.pooler.dense.bias": "%s"}}'
DAMAGES = {
    "no directory": shutil.rmtree,
    "no config": lambda directory: (directory / "config.json").unlink(),
    "no weights": lambda directory: (directory / "model.safetensors").unlink(),
    "config cut": cut_in_half("config.json"),
    "config no text": put("config.json", b"\xff\xfe\x00"),
    "config no object": put("config.json", b"[1]"),
    "weights cut": cut_in_half("model.safetensors"),
    "weights empty": put("model.safetensors", b""),
    "pickle garbage": put("pytorch_model.bin", b"not a pickle", instead_of="model.safetensors"),
    "pickle empty": put("pytorch_model.bin", b"", instead_of="model.safetensors"),
    "pickle of something else": another_pickle,
    "index cut": put(INDEX, b'{"weight_map": {', instead_of="model.safetensors"),
    "index of nothing": put(INDEX, b"{}", instead_of="model.safetensors"),
    "index no object": put(INDEX, b"[1]", instead_of="model.safetensors"),
    "index no text": put(INDEX, b"\xff\xfe\x00", instead_of="model.safetensors"),
    "a part missing": put(
        "model.safetensors.index.json", PARTS % b"model-2.safetensors", instead_of="model.safetensors"
    ),
    "index with a list": put(INDEX, b'{"weight_map": [1]}', instead_of="model.safetensors"),
    "all parts elsewhere": in_the_folder_above,
    "another kind of model": set_config(model_type="roberta"),
    "relative positions": set_config(position_embedding_type="relative_key"),
    "a decoder": set_config(is_decoder=True),
    "unknown activation": set_config(hidden_act="swish\x1b[31m"),
    "activation no text": set_config(hidden_act=["gelu"]),
    "size no number": set_config(hidden_size="24"),
    "size a fraction": set_config(hidden_size=24.5),
    "size negative": set_config(intermediate_size=-1),
    "no heads": set_config(num_attention_heads=0),
    "heads do not divide": set_config(num_attention_heads=5),
    "epsilon not a number": set_config(layer_norm_eps="small"),
    "another vocabulary": set_config(vocab_size=VOCABULARY + 1),
    "more layers than weights": set_config(num_hidden_layers=3),
    "fewer layers than weights": set_config(num_hidden_layers=1),
    "more than memory holds": set_config(vocab_size=10**13),
    "a parameter missing": without("layer.1.output.dense.bias"),
    "no embeddings": without("word_embeddings"),
    "a parameter too many": extra_parameter,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_or_foreign_is_refused_in_one_line(damage: str, tmp_path: Path) -> None:
    directory = tmp_path / "model"
    random_reference().save_pretrained(directory)
    DAMAGES[damage](directory)
    with pytest.raises(RequestError) as caught:
        load_pretrained(directory)
    message = str(caught.value)
    assert message.isprintable()  # one line, no escapes
    assert str(directory) in message
    assert len(message) < 500
