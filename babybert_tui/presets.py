"""Presets: sets of settings under one name, from one that finishes in under a minute to the recipe of the paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babybert_tui.errors import RequestError
from babybert_tui.settings import unknown_name


@dataclass(frozen=True)
class Preset:
    """A name's worth of settings; what it does not name stays at its default."""

    help: str
    values: Mapping[str, Any]


_REAL_TEXT = {"max_length": 128, "initial_max_length": 64, "weight_decay": 0.1, "max_steps": 8000}

PRESETS: dict[str, Preset] = {
    "baby": Preset("The default: learns the stories in minutes on two cores.", {}),
    "quick": Preset(
        "Under a minute: enough to see the losses fall.",
        {"hidden_size": 64, "num_layers": 2, "num_heads": 2, "max_steps": 300},
    ),
    "text": Preset(
        "For real text, a quarter of an hour or more: rows of 128 tokens, and of 64 in the first 70 %; heads that look "
        "at neighbours or compare A with B from the first update.",
        {
            **_REAL_TEXT,
            "num_layers": 2,
            "initial_weights": "mimetic",
            "sentence_weight": 3.0,
            "learning_rate": 1.5e-3,
        },
    ),
    "words": Preset(
        "For words of real text: as text, but four layers from the paper's weights, at twice the rate; pairs are "
        "learned less.",
        {**_REAL_TEXT, "num_layers": 4},
    ),
    "course": Preset(
        "The size of the course lab's model, trained the way the paper says.",
        {
            "hidden_size": 128,
            "num_layers": 2,
            "num_heads": 2,
            "max_length": 128,
            "dropout": 0.1,
            "initial_mask_probability": 0.15,
            "optimizer": "adamw",
            "learning_rate": 1e-3,
            "max_steps": 2000,
        },
    ),
    "bert": Preset(
        "BERT-base as in Devlin et al. 2018, appendix A.2: days on a GPU; name smaller sizes beside it.",
        {
            "vocab_size": 30522,
            "hidden_size": 768,
            "num_layers": 12,
            "num_heads": 12,
            "max_length": 512,
            "dropout": 0.1,
            "initial_mask_probability": 0.15,
            "batch_size": 256,
            "optimizer": "adamw",
            "learning_rate": 1e-4,
            "warmup_steps": 10_000,
            "weight_decay": 0.01,
            "max_steps": 1_000_000,
        },
    ),
}
DEFAULT_PRESET = "baby"


def preset_values(name: str) -> dict[str, Any]:
    """The settings that a preset stands for. Raises RequestError where there is no such preset."""
    if name not in PRESETS:
        sentence = unknown_name(name, "preset", PRESETS).replace("setting", "preset")
        raise RequestError(sentence, f"Presets: {', '.join(PRESETS)}.")
    return dict(PRESETS[name].values)
