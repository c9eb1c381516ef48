"""From text to what BERT reads: `[CLS] A [SEP]`, or `[CLS] A [SEP] B [SEP]`, with segments and words.

Devlin et al. 2018, section 3 and figure 2. `[MASK]` and `[SEP]` typed into the text are the special tokens themselves,
as they are for Hugging Face's tokenizer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from babybert_tui.errors import RequestError
from babybert_tui.inspection.pieces import Pieces, cut_into_pieces
from babybert_tui.inspection.trace import UnknownWord

if TYPE_CHECKING:
    from transformers import BertTokenizer


@dataclass(frozen=True)
class Layout:
    """One input before anything in it is masked; n tokens, `[CLS]` and `[SEP]` included."""

    ids: NDArray[np.int64]  # (n,)
    tokens: tuple[str, ...]  # n
    segments: NDArray[np.int64]  # (n,), 0 for A and 1 for B
    special: NDArray[np.bool_]  # (n,), True for [CLS], [SEP] and [PAD], typed or not; a [MASK] stands for a word
    words: tuple[int | None, ...]  # n, counted from 0 through both texts; None for special tokens
    unknown: tuple[UnknownWord, ...]
    notes: tuple[str, ...]
    truncated: bool  # whether a text was cut to what the model takes

    @property
    def is_pair(self) -> bool:
        """Whether there is a B: a second text, or what follows a `[SEP]` typed into a single one."""
        after = np.flatnonzero(self.ids == self.ids[-1])[0] + 1  # the first [SEP] ends A
        return bool((~self.special[after:]).any())


def lay_out(
    tokenizer: "BertTokenizer", text_a: str, text_b: str | None = None, *, max_length: int, num_segments: int = 2
) -> Layout:
    """Tokenizes one text or a pair and lays it out.

    A single text with `[SEP]` typed between two stretches of words is laid out as the pair that it spells: everything
    after its first `[SEP]` is segment 1. An empty text gives `[CLS] [SEP]`.

    Args:
        tokenizer: Whose pieces and special tokens to use.
        text_a: The first text.
        text_b: The second, or None.
        max_length: The most tokens that the model takes, in all; the longer text is cut at its end until both fit.
        num_segments: The model's `type_vocab_size`; with 1 every token is in segment 0.

    Raises:
        RequestError: A typed `[MASK]` would be cut off, or the model is too short to take anything.
    """
    texts = [text_a] if text_b is None else [text_a, text_b]
    room = max_length - 1 - len(texts)  # [CLS], and a [SEP] after each text
    if room < len(texts):
        raise RequestError(f"This model takes {max_length} tokens at most, which leaves no room for text.")
    cut = [cut_into_pieces(tokenizer, text, room + 1) for text in texts]
    kept = _fit([len(pieces.ids) for pieces in cut], room)
    sides = [pieces.first(count) for pieces, count in zip(cut, kept, strict=True)]
    _refuse_lost_masks(sides, tokenizer, max_length)
    layout = _assemble(sides, tokenizer, num_segments)
    if all(side.complete for side in sides):
        return layout
    return replace(layout, notes=(_truncation_note(kept, max_length), *layout.notes), truncated=True)


def _fit(lengths: list[int], room: int) -> list[int]:
    """How many pieces of each text to keep: the longer one loses its end first, as in Google's BERT."""
    if len(lengths) == 1:
        return [min(lengths[0], room)]
    a, b = lengths
    if a + b <= room:
        return [a, b]
    half = (room + 1) // 2
    if min(a, b) > room - half:
        return [half, room - half]
    return [room - b, b] if a > b else [a, room - a]


def _refuse_lost_masks(sides: list[Pieces], tokenizer: "BertTokenizer", max_length: int) -> None:
    if any(str(tokenizer.mask_token) in side.rest for side in sides):
        raise RequestError(
            f"The text is longer than the {max_length} tokens that this model takes, and a typed "
            f"{tokenizer.mask_token} stands in the part that would be cut off.",
            "Shorten what stands before it.",
        )


def _truncation_note(kept: list[int], max_length: int) -> str:
    if len(kept) == 1:
        cut = f"only its first {kept[0]} pieces are read"
        return f"The text is longer than the {max_length} tokens this model takes: {cut}."
    return (
        f"The pair is longer than the {max_length} tokens this model takes: only the first {kept[0]} pieces of A "
        f"and the first {kept[1]} of B are read."
    )


def _assemble(sides: list[Pieces], tokenizer: "BertTokenizer", num_segments: int) -> Layout:
    ids = [int(tokenizer.cls_token_id)]
    segments = [0]
    for number, side in enumerate(sides):
        ids += [*side.ids, int(tokenizer.sep_token_id)]
        segments += [number] * (len(side.ids) + 1)
    array = np.array(ids, dtype=np.int64)
    special = np.isin(array, [tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id])
    if len(sides) == 1:
        segments = _typed_segments(array, special, int(tokenizer.sep_token_id))
    notes: tuple[str, ...] = ()
    if num_segments < 2 and max(segments) > 0:
        segments = [0] * len(segments)
        notes = ("This model knows one segment only: A and B are told apart by [SEP] alone.",)
    return Layout(
        ids=array,
        tokens=tuple(tokenizer.convert_ids_to_tokens(ids)),
        segments=np.array(segments, dtype=np.int64),
        special=special,
        words=_number_words(sides, special),
        unknown=tuple(_unknown_words(sides, special, tokenizer)),
        notes=notes,
        truncated=False,
    )


def _typed_segments(ids: NDArray[np.int64], special: NDArray[np.bool_], sep_id: int) -> list[int]:
    """Segment 1 begins after the first `[SEP]`, where words follow it."""
    begin = int(np.flatnonzero(ids == sep_id)[0]) + 1
    if special[begin:].all():
        return [0] * len(ids)
    return [int(position >= begin) for position in range(len(ids))]


def _words_of(sides: list[Pieces]) -> list[tuple[int, int] | None]:
    """n: (text, word of that text) for each piece; None where `[CLS]` or `[SEP]` was put in."""
    found: list[tuple[int, int] | None] = [None]
    for number, side in enumerate(sides):
        found += [*((number, word) for word in side.words), None]
    return found


def _number_words(sides: list[Pieces], special: NDArray[np.bool_]) -> tuple[int | None, ...]:
    numbers: dict[tuple[int, int], int] = {}
    return tuple(
        None if word is None or is_special else numbers.setdefault(word, len(numbers))
        for word, is_special in zip(_words_of(sides), special, strict=True)
    )


def _unknown_words(
    sides: list[Pieces], special: NDArray[np.bool_], tokenizer: "BertTokenizer"
) -> Iterator[UnknownWord]:
    first = 1
    for side in sides:
        for _, group in groupby(range(len(side.ids)), key=side.words.__getitem__):
            members = list(group)
            spelling = side.text[side.spans[members[0]][0] : side.spans[members[-1]][1]]
            pieces = tokenizer.convert_ids_to_tokens([side.ids[member] for member in members])
            typed = spelling == pieces[0]  # the user may well write [UNK]
            known = len(members) == 1 and (pieces[0] != tokenizer.unk_token or typed)
            if not known and not special[first + members[0]]:
                yield UnknownWord(spelling, tuple(first + member for member in members), tuple(pieces))
        first += len(side.ids) + 1
