"""Kernels compute what PyTorch computes in double precision, whatever the number of threads."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from babybert_tui.training import kernels
from babybert_tui.training.kernels import as_array, use_threads

DTYPES = [torch.float32, torch.bfloat16]
ROUNDING = {torch.float32: 2e-6, torch.bfloat16: 2**-8}  # what a result may be wrong by, beside numbers of size 1


def normal(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)


def factors_of(draw: np.ndarray, rows: int, columns: int) -> Tensor:
    factors = torch.empty(rows, columns)
    kernels.dropout_factors(draw, as_array(factors))
    return factors.double()


DRAWS = {"none": np.zeros(2, np.uint64), "a quarter": np.array([2**63 + 5, 16_384], np.uint64)}


@pytest.fixture(params=DRAWS)
def draw(request: pytest.FixtureRequest) -> np.ndarray:
    return DRAWS[request.param]


@numba.njit
def stored(values: Any, row: Any) -> None:
    for column in range(len(values)):
        kernels._write(row, column, values[column])


@numba.njit
def exponentials(values: Any) -> None:
    for number in range(len(values)):
        values[number] = kernels._exp(values[number])


def test_bf16_is_rounded_as_torch_rounds_it() -> None:
    bits = np.random.default_rng(0).integers(0, 2**32, 100_000, dtype=np.uint32)
    bits[::5] &= 0xFFFF0000  # bf16 as it is
    bits[1::5] = bits[1::5] & 0xFFFF0000 | 0x8000  # half way between two
    values = bits.view(np.float32)
    values = values[np.isfinite(values)]
    rounded = torch.empty(len(values), dtype=torch.bfloat16)
    stored(values, as_array(rounded))
    wanted = torch.from_numpy(values).bfloat16()
    assert torch.equal(rounded.view(torch.int16), wanted.view(torch.int16))


def test_exponentials() -> None:
    values = np.concatenate([-np.linspace(0, 87, 400_001), [-0.0, -1e-30, -88, -200, -1e30, -np.inf]]).astype(
        np.float32
    )
    wanted = np.exp(values.astype(np.float64))
    exponentials(values)
    error = abs(values - wanted) / np.maximum(wanted, 1e-37)
    assert error[:400_001].max() < 1e-7 * (1 + 87)  # the rounding of the argument counts 87-fold
    assert error[:4_600].max() < 3e-7  # above -1
    assert values[400_001:].tolist() == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("tokens", [1, 7, 40])
def test_softmax_and_dropout(dtype: torch.dtype, tokens: int, draw: np.ndarray) -> None:
    batch, rows = 3, 3 * 2 * 5
    scores, padding = 3 * normal(rows, tokens, dtype=dtype), torch.zeros(batch, tokens, dtype=dtype)
    padding[1, tokens // 2 + 1 :] = -torch.inf
    exact = scores.double().requires_grad_()
    bias = padding.double().repeat_interleave(rows // batch, 0)
    wanted = (0.7 * exact + bias).softmax(-1)
    kept = wanted * factors_of(draw, rows, tokens)
    gradient = normal(rows, tokens, dtype=dtype, seed=1)
    kept.backward(gradient.double())

    shares, left = scores.clone(), torch.empty_like(scores)
    kernels.softmax_dropout(as_array(shares), 0.7, as_array(padding), draw, as_array(left))
    torch.testing.assert_close(shares.double(), wanted.detach(), rtol=2 * ROUNDING[dtype], atol=1e-7)
    torch.testing.assert_close(left.double(), kept.detach(), rtol=2 * ROUNDING[dtype], atol=1e-7)
    assert shares[bias == -torch.inf].count_nonzero() == 0
    kernels.softmax_dropout_gradient(as_array(shares), 0.7, draw, as_array(gradient))
    torch.testing.assert_close(gradient.double(), exact.grad, rtol=0, atol=3 * ROUNDING[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "width"), [(70, 48), (3, 5), (1, 7)])
def test_bias_dropout_residual_and_norm(dtype: torch.dtype, rows: int, width: int, draw: np.ndarray) -> None:
    y, residual, gradient = (normal(rows, width, dtype=dtype, seed=seed) for seed in range(3))
    bias, weight, shift = (normal(width, dtype=dtype, seed=seed) for seed in range(3, 6))
    exact = [one.double().requires_grad_() for one in (residual, y, weight, shift, bias)]
    total = exact[0] + (exact[1] + exact[4]) * factors_of(draw, rows, width)
    wanted = functional.layer_norm(total, (width,), exact[2], exact[3], eps=1e-5)
    wanted.backward(gradient.double())

    out, normed, of_residual, of_y = (torch.empty_like(y) for _ in range(4))
    scales, sums = np.empty(rows, np.float32), torch.empty(3, width, dtype=dtype)
    kernels.add_norm(
        as_array(y), as_array(bias), as_array(residual), as_array(weight), as_array(shift), 1e-5, draw,
        as_array(out), as_array(normed), scales,
    )  # fmt: skip
    torch.testing.assert_close(out.double(), wanted.detach(), rtol=0, atol=4 * ROUNDING[dtype])
    kernels.add_norm_gradient(
        as_array(gradient), as_array(normed), scales, as_array(weight), draw,
        as_array(of_residual), as_array(of_y), as_array(sums),
    )  # fmt: skip
    for found, right in zip((of_residual, of_y, *sums), exact, strict=True):
        assert (found - right.grad).norm() <= 4 * ROUNDING[dtype] * (right.grad.norm() + 1e-2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_bias_and_gelu(dtype: torch.dtype) -> None:
    inner, bias = torch.linspace(-9, 9, 3_000).view(100, 30).to(dtype), normal(30, dtype=dtype)
    gradient = normal(100, 30, dtype=dtype, seed=1)
    exact = (inner.double() + bias.double()).requires_grad_()
    wanted = functional.gelu(exact)
    wanted.backward(gradient.double())

    slope, active, sums = inner.clone(), torch.empty_like(inner), torch.empty_like(bias)
    kernels.gelu(as_array(slope), as_array(bias), as_array(active))
    torch.testing.assert_close(active.double(), wanted.detach(), rtol=ROUNDING[dtype], atol=5e-7)
    kernels.gelu_gradient(as_array(gradient), as_array(slope), as_array(sums))
    torch.testing.assert_close(gradient.double(), exact.grad, rtol=2 * ROUNDING[dtype], atol=2e-6)
    torch.testing.assert_close(sums.double(), exact.grad.sum(0), rtol=2 * ROUNDING[dtype], atol=30 * ROUNDING[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_heads_are_split_and_merged(dtype: torch.dtype) -> None:
    batch, tokens, heads, width, parts = 5, 7, 3, 4, 2
    together = normal(batch * tokens, parts * heads * width, dtype=dtype)
    apart = torch.empty(parts, batch * heads, tokens, width, dtype=dtype)
    kernels.split_heads(as_array(together), as_array(apart))
    assert torch.equal(
        apart.view(parts, batch, heads, tokens, width),
        together.view(batch, tokens, parts, heads, width).permute(2, 0, 3, 1, 4),
    )
    back, sums = torch.empty_like(together), torch.empty(parts * heads * width, dtype=dtype)
    kernels.merge_heads(as_array(apart), as_array(back), as_array(sums))
    assert torch.equal(back, together)
    torch.testing.assert_close(sums.float(), together.float().sum(0), rtol=ROUNDING[dtype], atol=1e-5)


def everything() -> Iterator[Tensor]:
    """What several kernels make of the same input."""
    rows, width = 997, 48
    y, residual, gradient = (normal(rows, width, seed=seed) for seed in range(3))
    bias, draw = normal(width), DRAWS["a quarter"]
    out, normed, of_residual, of_y = (torch.empty_like(y) for _ in range(4))
    scales, sums = np.empty(rows, np.float32), torch.empty(3, width)
    vectors = [as_array(bias)] * 3
    kernels.add_norm(as_array(y), vectors[0], as_array(residual), *vectors[1:], 1e-12, draw, as_array(out),
                     as_array(normed), scales)  # fmt: skip
    kernels.add_norm_gradient(as_array(gradient), as_array(normed), scales, vectors[0], draw, as_array(of_residual),
                              as_array(of_y), as_array(sums))  # fmt: skip
    kernels.softmax_dropout(as_array(y), 0.7, as_array(bias[None]), draw, as_array(residual))
    yield from (out, normed, of_residual, of_y, sums, y, residual)


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="there is one processor")
def test_the_number_of_threads_changes_no_bit() -> None:
    threads, kernel_threads = torch.get_num_threads(), numba.get_num_threads()
    results = []
    for count in (1, 2, 1_000):
        use_threads(count)
        results.append(list(everything()))
    torch.set_num_threads(threads)
    numba.set_num_threads(kernel_threads)
    for other in results[1:]:
        assert all(torch.equal(one, two) for one, two in zip(results[0], other, strict=True))


def results(given: Tensor) -> bytes:
    """What all kernels make of a tensor (R, C), their own memory being new each time."""
    rows, width = given.shape
    draw, bias = DRAWS["a quarter"], as_array(given[0].clone())
    a, b, c, d = (torch.empty_like(given) for _ in range(4))
    scales, sums, total = np.empty(rows, np.float32), torch.empty(3, width), torch.empty(width)
    made = [a, b, c, d, sums]
    kernels.add_norm(
        as_array(given), bias, as_array(given), bias, bias, 1e-12, draw, as_array(a), as_array(b), scales
    )  # fmt: skip
    kernels.add_norm_gradient(
        as_array(given), as_array(b), scales, bias, draw, as_array(c), as_array(d), as_array(sums)
    )  # fmt: skip
    found = [as_array(one).tobytes() for one in made]
    ids, segments = np.arange(rows) % 7, np.arange(rows) % 2
    kernels.embed(
        as_array(given), as_array(given), as_array(given), ids, segments, 11, bias, bias, 1e-12, draw, as_array(a),
        as_array(b), scales,
    )  # fmt: skip
    kernels.embed_gradient(
        as_array(given), as_array(b), scales, bias, draw, segments, as_array(c), as_array(sums[:2]), as_array(d[:2])
    )
    found += [as_array(one).tobytes() for one in (a, b, c, d[:2], sums)]
    slope, shares, logits = given.clone(), given.clone(), given.clone()
    kernels.gelu(as_array(slope), bias, as_array(a))
    kernels.gelu_gradient(as_array(a), as_array(slope), as_array(total))
    kernels.softmax_dropout(as_array(shares), 0.7, bias[None], draw, as_array(b))
    kernels.softmax_dropout_gradient(as_array(shares), 0.7, draw, as_array(b))
    losses, right = np.empty(rows, np.float32), np.empty(rows, np.bool_)
    kernels.cross_entropy(as_array(logits), bias, ids, 0.1, losses, right)
    found += [as_array(one).tobytes() for one in (a, b, slope, shares, logits, total)]
    return b"".join([*found, losses.tobytes()])


@pytest.mark.parametrize("width", [16, 23])
def test_where_the_memory_lies_changes_no_bit(width: int) -> None:
    """A loop may be vectorised or not, as a kernel's arrays lie far from each other or next to each other.

    So tensors are made with gaps between them, into which new ones and the kernels' own memory fit.
    """
    given, random, seen = normal(66, width), np.random.default_rng(0), set()
    for _ in range(200):
        tensors, gaps = [], []
        for size in random.integers(60, 260, 20):
            tensors.append(given.clone())
            gaps.append(bytearray(int(size)))
        del gaps
        seen |= {results(one) for one in tensors}
    assert len(seen) == 1


@pytest.mark.slow
def test_code_just_compiled_and_code_that_was_kept_give_the_same_bits(tmp_path: Path) -> None:
    program = "import sys; from training.test_kernels import *; sys.stdout.buffer.write(results(normal(66, 64)))"
    tests = Path(__file__).parents[1]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}"}
    made, kept = (
        subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True).stdout
        for _ in range(2)
    )
    assert any(tmp_path.rglob("*.nbc"))
    assert made == kept == results(normal(66, 64))


def test_with_nowhere_to_keep_it_a_kernel_is_compiled_all_the_same() -> None:
    """As in an installation that nobody may write to, without a home."""
    names: dict[str, Any] = {}
    exec("def double(values):\n    for number in range(len(values)):\n        values[number] *= 2", names)
    with pytest.raises(RuntimeError, match="cannot cache"):
        numba.njit(cache=True)(names["double"])
    values = np.ones(3)
    kernels._kernel(names["double"])(values)
    assert values.tolist() == [2, 2, 2]


def test_what_is_no_number_is_handed_on() -> None:
    logits = normal(2, 9)
    logits[0, 4] = torch.nan
    losses, right = np.empty(2, np.float32), np.empty(2, np.bool_)
    kernels.cross_entropy(as_array(logits), np.zeros(9, np.float32), np.array([1, 1]), 1.0, losses, right)
    assert np.isnan(losses).tolist() == [True, False]
