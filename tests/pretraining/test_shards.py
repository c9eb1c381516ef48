"""A corpus of any size is drawn in parts that memory holds, and everything said of an epoch stays true."""

import numpy as np
import pytest

from babybert_tui.pretraining.batches import PretrainingData, StreamPosition
from babybert_tui.pretraining.masking import Masking, MaskingVocabulary
from babybert_tui.pretraining.pairs import PairSettings, draw_examples, shard_count, shard_documents
from babybert_tui.randomness import generator
from pretraining.telltale_corpus import FIRST, MASK, SPECIAL, make_telltale
from pretraining.test_batches import assert_same

CORPUS = make_telltale(documents=60, seed=3)
SENTENCES = len(CORPUS.tokenized.sentence_offsets) - 1
VOCABULARY = MaskingVocabulary(
    MASK, np.arange(FIRST, FIRST + len(CORPUS.document_of)), np.zeros(FIRST + len(CORPUS.document_of), dtype=bool)
)


def make_data(shards: int = 5, **changes) -> PretrainingData:
    known = {"batch_size": 8, "seed": 5, "shard_sentences": -(-SENTENCES // shards)} | changes
    return PretrainingData(CORPUS.tokenized, PairSettings(24), lambda _: Masking(), VOCABULARY, SPECIAL, **known)


def documents_drawn(data: PretrainingData, epoch: int, shard: int) -> set[int]:
    examples = data._draw_part(epoch, shard)
    return set(CORPUS.document_of[CORPUS.tokenized.ids[examples.a_start] - FIRST].tolist())


def test_each_document_is_in_one_part_of_each_epoch() -> None:
    for epoch in range(3):
        parts = [documents_drawn(make_data(), epoch, shard) for shard in range(5)]
        assert sum(map(len, parts)) == 60
        assert set.union(*parts) == set(range(60))


def test_parts_are_from_all_over_the_corpus_and_others_in_the_next_epoch() -> None:
    first, next_epoch = documents_drawn(make_data(), 0, 0), documents_drawn(make_data(), 1, 0)
    assert first != next_epoch
    assert min(first) < 20
    assert max(first) > 40


def test_strangers_come_from_the_same_part() -> None:
    data = make_data()
    for shard in range(5):
        examples = data._draw_part(0, shard)
        strangers = examples.b_start[examples.label == 1]
        from_documents = set(CORPUS.document_of[CORPUS.tokenized.ids[strangers] - FIRST].tolist())
        assert from_documents <= documents_drawn(data, 0, shard)


def test_an_update_is_the_same_whoever_asks_and_from_every_position() -> None:
    whole = make_data()
    seen = {step: whole[step] for step in range(1, 80)}
    assert whole.position_at(79).epoch == 1
    for step in (1, 23, 66):
        position = make_data().position_at(step)
        resumed = make_data(position=position)
        for later in range(step, step + 4):
            assert_same(resumed[later], seen[later])
        assert_same(whole[step], seen[step])


def test_a_position_names_its_part() -> None:
    data = make_data()
    sizes = [len(data._draw_part(0, shard)) for shard in range(5)]
    positions = {make_data().position_at(step) for step in range(1, sum(sizes) // 8)}
    expected = [StreamPosition(0, sum(sizes[:shard]), shard) for shard in range(5)]
    assert positions == set(expected)


def test_a_position_saved_before_there_were_parts_is_read() -> None:
    assert StreamPosition(epoch=3, examples_before=70) == StreamPosition(3, 70, 0)


def test_no_more_than_two_parts_are_held_at_once() -> None:
    data = make_data()
    for step in range(1, 60):
        data.examples(step * 8, step * 8 + 8)
        assert len(data._drawn) <= 2


@pytest.mark.parametrize("shards", [1, 5])
def test_each_part_is_drawn_once_by_who_asks_in_order(shards: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing takes as long as some updates: drawn at each of them, it would be most of the work."""
    data, drawn = make_data(shards), []
    draw_part = data._draw_part
    monkeypatch.setattr(data, "_draw_part", lambda *part: [drawn.append(part), draw_part(*part)][1])
    for step in range(1, 200):
        _ = data[step]
        data.position_at(step + 1)
    assert max(drawn)[0] >= 2
    assert sorted(set(drawn)) == drawn


def test_a_corpus_of_ordinary_size_is_drawn_whole_and_as_before() -> None:
    data = PretrainingData(
        CORPUS.tokenized, PairSettings(24), lambda _: Masking(), VOCABULARY, SPECIAL, batch_size=8, seed=5
    )
    expected = draw_examples(CORPUS.tokenized, PairSettings(24), generator(5, "pairs", 1))
    np.testing.assert_array_equal(data._draw_part(1).a_start, expected.a_start)
    assert shard_count(CORPUS.tokenized) == 1
    assert shard_documents(CORPUS.tokenized, 0, 1, generator(0, "x")) is None


@pytest.mark.parametrize(("sentences", "parts"), [(10**9, 1), (SENTENCES // 2 + 1, 2), (1, 30)])
def test_parts_are_as_many_as_needed_but_of_two_documents_at_least(sentences: int, parts: int) -> None:
    assert shard_count(CORPUS.tokenized, sentences) == parts
