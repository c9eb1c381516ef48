"""The model that settings describe, with the weights that it begins with."""

import torch

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.randomness import generator
from babybert_tui.settings import Settings


def shape_of(settings: Settings, vocabulary_size: int) -> BertConfig:
    """The shape of a model for so many pieces."""
    return BertConfig(
        vocab_size=vocabulary_size,
        hidden_size=settings.hidden_size,
        num_hidden_layers=settings.num_layers,
        num_attention_heads=settings.num_heads,
        intermediate_size=settings.feed_forward_size,
        max_position_embeddings=settings.max_length,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=settings.dropout,
    )


def random_model(shape: BertConfig, seed: int) -> BabyBert:
    """A model with random weights, the same for the same shape and seed."""
    model, random = BabyBert(shape), generator(seed, "weights")
    model.initialise(lambda size: torch.from_numpy(random.standard_normal(size, dtype="float32")))
    return model
