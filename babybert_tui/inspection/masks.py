"""Hiding tokens from the model: where the user says, or as in training (Devlin et al. 2018, section 3.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from babybert_tui.errors import RequestError
from babybert_tui.inspection.layout import Layout
from babybert_tui.inspection.predictions import token_name
from babybert_tui.inspection.trace import NOT_A_TARGET, MaskedToken
from babybert_tui.pretraining.masking import FATE_NAMES, MASKED, NOT_SELECTED, Masking, MaskingVocabulary, corrupt
from babybert_tui.randomness import generator
from babybert_tui.tokenization import continuation_flags, vocabulary_of

if TYPE_CHECKING:
    from transformers import BertTokenizer

Masks = Sequence[int] | Literal["auto"] | None

_RESERVED = re.compile(r"\[unused\d+\]|")  # BERT's placeholders, and ids that stand for nothing


@dataclass(frozen=True)
class MaskedInput:
    """What the model is given, and what it has to say."""

    ids: NDArray[np.int64]  # (n,)
    tokens: tuple[str, ...]  # n
    masked: tuple[MaskedToken, ...]  # in the order of their positions
    labels: NDArray[np.int64]  # (n,), the original's id where it is known and was selected, else NOT_A_TARGET


def mask_tokens(layout: Layout, masks: Masks, tokenizer: "BertTokenizer", *, seed: int = 0) -> MaskedInput:
    """Applies `masks` to a layout. `[MASK]`s that the user typed are masked tokens too, of unknown original.

    Args:
        layout: The input.
        masks: Positions as displayed, `[CLS]` being 0; "auto" for 15 % of the tokens, as in training; or None.
        tokenizer: For the vocabulary.
        seed: Of the draw, for "auto".

    Raises:
        RequestError: A position is out of range or holds a special token.
    """
    typed = layout.ids == tokenizer.mask_token_id
    if masks == "auto":
        ids, fates = _corrupt_as_in_training(layout, typed, tokenizer, seed)
    else:
        ids, fates = _mask_positions(layout, masks or (), tokenizer)
    fates[typed] = MASKED
    tokens = list(layout.tokens)
    selected = np.flatnonzero(fates != NOT_SELECTED)
    for position in selected:
        tokens[position] = token_name(tokenizer, int(ids[position]))
    masked = tuple(
        MaskedToken(
            position=int(position),
            original=None if typed[position] else layout.tokens[position],
            shown=tokens[position],
            fate=FATE_NAMES[int(fates[position])],
        )
        for position in selected
    )
    labels = np.where((fates != NOT_SELECTED) & ~typed, layout.ids, NOT_A_TARGET)
    return MaskedInput(ids, tuple(tokens), masked, labels)


def _mask_positions(
    layout: Layout, positions: Sequence[int], tokenizer: "BertTokenizer"
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    ids = layout.ids.copy()
    fates = np.full(len(ids), NOT_SELECTED, dtype=np.uint8)
    last = len(ids) - 1
    for position in positions:
        if not 0 <= position <= last:
            cut = "The text was cut to what this model takes." if layout.truncated else ""
            raise RequestError(f"There is no position {position} to mask: the positions are 0 to {last}.", cut)
        if layout.special[position]:
            raise RequestError(f"Position {position} is {layout.tokens[position]}: special tokens are never masked.")
        ids[position] = tokenizer.mask_token_id
        fates[position] = MASKED
    return ids, fates


def _corrupt_as_in_training(
    layout: Layout, typed: NDArray[np.bool_], tokenizer: "BertTokenizer", seed: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    corruption = corrupt(
        layout.ids[None],
        np.ones((1, len(layout.ids)), dtype=np.bool_),
        ~(layout.special | typed)[None],
        Masking(),
        _masking_vocabulary(tokenizer),
        generator(seed, "inspect"),
    )
    return corruption.input_ids[0], corruption.fates[0]


def _masking_vocabulary(tokenizer: "BertTokenizer") -> MaskingVocabulary:
    vocabulary = vocabulary_of(tokenizer)
    special = set(tokenizer.all_special_ids)
    ordinary = [i for i, token in enumerate(vocabulary) if i not in special and not _RESERVED.fullmatch(token)]
    return MaskingVocabulary(
        mask_id=int(tokenizer.mask_token_id),
        ordinary=np.array(ordinary, dtype=np.int64),
        continuation=continuation_flags(tokenizer),
    )
