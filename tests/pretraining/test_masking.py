"""Masking is that of BERT: proved on 100,000 rows, and on rows made to tell words and spans apart."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from babybert_tui.pretraining.masking import (
    EVALUATION_MASKING,
    KEPT,
    MASKED,
    NOT_SELECTED,
    REPLACED,
    WHOLE_WORD_EVALUATION_MASKING,
    Corruption,
    Masking,
    MaskingVocabulary,
    Words,
    corrupt,
    select_spans,
)
from babybert_tui.randomness import generator
from pretraining.telltale_corpus import CLS, MASK, PAD, SEP

ROWS, BATCH, TOKENS = 100_000, 500, 40
VOCABULARY = 300
UNUSED = range(5, 10)  # reserved ids, which no text holds
ORDINARY = np.arange(10, VOCABULARY)
CONTINUATION = (np.arange(VOCABULARY) >= 10) & (np.arange(VOCABULARY) % 3 == 0)
PLAIN = MaskingVocabulary(MASK, ORDINARY, CONTINUATION)
SURE = 5.0  # standard errors


def make_rows(rows: int, tokens: int, random: np.random.Generator, shortest: int = 5) -> NDArray[np.int64]:
    """[CLS] A [SEP] B [SEP] of random ordinary ids, padded."""
    ids = random.choice(ORDINARY, (rows, tokens))
    ends = random.integers(shortest - 1, tokens, rows)
    middles = random.integers(2, ends - 1)
    ids[:, 0] = CLS
    ids[np.arange(rows), middles] = SEP
    ids[np.arange(rows), ends] = SEP
    ids[np.arange(tokens) > ends[:, None]] = PAD
    return ids


def corrupt_rows(
    ids: NDArray[np.int64], masking: Masking, random: np.random.Generator, vocabulary: MaskingVocabulary = PLAIN
) -> Corruption:
    return corrupt(ids, ids != PAD, ids >= 10, masking, vocabulary, random)


@cache
def corrupted(masking: Masking = EVALUATION_MASKING) -> tuple[NDArray[np.int64], Corruption]:
    random, rows, inputs, fates = generator(0, "test"), [], [], []
    for _ in range(ROWS // BATCH):
        rows.append(make_rows(BATCH, TOKENS, random))
        found = corrupt_rows(rows[-1], masking, random)
        inputs.append(found.input_ids)
        fates.append(found.fates)
    return np.concatenate(rows), Corruption(np.concatenate(inputs), np.concatenate(fates))


@pytest.fixture(scope="module", autouse=True)
def forget_afterwards() -> Iterator[None]:
    yield
    corrupted.cache_clear()


def test_each_row_has_the_published_number_of_targets() -> None:
    """max(1, round(.15 n)), special tokens counted in n, with Python's own rounding."""
    ids, found = corrupted()
    lengths = (ids != PAD).sum(axis=1)
    wanted = {n: max(1, round(n * 0.15)) for n in range(5, TOKENS + 1)}
    assert set(lengths.tolist()) == set(wanted)
    assert found.selected.sum(axis=1).tolist() == [wanted[n] for n in lengths.tolist()]


def test_no_special_token_is_selected_or_changed() -> None:
    ids, found = corrupted()
    special = ids < 10
    assert not found.selected[special].any()
    assert (found.input_ids[special] == ids[special]).all()


def test_all_other_tokens_are_equally_likely_to_be_selected() -> None:
    ids, found = corrupted()
    maskable = ids >= 10
    chance = np.where(maskable, (found.selected.sum(axis=1) / maskable.sum(axis=1))[:, None], 0)
    expected, variance = chance.sum(axis=0)[1:-1], (chance * (1 - chance)).sum(axis=0)[1:-1]
    deviations = (found.selected.sum(axis=0)[1:-1] - expected) / variance**0.5
    assert np.abs(deviations).max() < SURE
    together = (found.selected[:, 1:-1] & found.selected[:, 2:]).sum()  # neighbours: without replacement, no clumping
    pairs = found.selected.sum(axis=1) * (found.selected.sum(axis=1) - 1)
    usual = maskable.sum(axis=1) * (maskable.sum(axis=1) - 1)
    adjacent = (maskable[:, 1:-1] & maskable[:, 2:]).sum(axis=1)
    wanted = (adjacent * pairs / usual).sum()
    assert abs(together - wanted) < SURE * wanted**0.5


@pytest.mark.parametrize(
    "masking", [Masking(), Masking(0.3, 0.5, 0.3), Masking(0.15, 1.0, 0.0), Masking(0.1, 0.0, 1.0), Masking(0.1, 0, 0)]
)
def test_fates_have_the_shares_that_are_asked_for(masking: Masking) -> None:
    _, found = corrupted(masking)
    total = found.selected.sum()
    kept = 1 - masking.mask_fraction - masking.random_fraction
    for fate, share in ((MASKED, masking.mask_fraction), (REPLACED, masking.random_fraction), (KEPT, kept)):
        error = (share * (1 - share) / total) ** 0.5
        assert abs((found.fates == fate).sum() / total - share) <= SURE * error + 1e-12


def test_the_default_is_15_percent_80_10_10() -> None:
    for masking in (Masking(), EVALUATION_MASKING):
        assert masking == Masking(0.15, 0.8, 0.1, "token")
    assert Masking(0.15, 1.0, 0.0, "any-word") == WHOLE_WORD_EVALUATION_MASKING


def test_fates_are_what_the_model_is_shown() -> None:
    ids, found = corrupted()
    shown = found.input_ids
    assert (shown[found.fates == MASKED] == MASK).all()
    assert (shown[found.fates == KEPT] == ids[found.fates == KEPT]).all()
    assert (shown[found.fates == NOT_SELECTED] == ids[found.fates == NOT_SELECTED]).all()


def test_random_replacements_are_any_ordinary_token_and_never_a_special_one() -> None:
    ids, found = corrupted()
    replaced = found.fates == REPLACED
    drawn = found.input_ids[replaced]
    assert (drawn >= 10).all()
    counts = np.bincount(drawn, minlength=VOCABULARY)[10:]
    expected = counts.mean()
    assert ((counts - expected) ** 2 / expected).sum() < len(counts) + SURE * (2 * len(counts)) ** 0.5
    same = (drawn == ids[replaced]).mean()  # by chance, as in the published code
    assert abs(same - 1 / len(ORDINARY)) < SURE * (1 / len(ORDINARY) / len(drawn)) ** 0.5


def test_a_row_with_a_single_token_has_it_selected() -> None:
    ids = np.array([[CLS, 50, SEP, PAD], [CLS, SEP, 51, SEP]])
    found = corrupt_rows(ids, Masking(), generator(0, "single"))
    assert found.selected.tolist() == [[False, True, False, False], [False, False, True, False]]


def test_a_row_without_any_token_is_left_as_it_is() -> None:
    ids = np.array([[CLS, SEP, PAD, PAD], [CLS, 50, 51, SEP]])
    for unit in ("token", "whole-word", "span"):
        found = corrupt_rows(ids, Masking(unit=unit), generator(0, "empty"))
        assert found.selected.sum(axis=1).tolist()[0] == 0
        assert found.selected.sum() >= 1


# Whole words. A word is an ordinary piece and the continuation pieces after it.


def words_of(row: NDArray[np.int64]) -> list[list[int]]:
    """The columns of each word, found by reading along the row."""
    words: list[list[int]] = []
    open_word = False
    for column, piece in enumerate(row.tolist()):
        if piece < 10:
            open_word = False
        elif open_word and CONTINUATION[piece]:
            words[-1].append(column)
        else:
            words.append([column])
            open_word = True
    return words


@pytest.mark.parametrize("unit", ["whole-word", "any-word", "span"])
def test_no_word_is_split(unit: str) -> None:
    random = generator(0, "words")
    for _ in range(10):
        ids = make_rows(300, TOKENS, random)
        found = corrupt_rows(ids, Masking(unit=unit), random)
        for row, selected in zip(ids, found.selected, strict=True):
            for word in words_of(row):
                assert selected[word].all() or not selected[word].any()


@pytest.mark.parametrize("unit", ["whole-word", "span"])
def test_the_budget_is_kept_unless_not_even_one_word_fits(unit: str) -> None:
    random = generator(1, "words")
    totals = []
    for _ in range(10):
        ids = make_rows(300, TOKENS, random)
        found = corrupt_rows(ids, Masking(unit=unit), random)
        budget = np.maximum(1, np.rint(0.15 * (ids != PAD).sum(axis=1)))
        for row, selected, most in zip(ids, found.selected, budget, strict=True):
            chosen = [word for word in words_of(row) if selected[word].all()]
            assert len(chosen) >= 1
            assert selected.sum() <= most or len(chosen) == 1
        totals.append(found.selected.sum() / budget.sum())
    assert 0.85 < np.mean(totals) <= 1.1


def test_punctuation_is_not_glued_to_the_word_before_it() -> None:
    """Rows of words and full stops in turn: a stop is as likely as a word, whatever becomes of the word before."""
    word, stop = 20, 22
    assert not CONTINUATION[[word, stop]].any()
    ids = np.tile([word, stop], (4000, 20))
    ids[:, 0], ids[:, -1] = CLS, SEP
    found = corrupt_rows(ids, Masking(unit="whole-word"), generator(2, "words")).selected[:, 1:-1]
    count = found.sum(axis=1)
    assert (count == 6).all()
    both = (found[:, 1::2][:, :-1] & found[:, 2::2][:, : found[:, 1::2].shape[1] - 1]).mean()
    usual = 6 * 5 / (38 * 37)
    assert abs(both - usual) < SURE * (usual / (4000 * 18)) ** 0.5
    shares = found[:, ::2].mean(), found[:, 1::2].mean()
    assert shares[0] == pytest.approx(shares[1], abs=0.01)


def test_pieces_of_a_whole_word_meet_their_fates_one_by_one() -> None:
    """As in Google's code: 80/10/10 is drawn for each token, not for each word."""
    ids = np.tile([20, 21], (2000, 20))
    ids[:, 0], ids[:, -1] = CLS, SEP
    ids[:, 1] = 20
    found = corrupt_rows(ids, Masking(unit="whole-word", mask_fraction=0.5, random_fraction=0.0), generator(3, "words"))
    first, second = found.fates[:, 2:-1:2], found.fates[:, 3:-1:2]
    width = min(first.shape[1], second.shape[1])
    first, second = first[:, :width], second[:, :width]
    whole = (first != NOT_SELECTED) & (second != NOT_SELECTED)
    assert abs((first == second)[whole].mean() - 0.5) < SURE * (0.25 / whole.sum()) ** 0.5


def test_whole_words_are_selected_evenly_where_the_budget_does_not_bind() -> None:
    """With words of one piece it is token masking again."""
    ids = np.full((5000, 42), 20)
    ids[:, 0], ids[:, -1] = CLS, SEP
    found = corrupt_rows(ids, Masking(unit="whole-word"), generator(4, "words")).selected
    assert (found.sum(axis=1) == 6).all()
    share = found[:, 1:-1].mean(axis=0)
    assert np.abs(share - 6 / 40).max() < SURE * (0.15 * 0.85 / 5000) ** 0.5


def test_evaluation_hides_15_percent_of_the_words_whatever_their_length() -> None:
    """Else figures of two vocabularies, of which one cuts words into more pieces, would be about different words."""
    random = generator(5, "words")
    seen: dict[int, list[bool]] = {}
    for _ in range(20):
        ids = make_rows(200, TOKENS, random)
        found = corrupt_rows(ids, WHOLE_WORD_EVALUATION_MASKING, random)
        assert (found.input_ids[found.selected] == MASK).all()
        for row, selected in zip(ids, found.selected, strict=True):
            words = words_of(row)
            hidden = [bool(selected[word[0]]) for word in words]
            assert sum(hidden) == max(1, round(0.15 * len(words)))
            if len(words) > 12:
                for word, one in zip(words, hidden, strict=True):
                    seen.setdefault(len(word), []).append(one)
    for length in (1, 2, 3, 4):
        share, error = np.mean(seen[length]), (0.15 * 0.85 / len(seen[length])) ** 0.5
        assert abs(share - np.mean([one for many in seen.values() for one in many])) < SURE * error, length


# Spans: SpanBERT, section 3.1.


def span_lengths_and_starts() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of many spans far apart, in rows so long that their ends and each other are seldom met."""
    rows, tokens, budget = 24, 12_000, 240
    maskable = np.ones((rows, tokens), dtype=bool)
    words = Words(maskable, np.zeros((rows, tokens), dtype=bool))
    selected, draws = select_spans(words, np.full(rows, budget), generator(0, "spans"))
    assert (selected.sum(axis=1) == budget).all()
    lengths, starts = [], []
    for row in range(rows):
        columns = np.flatnonzero(selected[row])
        breaks = np.flatnonzero((np.diff(columns) > 1) | (np.diff(draws[row, columns]) != 0)) + 1
        for span in np.split(columns, breaks):
            assert (np.diff(span) == 1).all()
            lengths.append(len(span))
            starts.append(span[0])
    return np.array(lengths), np.array(starts)


def test_span_lengths_are_geometric_up_to_ten_with_a_mean_of_3_8_words() -> None:
    lengths, starts = span_lengths_and_starts()
    assert lengths.max() == 10
    assert len(lengths) > 1300
    weights = 0.2 * 0.8 ** np.arange(10)
    expected = weights / weights.sum() * len(lengths)
    counts = np.bincount(lengths, minlength=11)[1:]
    assert ((counts - expected) ** 2 / expected).sum() < 9 + SURE * 18**0.5
    assert lengths.mean() == pytest.approx(3.8, abs=SURE * 2.6 / len(lengths) ** 0.5 + 0.03)
    assert starts.mean() / 12_000 == pytest.approx(0.5, abs=SURE * 0.29 / len(starts) ** 0.5)


def test_a_span_shares_one_fate_and_crosses_no_special_token() -> None:
    random = generator(0, "fates")
    ids = make_rows(2000, 64, random, shortest=30)
    words = Words(ids >= 10, CONTINUATION[ids])
    budget = np.full(len(ids), 8)
    selected, draws = select_spans(words, budget, generator(1, "fates"))
    for row in range(len(ids)):
        for draw in np.unique(draws[row, selected[row]]):
            span = np.flatnonzero(selected[row] & (draws[row] == draw))
            assert (np.diff(span) == 1).all()
            assert (ids[row, span] >= 10).all()
            assert any(word[0] == span[0] for word in words_of(ids[row]))
            assert any(word[-1] == span[-1] for word in words_of(ids[row]))
    found = corrupt(ids, ids != PAD, ids >= 10, Masking(unit="span"), PLAIN, generator(2, "fates"))
    inner = found.selected[:, 1:] & found.selected[:, :-1]
    same = (found.fates[:, 1:] == found.fates[:, :-1])[inner].mean()
    assert same > 0.85  # tokens on their own would agree in 66 % of the cases
    shares = np.bincount(found.fates[found.selected], minlength=4)[1:] / found.selected.sum()
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.03)


def test_the_same_generator_draws_the_same_corruption() -> None:
    ids = make_rows(50, TOKENS, generator(0, "rows"))
    for unit in ("token", "whole-word", "span"):
        one = corrupt_rows(ids, Masking(unit=unit), generator(5, "masks", 3))
        two = corrupt_rows(ids, Masking(unit=unit), generator(5, "masks", 3))
        other = corrupt_rows(ids, Masking(unit=unit), generator(5, "masks", 4))
        assert (one.fates == two.fates).all()
        assert (one.input_ids == two.input_ids).all()
        assert (one.fates != other.fates).any()
