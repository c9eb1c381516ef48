"""A few inputs exactly as training makes them: laid out, padded to nothing, and masked."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from babybert_tui.inspection.trace import MaskedToken, Trace
from babybert_tui.pretraining.batches import Batch
from babybert_tui.pretraining.masking import FATE_NAMES, NOT_SELECTED
from babybert_tui.pretraining.pairs import FOLLOWS
from babybert_tui.settings import Settings
from babybert_tui.training.preparation import Prepared, Vocabulary, evenly_masked, training_data

_ROWS_DRAWN = 32


@dataclass(frozen=True)
class SamplePair:
    """One input, and whether its B follows its A; None where there is no B."""

    trace: Trace  # of its tokens and masks only: no model has seen it
    is_next: bool | None

    def as_json(self) -> dict[str, Any]:
        """The pair as it stands in the JSON object of `corpus`."""
        return {
            "tokens": list(self.trace.tokens),
            "segments": self.trace.segments.tolist(),
            "is_next": self.is_next,
            "masked": [vars(one) for one in self.trace.masked],
        }


def draw_sample_pairs(prepared: Prepared, settings: Settings, most: int) -> list[SamplePair]:
    """Inputs from the beginning of training; where there are pairs, both kinds are among them if they can be."""
    batch = training_data(evenly_masked(settings), prepared, batch_size=_ROWS_DRAWN)[1][0]
    has_pairs = settings.sentence_objective != "none"
    rows = _both_kinds(batch.labels.tolist(), most) if has_pairs else range(min(most, _ROWS_DRAWN))
    return [_pair(batch, row, prepared.vocabulary, has_pairs=has_pairs) for row in rows]


def _both_kinds(labels: list[int], most: int) -> list[int]:
    """The first rows, the last of them exchanged where all are of one kind."""
    rows = list(range(min(most, len(labels))))
    missing = {0, 1} - {labels[row] for row in rows}
    others = [row for row in range(len(rows), len(labels)) if labels[row] in missing]
    return [*rows[:-1], others[0]] if others else rows


def _pair(batch: Batch, row: int, vocabulary: Vocabulary, *, has_pairs: bool) -> SamplePair:
    mask = batch.attention_mask
    length = batch.input_ids.shape[1] if mask is None else int(mask[row].sum())
    ids = batch.input_ids[row, :length].numpy()
    originals, fates = batch.original_ids[row, :length], batch.fates[row, :length]
    pieces, special = vocabulary.pieces, vocabulary.special
    trace = Trace(
        checkpoint="",
        tokens=tuple(pieces[number] for number in ids),
        ids=ids,
        words=(None,) * length,
        segments=batch.segment_ids[row, :length].numpy(),
        special=np.isin(originals, [special.cls, special.sep]),
        masked=tuple(
            MaskedToken(position, pieces[originals[position]], pieces[ids[position]], FATE_NAMES[fates[position]])
            for position in np.flatnonzero(fates != NOT_SELECTED).tolist()
        ),
        unknown=(),
        predictions=None,
        is_next=None,
        attention=None,
        layers=(),
        head_numbers=(),
        heads=None,
        notes=(),
        asked=frozenset({"tokens"}),
    )
    return SamplePair(trace, int(batch.labels[row]) == FOLLOWS if has_pairs else None)
