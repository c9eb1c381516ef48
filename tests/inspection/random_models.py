"""A small vocabulary, and small random models with weights large enough that attention is not just even."""

from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig as HuggingFaceConfig
from transformers import BertForPreTraining, BertTokenizer

from babybert_tui.tokenization import SPECIAL_TOKENS, save_tokenizer

PIECES = "anna gave the apple to ben . , ! he ate it in garden un ##believ ##able ##s a b c ##a ##b ##c [unused1]"
WORDS = [*SPECIAL_TOKENS, *PIECES.split()]
MAX_LENGTH = 24


def random_bert(kind: type[Any] = BertForPreTraining, **changes: Any) -> Any:
    """A Hugging Face model; `changes` go to its config."""
    sizes = {
        "vocab_size": len(WORDS),
        "hidden_size": 32,
        "num_hidden_layers": 3,
        "num_attention_heads": 4,
        "intermediate_size": 48,
        "max_position_embeddings": MAX_LENGTH,
        "initializer_range": 0.3,
    }
    torch.manual_seed(7)
    return kind(HuggingFaceConfig(**(sizes | changes), attn_implementation="eager")).eval()


def save_model(model: Any, tokenizer: BertTokenizer, directory: Path) -> Path:
    model.save_pretrained(directory)
    save_tokenizer(tokenizer, directory)
    return directory
