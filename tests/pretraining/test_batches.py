"""The data of an update is a function of the seed, the settings and the update's number."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from babybert_tui.pretraining.batches import Batch, PretrainingData, StreamPosition, lay_out, make_batch, selected_count
from babybert_tui.pretraining.masking import Masking, MaskingVocabulary
from babybert_tui.pretraining.pairs import Examples, PairSettings
from babybert_tui.randomness import generator
from pretraining.telltale_corpus import FIRST, MASK, SPECIAL, Telltale, make_telltale

CORPUS = make_telltale(documents=25, seed=0)
VOCABULARY = MaskingVocabulary(
    MASK, np.arange(FIRST, FIRST + len(CORPUS.document_of)), np.zeros(FIRST + len(CORPUS.document_of), dtype=bool)
)


def always(masking: Masking) -> Callable[[int], Masking]:
    return lambda _step: masking


def make_data(corpus: Telltale = CORPUS, **changes: Any) -> PretrainingData:
    known = {"masking": always(Masking()), "pairs": PairSettings(24), "batch_size": 8, "accumulation": 1, "seed": 5}
    known |= changes
    pairs, masking = known.pop("pairs"), known.pop("masking")
    return PretrainingData(corpus.tokenized, pairs, masking, VOCABULARY, SPECIAL, **known)


def arrays_of(batch: Batch) -> dict[str, NDArray[Any]]:
    """Everything in a batch, to compare."""
    return {name: np.asarray(value) for name, value in vars(batch).items() if value is not None}


def assert_same(one: list[Batch], two: list[Batch]) -> None:
    assert len(one) == len(two)
    for first, second in zip(one, two, strict=True):
        ours, theirs = arrays_of(first), arrays_of(second)
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            np.testing.assert_array_equal(value, theirs[name], err_msg=name)


def differ(one: list[Batch], two: list[Batch]) -> bool:
    return not np.array_equal(one[0].original_ids, two[0].original_ids)


def epoch_length(data: PretrainingData, epoch: int = 0) -> int:
    return len(data._draw_part(epoch))


def test_an_update_is_the_same_whoever_asks_and_whatever_was_asked_before() -> None:
    forwards = make_data()
    seen = {step: forwards[step] for step in range(1, 60)}
    assert 2 * epoch_length(forwards) < 59 * 8  # well into the third epoch
    for step in (1, 13, 27, 44, 59):
        assert_same(make_data()[step], seen[step])
    assert differ(seen[1], seen[2])


def test_an_update_can_be_asked_for_again() -> None:
    """Also one that spans several epochs of a tiny corpus, and one long past."""
    for data in (make_data(), make_data(make_telltale(documents=2, seed=1), batch_size=64)):
        first = data[1]
        assert_same(data[1], first)
        data[40]
        assert_same(data[1], first)


def test_an_update_is_the_same_from_a_later_position_in_the_stream() -> None:
    whole = make_data()
    for step in (15, 33, 50):
        position = make_data().position_at(step)
        assert position.epoch > 0 or step == 15
        resumed = make_data(position=position)
        for later in range(step, step + 12):
            assert_same(resumed[later], whole[later])


def test_a_position_is_where_its_epoch_begins() -> None:
    data = make_data()
    sizes = [epoch_length(data, epoch) for epoch in range(3)]
    step = sizes[0] // 8 + 2
    assert data.position_at(1) == StreamPosition(0, 0)
    assert data.position_at(step) == StreamPosition(1, sizes[0])
    assert data.position_at((sizes[0] + sizes[1]) // 8 + 2) == StreamPosition(2, sizes[0] + sizes[1])
    accumulating = make_data(batch_size=4, accumulation=2)
    assert all(accumulating.position_at(one) == make_data().position_at(one) for one in range(1, 40))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_data_loader_serves_the_same_updates(workers: int) -> None:
    steps = range(1, 31)
    loader = DataLoader(make_data(), batch_size=None, sampler=steps, num_workers=workers)
    whole = make_data()
    for step, served in zip(steps, loader, strict=True):
        assert_same(served, whole[step])


def test_updates_come_in_order_and_only_when_asked_for() -> None:
    masked: list[int] = []

    def masking(step: int) -> Masking:
        masked.append(step)
        return Masking()

    updates = make_data(masking=masking).updates(7, 2**62)
    assert masked == []
    whole = make_data()
    for step in (7, 8, 9):
        assert_same(next(updates), whole[step])
        assert masked[-1] == step  # a change of the masking reaches the very next update


def test_serving_updates_leaves_torch_and_numpy_generators_alone() -> None:
    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002 - the legacy generator is what must not move
    before, legacy = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    updates = make_data().updates(1, 20)
    for _ in range(10):
        next(updates)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == legacy).all()  # noqa: NPY002


def test_accumulation_splits_the_same_global_batch() -> None:
    for step in (1, 9, 20):
        (whole,) = make_data(batch_size=12)[step]
        parts = make_data(batch_size=4, accumulation=3)[step]
        assert [len(part.labels) for part in parts] == [4, 4, 4]

        def rows(batch: Batch) -> list[list[int]]:
            return [[one for one in row if one] for row in batch.original_ids.tolist()]

        assert [row for part in parts for row in rows(part)] == rows(whole)
        assert torch.equal(torch.cat([part.labels for part in parts]), whole.labels)
        assert sum(part.tokens for part in parts) == whole.tokens
        assert selected_count(parts) == selected_count([whole])


def test_an_epoch_uses_each_example_once_before_the_next_begins() -> None:
    data = make_data(batch_size=5)
    size = epoch_length(data)
    epoch = data._draw_part(0)
    rows: list[tuple[int, ...]] = []
    for step in range(1, size // 5 + 2):
        examples = data.examples((step - 1) * 5, step * 5)
        rows += zip(examples.a_start, examples.a_end, examples.b_start, examples.b_end, strict=True)
    wanted = zip(epoch.a_start, epoch.a_end, epoch.b_start, epoch.b_end, strict=True)
    assert sorted(rows[:size]) == sorted(wanted)
    after = data._draw_part(1)
    assert rows[size][:2] == (after.a_start[0], after.a_end[0])
    assert set(zip(after.a_start, after.a_end, strict=True)) != set(zip(epoch.a_start, epoch.a_end, strict=True))


def test_another_seed_gives_other_pairs_and_other_masks() -> None:
    assert differ(make_data()[1], make_data(seed=6)[1])
    data, other = make_data(), make_data(seed=6)
    other._draw_part = data._draw_part  # the same pairs
    assert not differ(data[3], other[3])
    assert (data[3][0].fates != other[3][0].fates).any()


def test_each_update_draws_its_own_masks() -> None:
    data, whole = make_data(), make_data()
    data.examples = lambda _first, _end: whole.examples(0, 8)  # the same rows at every step
    assert not differ(data[1], data[2])
    assert (data[1][0].fates != data[2][0].fates).any()


def test_a_batch_tells_where_its_targets_are() -> None:
    for step in range(1, 20):
        (batch,) = make_data()[step]
        selected = batch.fates > 0
        chosen = batch.positions.flatten()[batch.selected]
        rows = batch.selected // batch.positions.shape[1]
        assert (batch.positions[:, 0] == 0).all()
        assert (batch.positions > 0).sum() == len(batch.targets)  # what is left over is filled with 0
        np.testing.assert_array_equal(np.stack([rows, chosen]), np.stack(np.nonzero(selected)))
        np.testing.assert_array_equal(batch.targets, batch.original_ids[selected])
        np.testing.assert_array_equal(np.asarray(batch.input_ids)[~selected], batch.original_ids[~selected])
        real = batch.original_ids != SPECIAL.pad
        assert batch.tokens == real.sum()
        if batch.attention_mask is None:
            assert real.all()
        else:
            np.testing.assert_array_equal(batch.attention_mask, real)
        assert real.any(axis=0).all()  # no column of padding alone


def test_rows_of_equal_length_need_no_attention_mask() -> None:
    first = int(CORPUS.tokenized.sentence_offsets[0])
    one = np.array([first, first])
    examples = Examples(one, one + 3, one + 3, one + 7, np.array([0, 0]), np.array([False, False]))
    layout = lay_out(CORPUS.tokenized.ids, examples, SPECIAL)
    batch = make_batch(layout, examples.label, Masking(), VOCABULARY, generator(0, "x"))
    assert batch.attention_mask is None
    assert batch.input_ids.shape == (2, 10)
