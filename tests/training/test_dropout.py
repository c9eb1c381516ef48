"""Dropout is drawn by (seed, step, part) and is right in the mean."""

import pytest
import torch
from torch import Tensor

from babybert_tui.training.dropout import CounterDropout

SIZE = 400_000


@pytest.mark.parametrize("probability", [0.002, 0.1, 0.25, 0.5, 0.9, 1 - 1e-9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_share_that_is_dropped_and_the_mean_that_is_kept(probability: float, dtype: torch.dtype) -> None:
    dropout, level = CounterDropout(0, 1, 0), min(round(65_536 * probability) / 65_536, 65_535 / 65_536)
    assert level == pytest.approx(probability, abs=1 / 65_536)
    error = (level * (1 - level) / SIZE) ** 0.5
    rounding = 0.004 if dtype == torch.bfloat16 else 1e-6  # half a unit in the last of its 8 bits
    for _ in range(10):
        dropped = dropout(torch.ones(SIZE // 7, 7, dtype=dtype), probability)
        assert dropped.dtype == dtype
        share, kept = (dropped == 0).double().mean().item(), dropped[dropped != 0].unique().tolist()
        assert abs(share - level) < 5 * error
        assert kept == [pytest.approx(1 / (1 - level), rel=rounding)]
        assert dropped.double().mean().item() == pytest.approx(1, abs=5 * error / (1 - level) + rounding)


@pytest.mark.parametrize("columns", [1, 2, 3, 8, 128, 513])
def test_elements_are_dropped_independently(columns: int) -> None:
    """Neighbours in a row, the two that share random bits, and the same columns of other rows."""
    rows = 400_000 // columns
    gone = (CounterDropout(0, 1, 0)(torch.ones(rows, columns), 0.3) == 0).double()
    error = 0.3 * 0.7 / rows**0.5
    half = (columns + 1) // 2
    for one, other in (
        (gone[:, 1:], gone[:, :-1]),
        (gone[:, half:], gone[:, : columns - half]),
        (gone[1:], gone[:-1]),
        (gone[7:], gone[:-7]),
    ):
        together = (one * other).mean(0)
        assert (abs(together - 0.09) < 6 * error).all()
    assert (abs(gone.mean(0) - 0.3) < 6 * (0.3 * 0.7 / rows) ** 0.5).all()


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
    dropped = CounterDropout(0, 1, 0)(x, 0.25)
    dropped.sum().backward()
    expected = torch.where(dropped == 0, 0.0, 1 / 0.75)
    torch.testing.assert_close(x.grad, expected, rtol=1e-4, atol=0)
    torch.testing.assert_close(dropped, x.detach() * expected, rtol=1e-4, atol=0)


def test_no_probability_means_no_change() -> None:
    x = torch.randn(10)
    assert torch.equal(CounterDropout(0, 1, 0)(x, 0.0), x)
