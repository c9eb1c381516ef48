"""How good the model is on documents that it has not been trained on, and what guessing and counting reach there.

The corruption is always the same, so that runs compare whatever they trained with: 15 % of tokens, 80/10/10. Between
vocabularies only nats per word compare: 15 % of whole words, all their pieces masked.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from babybert_tui.bert import BabyBert, BertOutput
from babybert_tui.pretraining.batches import Batch, SpecialIds, lay_out, make_batch
from babybert_tui.pretraining.masking import (
    EVALUATION_MASKING,
    WHOLE_WORD_EVALUATION_MASKING,
    Masking,
    MaskingVocabulary,
)
from babybert_tui.pretraining.pairs import PairSettings, draw_some
from babybert_tui.pretraining.rivals import fit_rivals
from babybert_tui.randomness import generator
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.events import Baselines
from babybert_tui.training.losses import summed_cross_entropy

MOST_EXAMPLES = 1024
_FEWEST_EXAMPLES = 256  # where the text gives so many
_BATCH_TOKENS = 4096
_SEED = 0  # of the evaluation's own pairs and masks, whatever the run's seed is


@dataclass(frozen=True)
class Figures:
    """Losses in nats, accuracies as fractions; None where there is nothing to judge."""

    mlm_loss: float
    mlm_accuracy: float
    mlm_nats_per_word: float
    nsp_loss: float | None
    nsp_accuracy: float | None


class Evaluation:
    """A fixed set of corrupted pairs from held-out documents.

    Args:
        documents: The held-out documents.
        pairs: Length and objective; the share of short examples is that of training.
        vocabulary: For masking.
        special: For the layout.
        most_examples: Upper bound on the number of pairs.
    """

    def __init__(
        self,
        documents: TokenizedDocuments,
        pairs: PairSettings,
        vocabulary: MaskingVocabulary,
        special: SpecialIds,
        *,
        most_examples: int = MOST_EXAMPLES,
    ) -> None:
        random, choosing = generator(_SEED, "evaluation pairs"), generator(_SEED, "evaluation documents")
        examples = draw_some(documents, pairs, random, choosing, min(most_examples, _FEWEST_EXAMPLES))
        self.examples = examples.take(np.arange(min(len(examples), most_examples)))
        self.has_pairs = pairs.objective != "none"
        self._pairs = pairs
        self._documents = documents
        self._vocabulary = vocabulary
        self._special = special
        self._rows = max(1, _BATCH_TOKENS // pairs.max_length)
        self.batches = list(self._corrupted(EVALUATION_MASKING, "evaluation masks"))
        self.whole_word_batches = list(self._corrupted(WHOLE_WORD_EVALUATION_MASKING, "evaluation whole-word masks"))

    @property
    def masked_tokens(self) -> int:
        """How many targets the MLM figures are means over."""
        return sum(len(batch.targets) for batch in self.batches)

    def _corrupted(self, masking: Masking, stream: str) -> Iterator[Batch]:
        random = generator(_SEED, stream)
        for first in range(0, len(self.examples), self._rows):
            part = self.examples.take(np.arange(first, min(first + self._rows, len(self.examples))))
            layout = lay_out(self._documents.ids, part, self._special)
            yield make_batch(layout, part.label, masking, self._vocabulary, random)

    def baselines(self, training: TokenizedDocuments, vocabulary_size: int, *, is_held_out: bool = True) -> Baselines:
        """What guessing and cheap rivals reach on these very inputs and targets.

        Args:
            training: What they have learned from.
            vocabulary_size: Of the tokenizer.
            is_held_out: Whether `training` is other text than the evaluation's; on text that they have counted
                themselves the rivals are not judged.
        """
        counts = training.counts(vocabulary_size)
        log_probability = np.log((counts + 1) / (counts.sum() + vocabulary_size))
        targets, labels = self._targets, self.examples.label
        guesses = Baselines(
            mlm_loss_uniform=math.log(vocabulary_size),
            mlm_loss_unigram=float(-log_probability[targets].mean()),
            mlm_accuracy_unigram=float((targets == counts.argmax()).mean()),
            nsp_accuracy_majority=float(max(labels.mean(), 1 - labels.mean())) if self.has_pairs else None,
        )
        return self._with_rivals(guesses, training) if is_held_out else guesses

    def _with_rivals(self, guesses: Baselines, training: TokenizedDocuments) -> Baselines:
        rivals = fit_rivals(training, self._pairs, self._vocabulary, self._special)
        words = np.concatenate([rivals.words.predict(batch) for batch in self.batches])
        known = replace(guesses, mlm_accuracy_count=float((words == self._targets).mean()))
        if rivals.pairs is None:
            return known
        labels = np.concatenate([rivals.pairs.predict(batch) for batch in self.batches])
        return replace(known, nsp_accuracy_overlap=float((labels == self.examples.label).mean()))

    @property
    def _targets(self) -> NDArray[np.int64]:
        return np.concatenate([batch.targets.numpy() for batch in self.batches])

    def words(self) -> int:
        """Masked words in the whole-word evaluation: targets that do not continue the word before them."""
        return sum(int(self._word_starts(batch).sum()) for batch in self.whole_word_batches)

    def _word_starts(self, batch: Batch) -> NDArray[np.bool_]:
        starts = ~self._vocabulary.continuation[batch.targets.numpy()]
        # A word cut off at the front by truncation begins with a continuation piece: its first piece counts as start.
        columns = batch.positions.numpy()[:, 1:]
        filled = np.isin(np.arange(batch.positions.numel()), batch.selected.numpy()).reshape(batch.positions.shape)[
            :, 1:
        ]
        previous = np.pad(columns, ((0, 0), (1, 0)), constant_values=-2)[:, :-1]
        apart = (columns != previous + 1)[filled]
        return np.asarray(starts | apart)

    @torch.no_grad()
    def run(
        self,
        model: BabyBert,
        device: torch.device,
        *,
        judge_pairs: bool = True,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> Figures:
        """The model's figures; it is evaluated without dropout. `progress` is told the share done, from 0 on."""
        batches = len(self.batches) + len(self.whole_word_batches)
        mlm_loss = nsp_loss = 0.0
        mlm_right = nsp_right = 0
        for number, batch in enumerate(self.batches):
            progress(number / batches)
            output = _forward(model, batch.to(device))
            if output.mlm_logits is not None:
                loss, right = summed_cross_entropy(output.mlm_logits, batch.targets.to(device))
                mlm_loss, mlm_right = mlm_loss + float(loss), mlm_right + int(right)
            if output.nsp_logits is not None:
                loss, right = summed_cross_entropy(output.nsp_logits, batch.labels.to(device))
                nsp_loss, nsp_right = nsp_loss + float(loss), nsp_right + int(right)
        word_loss = 0.0
        for number, batch in enumerate(self.whole_word_batches, start=len(self.batches)):
            progress(number / batches)
            output = _forward(model, batch.to(device))
            if output.mlm_logits is not None:
                targets = batch.targets.to(device)
                word_loss += float(functional.cross_entropy(output.mlm_logits.float(), targets, reduction="sum"))
        tokens, pairs = self.masked_tokens, len(self.examples)
        with_pairs = self.has_pairs and judge_pairs and model.nsp_head is not None
        return Figures(
            mlm_loss=mlm_loss / tokens,
            mlm_accuracy=mlm_right / tokens,
            mlm_nats_per_word=word_loss / self.words(),
            nsp_loss=nsp_loss / pairs if with_pairs else None,
            nsp_accuracy=nsp_right / pairs if with_pairs else None,
        )


def _forward(model: BabyBert, batch: Batch) -> BertOutput:
    output: BertOutput = model(
        batch.input_ids,
        batch.segment_ids,
        batch.attention_mask,
        positions=batch.positions,
        selected=batch.selected,
    )
    return output
