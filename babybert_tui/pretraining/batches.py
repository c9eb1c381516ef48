"""Batches: from examples to the tensors of one update, through `torch.utils.data`.

The update with number `step` (from 1) is a function of (seed, settings, step): the examples of all epochs form one
endless stream, of which it takes the next `batch_size · gradient_accumulation`, and corrupts them with masks drawn for
that step. So it does not matter who asks for it, in which process, or what was asked before.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from babybert_tui.pretraining.masking import NOT_SELECTED, Masking, MaskingVocabulary, corrupt
from babybert_tui.pretraining.pairs import (
    SENTENCES_A_SHARD,
    Examples,
    PairSettings,
    draw_examples,
    shard_count,
    shard_documents,
)
from babybert_tui.randomness import generator
from babybert_tui.tokenization import TokenizedDocuments

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class SpecialIds:
    """Ids of the special tokens in the vocabulary at hand."""

    pad: int
    cls: int
    sep: int


@dataclass(frozen=True)
class Layout:
    """Rows laid out as [CLS] A [SEP] B [SEP], or [CLS] A [SEP], uncorrupted."""

    ids: Ints  # (B, T)
    segments: Ints  # (B, T), 0 up to the first [SEP], 1 after it, 0 at padding
    real: Bools  # (B, T), False at padding
    maskable: Bools  # (B, T), False at special tokens and padding


@dataclass(frozen=True)
class Batch:
    """What one forward and backward pass takes. N is the number of selected tokens in the batch."""

    input_ids: Tensor  # (B, T) int64, corrupted
    segment_ids: Tensor  # (B, T) int64
    attention_mask: Tensor | None  # (B, T) bool; None where no row is padded
    positions: Tensor  # (B, Q) int64: [CLS] first, then the selected ones, then 0 as filling
    selected: Tensor  # (N,) int64, indices into the flattened positions
    targets: Tensor  # (N,) int64, the original ids of the selected tokens
    labels: Tensor  # (B,) int64, 0 where B follows A
    fates: NDArray[np.uint8]  # (B, T), see masking
    original_ids: Ints  # (B, T)
    tokens: int  # real tokens, special ones included

    def to(self, device: torch.device) -> "Batch":
        """The same batch with its tensors on `device`."""
        moved = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return Batch(**{**vars(self), **moved})


def lay_out(corpus_ids: NDArray[np.unsignedinteger], examples: Examples, special: SpecialIds) -> Layout:
    """Gathers the tokens of B examples; T is the longest row's length."""
    a_length = (examples.a_end - examples.a_start)[:, None]
    b_length = (examples.b_end - examples.b_start)[:, None]
    has_b = b_length > 0
    middle = 1 + a_length  # the first [SEP]
    end = np.where(has_b, middle + 1 + b_length, middle)  # the last [SEP]
    column = np.arange(int(end.max()) + 1)[None, :]
    in_a = (column >= 1) & (column < middle)
    in_b = (column > middle) & (column < end)
    source = np.where(in_a, examples.a_start[:, None] + column - 1, examples.b_start[:, None] + column - middle - 1)
    ids = corpus_ids[np.where(in_a | in_b, source, 0)].astype(np.int64)
    ids = np.where(in_a | in_b, ids, special.sep)
    ids[:, 0] = special.cls
    real = column <= end
    ids[~real] = special.pad
    return Layout(ids, ((column > middle) & real).astype(np.int64), real, in_a | in_b)


def make_batch(
    layout: Layout, labels: Ints, masking: Masking, vocabulary: MaskingVocabulary, random: np.random.Generator
) -> Batch:
    """Corrupts a layout and turns it into tensors."""
    corruption = corrupt(layout.ids, layout.real, layout.maskable, masking, vocabulary, random)
    selected = corruption.selected
    counts = selected.sum(axis=1)
    order = np.argsort(~selected, axis=1, kind="stable")[:, : int(counts.max(initial=0))]  # selected columns first
    is_target = np.arange(order.shape[1]) < counts[:, None]  # (B, Q - 1)
    positions = np.zeros((len(order), order.shape[1] + 1), dtype=np.int64)
    positions[:, 1:] = np.where(is_target, order, 0)
    targets = np.take_along_axis(layout.ids, order, axis=1)[is_target]
    with_cls = np.pad(is_target, ((0, 0), (1, 0)))
    return Batch(
        input_ids=torch.from_numpy(corruption.input_ids),
        segment_ids=torch.from_numpy(layout.segments),
        attention_mask=None if layout.real.all() else torch.from_numpy(layout.real),
        positions=torch.from_numpy(positions),
        selected=torch.from_numpy(np.flatnonzero(with_cls)),
        targets=torch.from_numpy(targets),
        labels=torch.from_numpy(labels),
        fates=corruption.fates,
        original_ids=layout.ids,
        tokens=int(layout.real.sum()),
    )


@dataclass(frozen=True)
class StreamPosition:
    """Where a part of an epoch begins in the endless stream of examples: saved, so that resuming need not count."""

    epoch: int = 0
    examples_before: int = 0
    shard: int = 0  # of the epoch; corpora of ordinary size have one


BEGINNING = StreamPosition()


class Updates(Dataset[list[Batch]]):
    """Updates by number: `data[step]` is the list of micro-batches of update `step`."""

    corpus: TokenizedDocuments

    def __getitem__(self, step: int) -> list[Batch]:
        raise NotImplementedError

    def position_at(self, step: int) -> StreamPosition:
        """The start of the part of an epoch in which update `step` begins."""
        raise NotImplementedError

    def corrupt_as(self, masking: Callable[[int], Masking]) -> None:
        """Masks later updates so."""
        raise NotImplementedError

    def updates(self, first: int, last: int) -> Iterator[list[Batch]]:
        """Updates `first` to `last` (inclusive), served by a `DataLoader`, each drawn when it is asked for."""
        own = torch.Generator()  # iterating a DataLoader would otherwise advance torch's global generator
        return iter(DataLoader(self, batch_size=None, sampler=range(first, last + 1), generator=own))


class PretrainingData(Updates):
    """All updates alike.

    Args:
        corpus: The tokenized documents.
        pairs: How examples are made.
        masking: How the update with a given number is corrupted; may change from step to step while training.
        vocabulary: For masking.
        special: For the layout.
        batch_size: Rows in a micro-batch.
        accumulation: Micro-batches in an update.
        seed: Of all randomness.
        position: A known start of a part of an epoch, not after the first step asked for.
        after: The update that its first one comes after; its stream of examples begins there.
        shard_sentences: About how many sentences are drawn at once: it bounds the memory, whatever the corpus is.
    """

    def __init__(
        self,
        corpus: TokenizedDocuments,
        pairs: PairSettings,
        masking: Callable[[int], Masking],
        vocabulary: MaskingVocabulary,
        special: SpecialIds,
        *,
        batch_size: int,
        accumulation: int = 1,
        seed: int = 0,
        position: StreamPosition = BEGINNING,
        after: int = 0,
        shard_sentences: int = SENTENCES_A_SHARD,
    ) -> None:
        self.corpus = corpus
        self.pairs = pairs
        self.masking = masking
        self.vocabulary = vocabulary
        self.special = special
        self.batch_size = batch_size
        self.accumulation = accumulation
        self.seed = seed
        self._after_step = after
        self._given = self._start = position
        self._shards = shard_count(corpus, shard_sentences)
        self._drawn: dict[tuple[int, int], tuple[StreamPosition, Examples]] = {}

    def __getitem__(self, step: int) -> list[Batch]:
        random = generator(self.seed, "masks", step)
        size = self.batch_size * self.accumulation
        first_example = self._examples_before(step)
        examples = self.examples(first_example, first_example + size)
        batches = []
        for first in range(0, size, self.batch_size):
            part = examples.take(np.arange(first, first + self.batch_size))
            layout = lay_out(self.corpus.ids, part, self.special)
            batches.append(make_batch(layout, part.label, self.masking(step), self.vocabulary, random))
        return batches

    def corrupt_as(self, masking: Callable[[int], Masking]) -> None:
        """Masks later updates so."""
        self.masking = masking

    def examples(self, first: int, end: int) -> Examples:
        """Examples number `first` (from 0) to `end` (exclusive) of the endless stream."""
        parts = []
        while first < end:
            position, drawn = self._part_at(first)
            begin = first - position.examples_before
            taken = np.arange(begin, min(begin + end - first, len(drawn)))
            parts.append(drawn.take(taken))
            first += len(taken)
        return Examples.concatenate(parts)

    def position_at(self, step: int) -> StreamPosition:
        """The start of the part of an epoch in which update `step` begins."""
        return self._part_at(self._examples_before(step))[0]

    def _examples_before(self, step: int) -> int:
        return (step - 1 - self._after_step) * self.batch_size * self.accumulation

    def _part_at(self, example: int) -> tuple[StreamPosition, Examples]:
        # What was left behind is read again from the first known place.
        position = self._start if example >= self._start.examples_before else self._given
        assert example >= position.examples_before, "before the position that was given"
        while True:
            key = position.epoch, position.shard
            if key not in self._drawn:
                self._drawn[key] = position, self._draw_part(*key)
            position, drawn = self._drawn[key]
            after = self._after(position, drawn)
            if example < after.examples_before:
                return position, drawn
            # An update never looks back past the part before the one it ends in.
            self._drawn = {known: part for known, part in self._drawn.items() if known >= key}
            self._start = position
            position = after

    def _after(self, position: StreamPosition, drawn: Examples) -> StreamPosition:
        epoch, shard = divmod(position.epoch * self._shards + position.shard + 1, self._shards)
        return StreamPosition(epoch, position.examples_before + len(drawn), shard)

    def _draw_part(self, epoch: int, shard: int = 0) -> Examples:
        documents = shard_documents(self.corpus, shard, self._shards, generator(self.seed, "shards", epoch))
        counters = (epoch,) if documents is None else (epoch, shard)
        return draw_examples(self.corpus, self.pairs, generator(self.seed, "pairs", *counters), documents)


class LengtheningData(Updates):
    """Short rows first: the updates of one kind up to a step, and those of another after it.

    Devlin et al. 2018, appendix A.2, train nine tenths of the updates on rows a quarter as long as the last ones.

    Args:
        short: The updates up to and including `until`.
        long: Those after it.
        until: A step.
    """

    def __init__(self, short: PretrainingData, long: PretrainingData, until: int) -> None:
        self._short, self._long, self._until = short, long, until
        self.corpus = long.corpus

    def __getitem__(self, step: int) -> list[Batch]:
        return self._at(step)[step]

    def position_at(self, step: int) -> StreamPosition:
        """The start of a part of an epoch, in the stream that update `step` takes from."""
        return self._at(step).position_at(step)

    def corrupt_as(self, masking: Callable[[int], Masking]) -> None:
        """Masks later updates so."""
        self._short.corrupt_as(masking)
        self._long.corrupt_as(masking)

    def _at(self, step: int) -> PretrainingData:
        return self._short if step <= self._until else self._long


def selected_count(batches: list[Batch]) -> int:
    """Selected tokens of an update: what its MLM loss is divided by."""
    return sum(int((batch.fates != NOT_SELECTED).sum()) for batch in batches)
