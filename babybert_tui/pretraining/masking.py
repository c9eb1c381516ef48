"""Masked language modelling: which tokens are selected, and what the model sees in their place.

Devlin et al. 2018, section 3.1 and appendix A.1, as in google-research/bert's `create_pretraining_data.py`; whole-word
masking as in the same code's 2019 release; spans as in Joshi et al. 2020 (SpanBERT), section 3.1. All of it works on a
whole batch at a time: B rows of T tokens.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NOT_SELECTED, MASKED, REPLACED, KEPT = range(4)
FATE_NAMES = {MASKED: "mask", REPLACED: "random", KEPT: "kept"}

# SpanBERT's lengths, in words: geometric with p = 0.2, of which those up to 10 are taken and made to add up to 1.
_SPAN_LENGTHS = np.arange(1, 11)
_SPAN_LENGTH_CDF = np.cumsum(0.8**_SPAN_LENGTHS)[:-1] / np.sum(0.8**_SPAN_LENGTHS)

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Masking:
    """How to corrupt: fractions are of the selected tokens; what is neither masked nor replaced is kept."""

    probability: float = 0.15
    mask_fraction: float = 0.8
    random_fraction: float = 0.1
    unit: str = "token"  # or "whole-word" or "span"; "any-word" in evaluation


EVALUATION_MASKING = Masking()  # always the same, so that runs compare whatever they trained with
WHOLE_WORD_EVALUATION_MASKING = Masking(mask_fraction=1.0, random_fraction=0.0, unit="any-word")


@dataclass(frozen=True)
class MaskingVocabulary:
    """What masking needs to know of a vocabulary of V pieces."""

    mask_id: int
    ordinary: Ints  # ids that a random replacement may be: neither special nor reserved
    continuation: Bools  # (V,), True for pieces that go on with a word ("##ing")


@dataclass(frozen=True)
class Corruption:
    """A corrupted batch."""

    input_ids: Ints  # (B, T), what the model is given
    fates: NDArray[np.uint8]  # (B, T), NOT_SELECTED, MASKED, REPLACED or KEPT

    @property
    def selected(self) -> Bools:
        """(B, T), True where the model has to say what stood there."""
        return np.asarray(self.fates != NOT_SELECTED)


def corrupt(
    ids: Ints,
    real: Bools,
    maskable: Bools,
    masking: Masking,
    vocabulary: MaskingVocabulary,
    random: np.random.Generator,
) -> Corruption:
    """Selects tokens and corrupts them.

    A row of n tokens gets `max(1, round(probability · n))` of them selected, n counting [CLS] and [SEP] as Google's
    code does, or as many as are maskable.

    Args:
        ids: (B, T), padding included.
        real: (B, T), False for padding.
        maskable: (B, T), False for [CLS], [SEP] and padding.
        masking: How much, and how.
        vocabulary: What to draw replacements from, and where words go on.
        random: The generator to draw from.
    """
    budget = _budget(real, maskable, masking.probability)
    if masking.unit == "token":
        selected = select_tokens(maskable, budget, random)
        draws = random.random(ids.shape)
    else:
        words = Words(maskable, vocabulary.continuation[ids])
        if masking.unit == "whole-word":
            selected = select_words(words, budget, random)
            draws = random.random(ids.shape)
        elif masking.unit == "any-word":
            selected = select_any_words(words, masking.probability, random)
            draws = random.random(ids.shape)
        else:
            selected, draws = select_spans(words, budget, random)
    return _replace(ids, selected, draws, masking, vocabulary, random)


def _budget(real: Bools, maskable: Bools, probability: float) -> Ints:
    """(B,): how many tokens to select in each row."""
    wanted = np.maximum(1, np.rint(probability * real.sum(axis=1))).astype(np.int64)
    return np.asarray(np.minimum(wanted, maskable.sum(axis=1)))


def select_tokens(maskable: Bools, budget: Ints, random: np.random.Generator) -> Bools:
    """(B, T): in each row, `budget` (B,) maskable tokens, every set of them equally likely."""
    keys = random.random(maskable.shape)
    keys[~maskable] = 2.0
    order = np.argsort(keys, axis=1)
    selected = np.zeros(maskable.shape, dtype=bool)
    np.put_along_axis(selected, order, np.arange(maskable.shape[1]) < budget[:, None], axis=1)
    return selected


class Words:
    """The words of a batch, numbered in each row from 0: a maskable piece and the `##` pieces that follow it."""

    def __init__(self, maskable: Bools, continuation: Bools) -> None:
        before = np.zeros_like(maskable)
        before[:, 1:] = maskable[:, :-1]
        starts = maskable & ~(continuation & before)
        self.maskable = maskable
        self.of_token: Ints = np.where(maskable, np.cumsum(starts, axis=1) - 1, -1)  # (B, T)
        self.counts: Ints = starts.sum(axis=1)  # (B,)
        most = max(1, int(self.counts.max(initial=0)))
        flat = (np.arange(len(maskable))[:, None] * most + self.of_token)[maskable]
        self.lengths: Ints = np.bincount(flat, minlength=len(maskable) * most).reshape(-1, most)  # (B, W), in pieces
        self.first_token: Ints = np.zeros_like(self.lengths)  # (B, W)
        rows, columns = np.nonzero(starts)
        self.first_token[rows, self.of_token[rows, columns]] = columns


def select_words(words: Words, budget: Ints, random: np.random.Generator) -> Bools:
    """(B, T): whole words in random order, each if it still fits the budget; at least one word in each row.

    Google's rule: a word that would overshoot is passed over, and a shorter one may come after it.
    """
    rows = np.arange(len(budget))
    keys = random.random(words.lengths.shape)
    keys[words.lengths == 0] = 2.0
    order = np.argsort(keys, axis=1)
    chosen = np.zeros(words.lengths.shape, dtype=bool)
    used = np.zeros(len(budget), dtype=np.int64)
    for word in order.T:  # (B,): each row's next word
        length = words.lengths[rows, word]
        fits = (length > 0) & (used + length <= budget)
        chosen[rows, word] |= fits
        used += length * fits
        if (used >= budget).all():
            break
    nothing_fits = (used == 0) & (budget > 0)
    chosen[nothing_fits, order[nothing_fits, 0]] = True
    return np.asarray(words.maskable & np.take_along_axis(chosen, np.maximum(words.of_token, 0), axis=1))


def select_any_words(words: Words, probability: float, random: np.random.Generator) -> Bools:
    """(B, T): `max(1, round(probability · words))` words of each row, every word equally likely.

    Google's rule passes over long words, and the more so the more pieces a vocabulary cuts words into: figures that are
    compared between vocabularies need one that does not.
    """
    keys = random.random(words.lengths.shape)
    keys[words.lengths == 0] = 2.0
    wanted = np.minimum(np.maximum(1, np.rint(probability * words.counts)), words.counts)  # (B,)
    ranks = keys.argsort(axis=1).argsort(axis=1)
    chosen = ranks < wanted[:, None]
    return np.asarray(words.maskable & np.take_along_axis(chosen, np.maximum(words.of_token, 0), axis=1))


def select_spans(words: Words, budget: Ints, random: np.random.Generator) -> tuple[Bools, NDArray[np.float64]]:
    """(B, T) twice: spans of whole words until the budget is spent, and a draw for each span, shared by its tokens.

    Lengths are geometric (p = 0.2, at most 10 words, mean 3.8); starts are uniform; spans do not overlap and do not
    cross a special token. The last span is cut at the word where the budget ends.
    """
    batch, tokens = words.of_token.shape
    columns = np.arange(tokens)
    selected = np.zeros((batch, tokens), dtype=bool)
    draws = np.zeros((batch, tokens))
    last_token = words.first_token + words.lengths - 1  # (B, W)
    run_end = _run_ends(words.maskable)  # (B, T)
    for attempt in range(4 * int(budget.max(initial=0)) + 8):
        left = budget - selected.sum(axis=1)  # (B,)
        if not (left > 0).any():
            break
        word = (random.random(batch) * words.counts).astype(np.int64)
        length = _SPAN_LENGTHS[np.searchsorted(_SPAN_LENGTH_CDF, random.random(batch), side="right")]
        draw = np.asarray(random.random(batch))
        begin = words.first_token[np.arange(batch), word]
        ends = np.take_along_axis(last_token, np.maximum(words.of_token, 0), axis=1)  # (B, T): of each token's word
        # The first span of a row may overshoot by its first word, so that no row stays without a target.
        room = np.where(attempt == 0, np.maximum(left, words.lengths[np.arange(batch), word]), left)
        span = (words.of_token >= word[:, None]) & (words.of_token < (word + length)[:, None])
        span &= (ends - begin[:, None] < room[:, None]) & (columns <= run_end[np.arange(batch), begin][:, None])
        span[(span & selected).any(axis=1) | (left <= 0)] = False
        selected |= span
        draws = np.where(span, draw[:, None], draws)
    return selected, draws


def _run_ends(maskable: Bools) -> Ints:
    """(B, T): for each maskable token, the last token of the unbroken run of maskable ones that it stands in."""
    tokens = maskable.shape[1]
    stops = np.where(maskable, tokens, np.arange(tokens))  # a non-maskable token stops the run at its own place
    return np.asarray(np.minimum.accumulate(stops[:, ::-1], axis=1)[:, ::-1] - 1)


def _replace(
    ids: Ints,
    selected: Bools,
    draws: NDArray[np.float64],
    masking: Masking,
    vocabulary: MaskingVocabulary,
    random: np.random.Generator,
) -> Corruption:
    fates = np.where(
        draws < masking.mask_fraction,
        MASKED,
        np.where(draws < masking.mask_fraction + masking.random_fraction, REPLACED, KEPT),
    )
    fates = np.where(selected, fates, NOT_SELECTED).astype(np.uint8)
    strangers = vocabulary.ordinary[random.integers(0, len(vocabulary.ordinary), ids.shape)]
    corrupted = np.where(fates == MASKED, vocabulary.mask_id, np.where(fates == REPLACED, strangers, ids))
    return Corruption(corrupted, fates)
