"""The model that settings describe, with the weights that it begins with."""

from collections.abc import Callable

import torch
from torch import Tensor

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.randomness import generator
from babybert_tui.settings import Settings
from babybert_tui.training.mimetic import make_mimetic
from babybert_tui.training.preparation import Prepared


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
    """A model with the paper's random weights, the same for the same shape and seed."""
    model = BabyBert(shape)
    model.initialise(_normal(seed, "weights"))
    return model


def mimetic_model(shape: BertConfig, seed: int, prepared: Prepared, *, compares: bool) -> BabyBert:
    """A model that begins as `make_mimetic` says, the same for the same shape, seed and corpus."""
    model, vocabulary = random_model(shape, seed), prepared.vocabulary
    counts = prepared.training.counts(shape.vocab_size)
    make_mimetic(
        model,
        counts / counts.sum(),
        vocabulary.special.sep,
        vocabulary.masking.mask_id,
        compares=compares,
        normal=_normal(seed, "mimetic weights"),
    )
    return model


def _normal(seed: int, purpose: str) -> Callable[[tuple[int, ...]], Tensor]:
    random = generator(seed, purpose)
    return lambda size: torch.from_numpy(random.standard_normal(size, dtype="float32"))
