"""The speed of plain square matrix products: what any training step on this machine is held against."""

import time

import torch

SIZES = (512, 1024, 2048)
_FLOPS_A_TRY = 2 * 1024**3  # so that a small size is timed over several products
_TRIES = 4


def product_flops_per_second(dtype: torch.dtype, sizes: tuple[int, ...] = SIZES) -> float:
    """The fastest of a few products of squares, of the best of the sizes, in floating-point operations a second."""
    return max(_best_at(size, dtype) for size in sizes)


def _best_at(size: int, dtype: torch.dtype) -> float:
    left, right = torch.ones(size, size).to(dtype), torch.ones(size, size).to(dtype)
    out = torch.empty(size, size, dtype=dtype)
    torch.mm(left, right, out=out)
    flops = 2 * size**3
    repeats = max(1, _FLOPS_A_TRY // flops)
    return repeats * flops / min(_seconds_of(left, right, out, repeats) for _ in range(_TRIES))


def _seconds_of(left: torch.Tensor, right: torch.Tensor, out: torch.Tensor, repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        torch.mm(left, right, out=out)
    return time.perf_counter() - began
