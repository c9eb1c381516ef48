"""Dropout is drawn by (seed, step, part) and is right in the mean."""

import pytest
import torch
from torch import Tensor

from babybert_tui.training.dropout import CounterDropout, DropoutAhead

SIZE = 400_000


@pytest.mark.parametrize("probability", [0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_share_that_is_dropped_and_the_mean_that_is_kept(probability: float, dtype: torch.dtype) -> None:
    dropped = CounterDropout(0, 1, 0)(torch.ones(SIZE, dtype=dtype), probability)
    assert dropped.dtype == dtype
    error = (probability * (1 - probability) / SIZE) ** 0.5
    assert abs((dropped == 0).float().mean().item() - probability) < 5 * error
    rounding = 0.004 if dtype == torch.bfloat16 else 0.0  # half a unit in the last of its 8 bits
    assert dropped.double().mean().item() == pytest.approx(1, abs=5 * error / (1 - probability) + rounding)
    kept = dropped[dropped != 0]
    assert kept.unique().item() == pytest.approx(1 / (1 - probability), rel=1e-3 + rounding)


def dropped_by(seed: int = 0, step: int = 1, part: int = 0, calls: int = 1) -> Tensor:
    dropout = CounterDropout(seed, step, part)
    return torch.stack([dropout(torch.ones(1000), 0.3) for _ in range(calls)])


def test_the_same_seed_step_and_part_drop_the_same() -> None:
    assert torch.equal(dropped_by(calls=3), dropped_by(calls=3))


def test_another_seed_step_part_or_call_drops_otherwise() -> None:
    masks = [dropped_by(), dropped_by(seed=1), dropped_by(step=2), dropped_by(part=1)]
    masks.append(dropped_by(calls=2)[1:])
    for number, one in enumerate(masks):
        for other in masks[number + 1 :]:
            same = ((one == 0) == (other == 0)).float().mean().item()
            assert same == pytest.approx(0.3**2 + 0.7**2, abs=0.1)


def test_torch_s_own_generator_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    dropped_by()
    assert torch.equal(torch.get_rng_state(), before)


def test_the_gradient_passes_where_the_value_did() -> None:
    x = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    dropped = CounterDropout(0, 1, 0)(x, 0.4)
    dropped.sum().backward()
    expected = torch.where(dropped == 0, 0.0, 1 / 0.6)
    torch.testing.assert_close(x.grad, expected, rtol=1e-4, atol=0)
    torch.testing.assert_close(dropped, x.detach() * expected, rtol=1e-4, atol=0)


def test_no_probability_means_no_change() -> None:
    x = torch.randn(10)
    assert torch.equal(CounterDropout(0, 1, 0)(x, 0.0), x)


def dropped_after(ahead: DropoutAhead, step: int, sizes: list[int]) -> list[Tensor]:
    dropout = ahead.of(0, step, 0)
    return [dropout(torch.ones(size), 0.3) for size in sizes]


@pytest.mark.parametrize("expected", [0, 1, 100, 349, 351, 10_000])
def test_what_is_drawn_ahead_is_what_would_have_been_drawn(expected: int) -> None:
    sizes = [999, 1, 400]  # 350 words, a hundred of them in the last call
    ahead = DropoutAhead()
    ahead.expect(0, 2, 0, expected)
    for drawn, asked in zip(dropped_after(ahead, 2, sizes), dropped_after(DropoutAhead(), 2, sizes), strict=True):
        assert torch.equal(drawn, asked)


def test_a_pass_takes_as_many_words_as_it_says() -> None:
    ahead = DropoutAhead()
    dropout = ahead.of(0, 1, 0)
    dropout(torch.ones(999), 0.3)
    dropout(torch.ones(1), 0.3)
    assert dropout.taken == 251
    assert dropout(torch.ones(10), 0.0).sum() == 10
    assert dropout.taken == 251


def test_much_is_not_drawn_ahead_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("babybert_tui.training.dropout._MOST_AHEAD", 3)
    ahead = DropoutAhead()
    ahead.expect(0, 2, 0, 10)
    assert torch.equal(dropped_after(ahead, 2, [40])[0], dropped_after(DropoutAhead(), 2, [40])[0])


def test_a_pass_that_was_not_expected_is_drawn_as_ever() -> None:
    ahead = DropoutAhead()
    ahead.expect(0, 2, 0, 100)
    assert torch.equal(dropped_after(ahead, 7, [400])[0], dropped_after(DropoutAhead(), 7, [400])[0])
    assert torch.equal(dropped_after(ahead, 2, [400])[0], dropped_after(DropoutAhead(), 2, [400])[0])
