"""What both sides learn from: the same updates, the same weights, the same shape."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.pretraining.batches import Batch
from babybert_tui.randomness import generator
from babybert_tui.settings import Settings
from babybert_tui.training.preparation import Prepared, training_data

_NEVER = 2**62


@dataclass(frozen=True)
class Workload:
    """A corpus ready for training, and a model to train on it.

    Args:
        settings: How batches are made, and the model's shape.
        prepared: The corpus.
    """

    settings: Settings
    prepared: Prepared

    @property
    def shape(self) -> BertConfig:
        """The model's shape; it has `vocab_size` rows also where the corpus gives fewer pieces.

        The others are never seen but in the softmax. So the work is the same on every corpus, and figures compare.
        """
        settings = self.settings
        return BertConfig(
            vocab_size=max(settings.vocab_size, len(self.prepared.vocabulary)),
            hidden_size=settings.hidden_size,
            num_hidden_layers=settings.num_layers,
            num_attention_heads=settings.num_heads,
            intermediate_size=settings.feed_forward_size,
            max_position_embeddings=settings.max_length,
            hidden_dropout_prob=settings.dropout,
            attention_probs_dropout_prob=settings.dropout,
        )

    @property
    def pad_id(self) -> int:
        """The id of [PAD]."""
        return self.prepared.vocabulary.special.pad

    def model(self) -> BabyBert:
        """A model with the initial weights, the same at every call."""
        model, random = BabyBert(self.shape), generator(self.settings.seed, "weights")
        model.initialise(lambda shape: torch.from_numpy(random.standard_normal(shape, dtype="float32")))
        return model

    def updates(self, first: int = 1) -> Iterator[list[Batch]]:
        """The updates from `first` on, without end, made when they are asked for as a training session asks."""
        return training_data(replace(self.settings, gradient_accumulation=1), self.prepared).updates(first, _NEVER)
