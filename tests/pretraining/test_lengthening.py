"""Updates with short rows come first, then those with rows of full length."""

import itertools

from babybert_tui.pretraining.batches import Batch, LengtheningData
from babybert_tui.pretraining.masking import NOT_SELECTED, Masking
from babybert_tui.pretraining.pairs import PairSettings
from pretraining.test_batches import always, assert_same, differ, make_data

SHORT, LONG, UNTIL = 12, 24, 20


def make_lengthening(**changes: object) -> LengtheningData:
    short = make_data(pairs=PairSettings(SHORT), batch_size=16, **changes)
    long = make_data(pairs=PairSettings(LONG), batch_size=8, after=UNTIL, **changes)
    return LengtheningData(short, long, UNTIL)


def shape_of(update: list[Batch]) -> tuple[int, int]:
    (batch,) = update
    return tuple(batch.input_ids.shape)


def test_the_rows_are_short_and_many_and_then_long_and_few() -> None:
    data = make_lengthening()
    shapes = {step: shape_of(data[step]) for step in range(1, 2 * UNTIL)}
    assert {rows for step, (rows, _) in shapes.items() if step <= UNTIL} == {16}
    assert {rows for step, (rows, _) in shapes.items() if step > UNTIL} == {8}
    assert max(length for step, (_, length) in shapes.items() if step <= UNTIL) == SHORT
    assert max(length for step, (_, length) in shapes.items() if step > UNTIL) == LONG


def test_the_updates_are_those_of_the_two_kinds_each_from_its_beginning() -> None:
    data, short = make_lengthening(), make_data(pairs=PairSettings(SHORT), batch_size=16)
    for step in (1, UNTIL):
        assert_same(data[step], short[step])
    first_long = make_data(pairs=PairSettings(LONG))[1]
    assert (data[UNTIL + 1][0].original_ids == first_long[0].original_ids).all(), "all of the text is used again"
    assert (data[UNTIL + 1][0].fates != first_long[0].fates).any(), "the masks are those of the step"


def test_it_goes_on_from_any_saved_position() -> None:
    whole = make_lengthening()
    for step in (2, UNTIL, UNTIL + 1, UNTIL + 9):
        position = whole.position_at(step)
        is_short = step <= UNTIL
        changes = {"position": position}
        short = make_data(pairs=PairSettings(SHORT), batch_size=16, **(changes if is_short else {}))
        long = make_data(pairs=PairSettings(LONG), batch_size=8, after=UNTIL, **({} if is_short else changes))
        again = LengtheningData(short, long, UNTIL)
        for later in range(step, step + 4):
            assert_same(again[later], whole[later])


def test_a_loader_serves_both_kinds_and_a_change_of_masking_reaches_both() -> None:
    data = make_lengthening()
    served = list(itertools.islice(data.updates(UNTIL - 1, 2**62), 4))
    for step, update in enumerate(served, UNTIL - 1):
        assert_same(update, data[step])
        assert step == UNTIL - 1 or differ(update, served[0])
    data.corrupt_as(always(Masking(probability=0.5)))
    for update in (data[UNTIL], data[UNTIL + 1]):
        (batch,) = update
        assert 0.4 < (batch.fates != NOT_SELECTED).sum() / batch.tokens < 0.6
