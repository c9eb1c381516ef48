"""What both sides learn from: the same updates, the same weights, the same shape."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.pretraining.batches import Batch
from babybert_tui.settings import Settings
from babybert_tui.training.preparation import Prepared, training_data
from babybert_tui.training.shape import random_model, shape_of

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
        return shape_of(self.settings, max(self.settings.vocab_size, len(self.prepared.vocabulary)))

    @property
    def pad_id(self) -> int:
        """The id of [PAD]."""
        return self.prepared.vocabulary.special.pad

    def model(self) -> BabyBert:
        """A model with the paper's initial weights, the same at every call."""
        return random_model(self.shape, self.settings.seed)

    def updates(self, first: int = 1) -> Iterator[list[Batch]]:
        """The updates from `first` on, without end, made when they are asked for as a training session asks."""
        return training_data(replace(self.settings, gradient_accumulation=1), self.prepared).updates(first, _NEVER)
