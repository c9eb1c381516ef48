"""Pairs are those of BERT: proved on 100,000 examples whose tokens say where they come from."""

import random
from collections import Counter
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from babybert_tui.pretraining.batches import lay_out
from babybert_tui.pretraining.pairs import Examples, PairSettings, draw_examples
from babybert_tui.randomness import generator
from pretraining.published_pairs import PublishedPair, published_pairs
from pretraining.telltale_corpus import CLS, FIRST, PAD, SEP, SPECIAL, Telltale, make_telltale

MAX_LENGTH = 64
EXAMPLES = 100_000
SURE = 5.0  # standard errors; the seeds are fixed, so that a test passes always or never


@dataclass(frozen=True)
class Rows:
    """Many laid-out examples, A and B found again by their [SEP]s. Arrays have one entry for each row."""

    ids: list[NDArray[np.int64]]  # of the real tokens of a row
    segments: list[NDArray[np.int64]]
    labels: NDArray[np.int64]
    short: NDArray[np.bool_]
    epoch: NDArray[np.int64]
    a: list[NDArray[np.int64]]  # token numbers in the corpus
    b: list[NDArray[np.int64]]

    @property
    def a_first(self) -> NDArray[np.int64]:
        return np.array([a[0] for a in self.a])

    @property
    def a_last(self) -> NDArray[np.int64]:
        return np.array([a[-1] for a in self.a])

    @property
    def b_first(self) -> NDArray[np.int64]:
        return np.array([b[0] for b in self.b])

    @property
    def b_last(self) -> NDArray[np.int64]:
        return np.array([b[-1] for b in self.b])

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.array([len(a) + len(b) for a, b in zip(self.a, self.b, strict=True)])


def collect(corpus: Telltale, settings: PairSettings, at_least: int, stream: str = "test") -> Rows:
    epochs: list[Examples] = []
    while sum(map(len, epochs)) < at_least:
        epochs.append(draw_examples(corpus.tokenized, settings, generator(1, stream, len(epochs))))
    ids, segments, a, b = [], [], [], []
    for examples in epochs:
        layout = lay_out(corpus.tokenized.ids, examples, SPECIAL)
        assert layout.ids.shape[1] <= settings.max_length
        assert ((layout.ids == PAD) == ~layout.real).all()
        assert (layout.segments[~layout.real] == 0).all()
        assert (layout.maskable == (layout.ids >= FIRST)).all()
        for row, length in enumerate(layout.real.sum(axis=1)):
            assert layout.real[row, :length].all()
            ids.append(layout.ids[row, :length])
            segments.append(layout.segments[row, :length])
            separators = np.flatnonzero(ids[-1] == SEP)
            a.append(ids[-1][1 : separators[0]] - FIRST)
            b.append(ids[-1][separators[0] + 1 : separators[-1]] - FIRST)
    numbers = np.repeat(np.arange(len(epochs)), [len(one) for one in epochs])
    everything = Examples.concatenate(epochs)
    return Rows(ids, segments, everything.label, everything.short, numbers, a, b)


@cache
def telltale() -> Telltale:
    return make_telltale(documents=400, seed=0)


@cache
def rows() -> Rows:
    return collect(telltale(), PairSettings(MAX_LENGTH), EXAMPLES)


@pytest.fixture(scope="module", autouse=True)
def forget_afterwards() -> None:
    """A hundred thousand rows are not to be kept in memory while other tests run."""
    yield
    rows.cache_clear()
    published.cache_clear()


@pytest.mark.slow
def test_rows_are_cls_a_sep_b_sep_with_segments_0_and_1() -> None:
    assert len(rows().ids) >= EXAMPLES
    for ids, segments, a, b in zip(rows().ids, rows().segments, rows().a, rows().b, strict=True):
        assert ids[0] == CLS
        assert np.flatnonzero(ids < FIRST).tolist() == [0, 1 + len(a), 2 + len(a) + len(b)]
        assert ids[1 + len(a)] == ids[-1] == SEP
        assert segments.tolist() == [0] * (2 + len(a)) + [1] * (1 + len(b))
        assert len(a) > 0
        assert len(b) > 0


def test_a_and_b_are_unbroken_stretches_of_one_document_each() -> None:
    document_of = telltale().document_of
    for part in (rows().a, rows().b):
        assert all((np.diff(tokens) == 1).all() for tokens in part)
        assert all(document_of[tokens[0]] == document_of[tokens[-1]] for tokens in part)


def test_nothing_is_longer_than_the_maximum_and_the_maximum_is_used() -> None:
    lengths = rows().lengths + 3
    assert lengths.max() == MAX_LENGTH
    assert (lengths == MAX_LENGTH).mean() > 0.3


def test_label_0_means_that_b_follows_a_in_its_document() -> None:
    document_of = telltale().document_of
    same = document_of[rows().a_first] == document_of[rows().b_first]
    assert (same == (rows().labels == 0)).all()  # a stranger is never from the same document
    follows = rows().labels == 0
    gap = rows().b_first - rows().a_last - 1
    untouched = rows().lengths < MAX_LENGTH - 3
    assert (gap[follows & untouched] == 0).all()
    assert (follows & untouched).sum() > 5000
    assert (gap[follows] >= 0).all()


def test_a_cut_pair_that_follows_lacks_only_what_was_cut_between_its_parts() -> None:
    """A ends a sentence unless its back was cut, and B begins the next one unless its front was."""
    corpus, follows = telltale(), rows().labels == 0
    gaps, whole = [], 0
    for a, b in zip(np.array(rows().a_last)[follows], np.array(rows().b_first)[follows], strict=True):
        gaps.append(b - a - 1)
        a_is_whole = corpus.position_of[a] == corpus.sentence_length[corpus.sentence_of[a]] - 1
        b_is_whole = corpus.position_of[b] == 0
        if b == a + 1:
            assert a_is_whole
            assert b_is_whole
            whole += 1
    assert 0.2 < whole / len(gaps) < 0.95


def test_a_single_sentence_is_always_followed_by_a_stranger() -> None:
    corpus = telltale()
    alone = corpus.last_sentence[np.diff(corpus.tokenized.document_offsets) == 1]
    lone = np.isin(corpus.sentence_of[rows().a_first], alone)
    assert lone.sum() > 1000
    assert (rows().labels[lone] == 1).all()
    filling = make_telltale(documents=50, seed=2, shortest=MAX_LENGTH - 3)  # each sentence fills a row by itself
    assert (collect(filling, PairSettings(MAX_LENGTH, short_probability=0.0), 500).labels == 1).all()


def test_no_document_is_a_stranger_more_often_than_another() -> None:
    corpus = telltale()
    strangers = np.bincount(corpus.document_of[rows().b_first[rows().labels == 1]], minlength=len(corpus.documents))
    expected = strangers.mean()
    assert ((strangers - expected) ** 2 / expected).sum() < 400 + SURE * (2 * 400) ** 0.5


@pytest.mark.parametrize("objective", ["nsp", "sop", "none"])
def test_every_sentence_is_used_once_in_each_epoch(objective: str) -> None:
    """With sentences of one token nothing is ever cut, so that every token must be there."""
    corpus = make_telltale(documents=150, seed=3, longest=1)
    settings = PairSettings(max_length=19, objective=objective, short_probability=0.3)
    sizes = np.diff(corpus.tokenized.document_offsets)
    for epoch in range(4):
        rows = collect(corpus, settings, 1, f"coverage {epoch}")
        own = list(rows.a)
        own += [b for b, label in zip(rows.b, rows.labels, strict=True) if label == 0 or objective != "nsp"]
        used = np.bincount(np.concatenate(own), minlength=len(corpus.document_of))
        if objective == "sop":
            paired = sizes[corpus.document_of] > 1  # one sentence has no order
            assert (used[paired] >= 1).all()
            assert used[paired].mean() < 1.2
            assert (used[~paired] == 0).all()
        else:
            assert (used == 1).all()


@pytest.mark.parametrize("objective", ["nsp", "sop", "none"])
def test_every_long_sentence_is_used_too(objective: str) -> None:
    """Each sentence is longer than a row: it is cut, but not left out."""
    corpus = make_telltale(documents=60, seed=4, shortest=16)
    rows = collect(corpus, PairSettings(max_length=16, objective=objective), 1)
    sizes = np.diff(corpus.tokenized.document_offsets)
    wanted = np.flatnonzero(np.repeat(sizes > (objective == "sop"), sizes))
    assert np.isin(wanted, corpus.sentence_of[np.concatenate([*rows.a, *rows.b])]).all()


def test_a_tenth_of_the_documents_is_made_into_shorter_examples() -> None:
    corpus, data = telltale(), rows()
    document = corpus.document_of[data.a_first]
    made = np.stack([data.epoch * len(corpus.documents) + document, data.short], axis=1)
    decisions = np.unique(made, axis=0)
    assert len(np.unique(decisions[:, 0])) == len(decisions)  # one decision for all examples of a document
    share, error = decisions[:, 1].mean(), (0.09 / len(decisions)) ** 0.5
    assert len(decisions) > 3000
    assert abs(share - 0.1) < SURE * error


def test_short_targets_are_uniform_from_2_to_the_full_room() -> None:
    corpus = make_telltale(documents=300, seed=5, longest=1)
    room = 15
    targets = Counter[int]()
    for epoch in range(30):
        rows = collect(corpus, PairSettings(room + 3, short_probability=1.0), 1, f"short {epoch}")
        most: dict[int, int] = {}
        for a, b, label in zip(rows.a, rows.b, rows.labels, strict=True):
            document = int(corpus.document_of[a[0]])
            if label == 0:  # B ended where the target was reached, or where the document did
                most[document] = max(most.get(document, 0), len(a) + len(b))
        sizes = np.diff(corpus.tokenized.document_offsets)
        targets.update(length for document, length in most.items() if sizes[document] > 25)
    counts = np.array([targets[length] for length in range(2, room + 1)])
    assert sum(targets.values()) == counts.sum()
    expected = counts.sum() / len(counts)
    assert counts.min() > 10
    assert ((counts - expected) ** 2 / expected).sum() < 2.5 * len(counts)


def test_no_short_examples_where_none_are_wanted() -> None:
    assert not collect(telltale(), PairSettings(MAX_LENGTH, short_probability=0.0), 1000).short.any()


# Against the published algorithm, on the same documents.

EPOCHS = 25


@cache
def published() -> list[list[PublishedPair]]:
    rng = random.Random(0)
    documents = telltale().documents
    return [
        [pair for number in range(len(documents)) for pair in published_pairs(documents, number, MAX_LENGTH, 0.1, rng)]
        for _ in range(EPOCHS)
    ]


def ours_by_epoch() -> list[NDArray[np.int64]]:
    return [np.flatnonzero(rows().epoch == epoch) for epoch in range(int(rows().epoch.max()) + 1)]


def assert_same_mean(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> None:
    error = (ours.var(ddof=1) / len(ours) + theirs.var(ddof=1) / len(theirs)) ** 0.5
    assert error > 0
    assert abs(ours.mean() - theirs.mean()) < SURE * error, (ours.mean(), theirs.mean(), error)


def distance(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> float:
    """Kolmogorov and Smirnov's largest gap between two cumulative distributions, in units of its usual size."""
    values = np.union1d(ours, theirs)
    gap = np.searchsorted(np.sort(ours), values, "right") / len(ours)
    gap -= np.searchsorted(np.sort(theirs), values, "right") / len(theirs)
    return float(np.abs(gap).max() * (len(ours) * len(theirs) / (len(ours) + len(theirs))) ** 0.5)


def test_an_epoch_has_as_many_examples_as_published() -> None:
    ours = np.array([len(epoch) for epoch in ours_by_epoch()], dtype=float)
    assert_same_mean(ours, np.array([len(epoch) for epoch in published()], dtype=float))


def test_as_many_strangers_as_published() -> None:
    ours = np.array([rows().labels[epoch].mean() for epoch in ours_by_epoch()])
    assert_same_mean(ours, np.array([np.mean([pair.is_random for pair in epoch]) for epoch in published()]))
    assert ours.mean() > 0.52  # the classes are not even, as every single sentence has a stranger after it


@pytest.mark.parametrize("label", [0, 1])
def test_lengths_are_distributed_as_published(label: int) -> None:
    theirs = [pair for epoch in published() for pair in epoch if pair.is_random == label]
    ours = np.flatnonzero(rows().labels == label)
    for part, of_theirs in (("a", [len(pair.a) for pair in theirs]), ("b", [len(pair.b) for pair in theirs])):
        lengths = np.array([len(getattr(rows(), part)[row]) for row in ours])
        assert distance(lengths, np.array(of_theirs)) < 2.2, part
    totals = np.array([len(pair.a) + len(pair.b) for pair in theirs])
    assert distance(rows().lengths[ours], totals) < 2.2


@pytest.mark.parametrize(("part", "side"), [("a", "front"), ("a", "back"), ("b", "front"), ("b", "back")])
def test_as_much_is_cut_at_either_end_as_published(part: str, side: str) -> None:
    """What is cut shows where a stretch does not begin or end with a sentence."""
    corpus = telltale()

    def is_ragged(tokens: NDArray[np.int64]) -> bool:
        if side == "front":
            return bool(corpus.position_of[tokens[0]] > 0)
        return bool(corpus.position_of[tokens[-1]] < corpus.sentence_length[corpus.sentence_of[tokens[-1]]] - 1)

    ours = np.array([is_ragged(tokens) for tokens in getattr(rows(), part)])
    theirs = np.array(
        [[is_ragged(np.array(getattr(pair, part)) - FIRST) for pair in epoch] for epoch in published()[:1]]
    )
    everything = [is_ragged(np.array(getattr(pair, part)) - FIRST) for epoch in published() for pair in epoch]
    by_epoch = np.array([ours[epoch].mean() for epoch in ours_by_epoch()])
    sizes = np.cumsum([len(epoch) for epoch in published()])[:-1]
    assert_same_mean(by_epoch, np.array([np.mean(part) for part in np.split(np.array(everything), sizes)]))
    assert theirs.mean() > 0.02


def test_the_longer_part_is_cut_to_the_length_of_the_other() -> None:
    """Where both were cut they are equally long, or A is the longer one by the odd token."""
    corpus = telltale()
    both = 0
    for a, b in zip(rows().a, rows().b, strict=True):
        if len(a) + len(b) < MAX_LENGTH - 3:
            continue

        def is_cut(tokens: NDArray[np.int64]) -> bool:
            end = corpus.sentence_of[tokens[-1]]
            return bool(
                corpus.position_of[tokens[0]] > 0 or corpus.position_of[tokens[-1]] < corpus.sentence_length[end] - 1
            )

        if is_cut(a) and is_cut(b):
            both += 1
            assert 0 <= len(a) - len(b) <= 1
    assert both > 200


# The other objectives.


def test_sentence_order_pairs_are_neighbours_swapped_half_of_the_time() -> None:
    corpus = telltale()
    rows = collect(corpus, PairSettings(MAX_LENGTH, objective="sop"), 20_000)
    document = corpus.document_of
    assert (document[rows.a_first] == document[rows.b_first]).all()
    assert (np.where(rows.labels == 0, rows.b_first - rows.a_last, rows.a_first - rows.b_last) >= 1).all()
    whole = rows.lengths < MAX_LENGTH - 3
    assert (np.where(rows.labels == 0, rows.b_first - rows.a_last, rows.a_first - rows.b_last)[whole] == 1).all()
    assert abs(rows.labels.mean() - 0.5) < SURE * 0.5 / len(rows.labels) ** 0.5
    assert rows.lengths.max() == MAX_LENGTH - 3


def test_without_a_sentence_objective_rows_are_cls_a_sep() -> None:
    corpus = telltale()
    rows = collect(corpus, PairSettings(MAX_LENGTH, objective="none"), 20_000)
    for ids, segments, a in zip(rows.ids, rows.segments, rows.a, strict=True):
        assert (ids[0], ids[-1], len(ids)) == (CLS, SEP, len(a) + 2)
        assert (np.diff(a) == 1).all()
        assert corpus.document_of[a[0]] == corpus.document_of[a[-1]]
        assert not segments.any()
    assert max(map(len, rows.ids)) == MAX_LENGTH
    assert (rows.labels == 0).all()


def test_the_smallest_maximum_still_holds_a_token_of_each_part() -> None:
    rows = collect(telltale(), PairSettings(max_length=5), 2000)
    assert all((len(a), len(b)) == (1, 1) for a, b in zip(rows.a, rows.b, strict=True))


def test_examples_come_in_shuffled_order_and_are_drawn_anew_in_each_epoch() -> None:
    first, second = rows().a_first[ours_by_epoch()[0]], rows().a_first[ours_by_epoch()[1]]
    length = min(len(first), len(second))
    assert (np.diff(first) > 0).mean() == pytest.approx(0.5, abs=0.05)
    assert abs(np.corrcoef(first[:length], second[:length])[0, 1]) < 0.1
    assert len({tuple(a) for a in rows().a}) > 2 * len(first)  # the same documents, split elsewhere
