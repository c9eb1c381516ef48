"""BabyBERT weights as a Hugging Face model directory: `config.json` and `model.safetensors`, in and out.

A checkpoint of ours opens in `transformers` as it is, and any BERT saved by `transformers` opens here: with both heads
(`BertForPreTraining`), the masked-LM head alone (`BertForMaskedLM`) or none (`BertModel`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from babybert_tui.bert import ACTIVATIONS, BabyBert, BertConfig
from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

# Our names, the paper's terms, and theirs. Longest first, so that no name is taken for the beginning of another.
_NAMES = (
    ("embeddings.word.", "bert.embeddings.word_embeddings."),
    ("embeddings.position.", "bert.embeddings.position_embeddings."),
    ("embeddings.segment.", "bert.embeddings.token_type_embeddings."),
    ("embeddings.norm.", "bert.embeddings.LayerNorm."),
    ("nsp_head.pooler.", "bert.pooler.dense."),
    ("nsp_head.classifier.", "cls.seq_relationship."),
    ("mlm_head.transform.", "cls.predictions.transform.dense."),
    ("mlm_head.norm.", "cls.predictions.transform.LayerNorm."),
    ("mlm_head.bias", "cls.predictions.bias"),
)
_LAYER_NAMES = (
    ("attention.query.", "attention.self.query."),
    ("attention.key.", "attention.self.key."),
    ("attention.value.", "attention.self.value."),
    ("attention.output.", "attention.output.dense."),
    ("attention_norm.", "attention.output.LayerNorm."),
    ("expand.", "intermediate.dense."),
    ("contract.", "output.dense."),
    ("output_norm.", "output.LayerNorm."),
)
# Tied to the word embeddings, or constants: nothing of its own to load.
_DERIVED = re.compile(r"^(cls\.predictions\.decoder\.(weight|bias)|bert\.embeddings\.position_ids)$")
_ENCODER_KEY = re.compile(r"^(embeddings|encoder|pooler)\.")


@dataclass(frozen=True)
class Pretrained:
    """A model read from a directory, and its `config.json` as it stands there."""

    model: BabyBert
    config: dict[str, Any]


def to_hugging_face(name: str) -> str:
    """The name in `BertForPreTraining` of our parameter `name`."""
    layer = re.match(r"layers\.(\d+)\.(.*)", name)
    if layer:
        return f"bert.encoder.layer.{layer[1]}." + _replace_prefix(layer[2], _LAYER_NAMES)
    return _replace_prefix(name, _NAMES)


def from_hugging_face(name: str) -> str:
    """Our name of their parameter `name`; KeyError where BabyBERT has no such parameter."""
    layer = re.match(r"bert\.encoder\.layer\.(\d+)\.(.*)", name)
    if layer:
        return f"layers.{layer[1]}." + _replace_prefix(layer[2], [(theirs, ours) for ours, theirs in _LAYER_NAMES])
    return _replace_prefix(name, [(theirs, ours) for ours, theirs in _NAMES])


def _replace_prefix(name: str, pairs: Any) -> str:
    for old, new in pairs:
        if name.startswith(old):
            return str(new + name[len(old) :])
    raise KeyError(name)


def hugging_face_state(model: BabyBert) -> dict[str, Tensor]:
    """The model's parameters under their Hugging Face names, in fp32, detached."""
    return {to_hugging_face(name): value.detach().float().contiguous() for name, value in model.state_dict().items()}


def hugging_face_config(config: BertConfig, *, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of `config.json`; `extra` keys are carried along, and ignored by `transformers`."""
    return {
        "architectures": ["BertForPreTraining"],
        "model_type": "bert",
        "dtype": "float32",
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        "tie_word_embeddings": True,
        "use_cache": False,
        **asdict(config),
        **(extra or {}),
    }


def load_pretrained(directory: Path) -> Pretrained:
    """Reads a BERT from a Hugging Face model directory, ours or anyone's, without asking the network.

    Raises:
        RequestError: There is no such directory, it holds no BERT, or its files do not fit together.
    """
    config = read_config(directory)
    shape = bert_config(config, directory)
    state = _read_state(directory)
    if not any(name.startswith("bert.") for name in state):  # BertModel saves its keys without the prefix
        state = {f"bert.{name}" if _ENCODER_KEY.match(name) else name: value for name, value in state.items()}
    if "cls.predictions.bias" not in state and "cls.predictions.decoder.bias" in state:
        state["cls.predictions.bias"] = state["cls.predictions.decoder.bias"]
    _require_tied(state, directory)
    ours = _rename(state, directory)
    with torch.device("meta"):  # no memory is asked for until the shapes are known to fit
        model = BabyBert(
            shape,
            with_mlm_head="mlm_head.transform.weight" in ours,
            with_nsp_head="nsp_head.classifier.weight" in ours,
        )
    if model.nsp_head is None:  # a pooler without the classifier above it has nothing to say
        ours = {name: value for name, value in ours.items() if not name.startswith("nsp_head.")}
    _fill(model, ours, directory)
    return Pretrained(model.eval(), config)


def read_config(directory: Path) -> dict[str, Any]:
    """The parsed `config.json` of a model directory. Raises RequestError where there is none."""
    shown = sanitise(str(directory))
    try:
        config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(f"{shown} is no model directory: it has no config.json.") from None
    except (OSError, ValueError) as error:
        raise RequestError(f"{shown}/config.json cannot be read: {sanitise(str(error))}.") from None
    if not isinstance(config, dict) or config.get("model_type") != "bert":
        kind = sanitise(str(config.get("model_type") if isinstance(config, dict) else type(config).__name__))
        raise RequestError(f"{shown} holds no BERT: its config.json says model_type {kind}.")
    return config


def bert_config(config: Mapping[str, Any], directory: Path) -> BertConfig:
    """The shape that a `config.json` describes. Raises RequestError where BabyBERT cannot be that."""
    shown = sanitise(str(directory))
    defaults = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
    defaults |= {"vocab_size": 30522, "max_position_embeddings": 512}
    known = {one.name: config.get(one.name, defaults.get(one.name, one.default)) for one in fields(BertConfig)}
    if str(known["hidden_act"]) not in ACTIVATIONS:
        raise RequestError(
            f"{shown}: hidden_act {sanitise(str(known['hidden_act']))} is not one of {', '.join(ACTIVATIONS)}."
        )
    if config.get("position_embedding_type", "absolute") != "absolute" or config.get("is_decoder"):
        raise RequestError(f"{shown}: relative positions and decoders are not BERT as BabyBERT computes it.")
    numbers = {name: value for name, value in known.items() if name != "hidden_act"}
    for name, value in numbers.items():
        is_size = isinstance(getattr(BertConfig, name, 0), int)  # those without a default are sizes too
        wanted = int if is_size else int | float
        if isinstance(value, bool) or not isinstance(value, wanted) or value < is_size:
            raise RequestError(f"{shown}/config.json: {name} is {sanitise(repr(value))}.")
    if known["hidden_size"] % known["num_attention_heads"]:
        raise RequestError(f"{shown}/config.json: hidden_size is not divisible by num_attention_heads.")
    return BertConfig(**known)


def _read_state(directory: Path) -> dict[str, Tensor]:
    shown = sanitise(str(directory))
    path = directory / "model.safetensors"
    try:
        if path.exists():
            return dict(load_file(path))
        path = directory / "model.safetensors.index.json"
        if path.exists():
            return _read_shards(path)
        path = directory / "pytorch_model.bin"
        if path.exists():
            loaded = torch.load(path, map_location="cpu", weights_only=True)
            return {str(name): value for name, value in loaded.items() if isinstance(value, Tensor)}
    except (OSError, EOFError, SafetensorError, RuntimeError, ValueError, AttributeError, UnpicklingError) as error:
        raise RequestError(f"{shown}/{path.name} cannot be read: {sanitise(str(error))[:200]}.") from None
    raise RequestError(f"{shown} is no model directory: it has no model.safetensors.")


def _read_shards(index: Path) -> dict[str, Tensor]:
    """Weights that `transformers` has split over several files, which lie beside their index. Raises as they do."""
    try:
        names = {str(name) for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()}
    except (AttributeError, KeyError, TypeError):
        raise ValueError("it has no weight_map") from None
    state: dict[str, Tensor] = {}
    for name in sorted(names):
        state |= load_file(index.parent / Path(name).name)
    return state


def _require_tied(state: Mapping[str, Tensor], directory: Path) -> None:
    """Refuses an output projection of its own: BERT's is the word embeddings."""
    decoder = state.get("cls.predictions.decoder.weight")
    words = state.get("bert.embeddings.word_embeddings.weight")
    if decoder is not None and words is not None and not torch.equal(decoder, words):
        raise RequestError(
            f"{sanitise(str(directory))}: cls.predictions.decoder.weight is not the word embeddings, as in BERT."
        )


def _rename(state: Mapping[str, Tensor], directory: Path) -> dict[str, Tensor]:
    renamed = {}
    for saved_name, value in state.items():
        # Checkpoints from TensorFlow days call LayerNorm's two vectors gamma and beta.
        name = re.sub(
            r"LayerNorm\.gamma$", "LayerNorm.weight", re.sub(r"LayerNorm\.beta$", "LayerNorm.bias", saved_name)
        )
        if _DERIVED.match(name):
            continue
        try:
            renamed[from_hugging_face(name)] = value.float()
        except KeyError:
            if not name.startswith("bert."):
                continue  # some task's own head: nothing that pre-training or the inspector could use
            raise RequestError(f"{sanitise(str(directory))}: BERT has no parameter {sanitise(name)}.") from None
    return renamed


def _fill(model: BabyBert, state: Mapping[str, Tensor], directory: Path) -> None:
    """Loads `state` into `model`, strictly."""
    expected = model.state_dict()
    missing = sorted(set(expected) - set(state))
    unexpected = sorted(set(state) - set(expected))
    misshapen = [name for name in expected if name in state and expected[name].shape != state[name].shape]
    for names, what in ((missing, "is missing"), (unexpected, "is unexpected"), (misshapen, "has another shape")):
        if names:
            more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
            name = sanitise(to_hugging_face(names[0]))
            raise RequestError(
                f"{sanitise(str(directory))}/model.safetensors: {name} {what}{more}; config.json says otherwise."
            )
    model.to_empty(device="cpu").load_state_dict(dict(state))
