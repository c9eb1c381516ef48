"""What an update does beside matrix products, each in one pass over memory: written in Python, compiled by Numba.

PyTorch reads and writes whole tensors for every small step, and at this size of model that is most of an update. Here
softmax and dropout are one loop over a row; so are bias, dropout, residual and LayerNorm; and so on, each with its
gradient. Numba compiles a loop when it is first called and keeps the code beside this file, for the next start; it
needs no compiler on the machine. The loops run on PyTorch's own threads.

All tensors are CPU, contiguous, and given as arrays (`as_array`): fp32 as it is, bf16 as its bits. All computing is in
fp32, and the same input gives the same bits, whatever the number of threads and wherever in memory things lie: rows are
shared out in a fixed number of blocks, sums have an order of their own (`_total`), and the compiler may change none. It
would choose another order for code that it has just made than for code that it has kept.

All of it stays in one file: by its date alone Numba knows whether the code that it has kept is still that of a kernel
and of all that the kernel calls.

`draw` names a dropout: an array of its key and of how many of 65,536 elements it drops (`dropout.py`). Which ones is a
function of the key, the row and the column, so that a gradient finds them again, and nobody has to remember them.
"""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar, cast

import numba
import numpy as np
import torch
from llvmlite import ir
from llvmlite.binding import FeatureMap, get_host_cpu_features
from numba import float32, int32, njit, prange, types, uint16, uint32, uint64
from numba.core import cgutils
from numba.extending import intrinsic, overload
from torch import Tensor

_F = TypeVar("_F", bound=Callable[..., Any])

LEVELS = 65_536  # of what decides on an element in dropout
_BLOCKS = 32
_LANES = 16

# The threads that Numba falls back to where it finds no OpenMP end the program when two callers use them at once.
_ONE_AT_A_TIME = Lock()

# PyTorch is loaded, so "omp" finds its library and shares its threads; two sets of them would get in each other's way.
numba.config.THREADING_LAYER_PRIORITY = ["omp", "tbb", "workqueue"]


def _vector_instructions() -> str | None:
    """Those that PyTorch uses, as features of LLVM; None for what LLVM would take.

    With AVX-512 it would still take half of a register. `ATEN_CPU_CAPABILITY=avx2`, which shows what another processor
    would do, means kernels, too.
    """
    features = get_host_cpu_features()
    if not features.get("avx512f"):
        return None
    if torch.backends.cpu.get_cpu_capability() == "AVX512":
        return f"{features.flatten()},-prefer-256-bit"
    narrow = {name: there and not name.startswith(("avx512", "avx10", "amx")) for name, there in features.items()}
    return str(FeatureMap(narrow).flatten())


if not numba.config.CPU_NAME and not numba.config.CPU_FEATURES:
    numba.config.CPU_FEATURES = _vector_instructions()


def use_threads(count: int) -> None:
    """For this thread's products and kernels alike."""
    torch.set_num_threads(count)
    numba.set_num_threads(min(count, numba.config.NUMBA_NUM_THREADS))


def as_array(x: Tensor) -> np.ndarray:
    """The memory of a tensor; bf16 as uint16."""
    x = x.detach()
    return x.view(torch.int16).numpy().view(np.uint16) if x.dtype == torch.bfloat16 else x.numpy()


def _inlined(function: _F) -> _F:
    return cast("_F", njit(function))


def _kernel(function: _F) -> _F:
    options = {"parallel": True, "nogil": True, "error_model": "numpy"}
    try:
        compiled = njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to keep it
        compiled = njit(**options)(function)

    @wraps(function)
    def call(*arguments: Any) -> None:
        with _ONE_AT_A_TIME:
            compiled(*arguments)

    return cast("_F", call)


# What Numba has no word for.


def _same_bits(result: Any, argument: Any) -> Any:
    @intrinsic  # type: ignore[untyped-decorator]
    def same_bits(_typing: Any, _x: Any) -> Any:
        return result(argument), lambda context, builder, _, arguments: builder.bitcast(
            arguments[0], context.get_value_type(result)
        )

    return same_bits


_bits_of = _same_bits(types.uint32, types.float32)
_float_of = _same_bits(types.float32, types.uint32)


@intrinsic  # type: ignore[untyped-decorator]
def _larger(_typing: Any, _x: Any, _y: Any) -> Any:
    """The larger of two floats, in a way that can be vectorised; `max` cannot."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        single = context.get_value_type(types.float32)
        function = builder.module.declare_intrinsic("llvm.maxnum", [single], ir.FunctionType(single, [single, single]))
        return builder.call(function, arguments, fastmath=("nnan", "nsz"))

    return types.float32(types.float32, types.float32), generate


@intrinsic  # type: ignore[untyped-decorator]
def _fma(_typing: Any, _x: Any, _y: Any, _z: Any) -> Any:
    """X · y + z of three floats, rounded once."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        single = context.get_value_type(types.float32)
        function = builder.module.declare_intrinsic("llvm.fma", [single], ir.FunctionType(single, [single] * 3))
        return builder.call(function, arguments)

    return types.float32(types.float32, types.float32, types.float32), generate


@intrinsic  # type: ignore[untyped-decorator]
def _total(_typing: Any, values: Any) -> Any:
    """The sum of a row of floats: that of 16 sums side by side, in an order that is always the same."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        row = context.make_array(signature.args[0])(context, builder, arguments[0])
        count = builder.extract_value(row.shape, 0)
        single, vector = ir.FloatType(), ir.VectorType(ir.FloatType(), _LANES)
        zero, step = ir.Constant(count.type, 0), ir.Constant(count.type, _LANES)
        whole = builder.sub(count, builder.urem(count, step))
        sums = cgutils.alloca_once_value(builder, ir.Constant(vector, [0.0] * _LANES))
        rest = cgutils.alloca_once_value(builder, ir.Constant(single, 0.0))
        with cgutils.for_range_slice(builder, zero, whole, step, count.type) as (first, _):
            place = builder.bitcast(builder.gep(row.data, [first]), vector.as_pointer())
            builder.store(builder.fadd(builder.load(sums), builder.load(place, align=4)), sums)
        with cgutils.for_range_slice(builder, whole, count, ir.Constant(count.type, 1), count.type) as (number, _):
            builder.store(builder.fadd(builder.load(rest), builder.load(builder.gep(row.data, [number]))), rest)
        total, half = builder.load(sums), _LANES // 2
        while half:
            lower, upper = (
                builder.shuffle_vector(total, total, ir.Constant(ir.VectorType(ir.IntType(32), half), list(lanes)))
                for lanes in (range(half), range(half, 2 * half))
            )
            total, half = builder.fadd(lower, upper), half // 2
        return builder.fadd(builder.extract_element(total, ir.Constant(ir.IntType(32), 0)), builder.load(rest))

    return types.float32(values), generate


def _read(row: Any, column: int) -> Any:
    """An element, in fp32."""
    raise NotImplementedError  # compiled, it is one of those below


def _write(row: Any, column: int, value: Any) -> None:
    """Rounds to the precision of the row, to nearest and of two to even."""
    raise NotImplementedError


@overload(_read, strict=False)  # type: ignore[untyped-decorator]
def _compiled_read(row: Any, column: Any) -> Any:  # noqa: ARG001 - their names count
    if row.dtype == types.uint16:
        return lambda row, column: _float_of(uint32(uint32(row[column]) << uint32(16)))
    return lambda row, column: row[column]


@overload(_write, strict=False)  # type: ignore[untyped-decorator]
def _compiled_write(row: Any, column: Any, value: Any) -> Any:  # noqa: ARG001
    if row.dtype == types.uint16:

        def write(row: Any, column: Any, value: Any) -> None:
            bits = _bits_of(float32(value))
            to_even = uint32(uint32(bits >> uint32(16)) & uint32(1))
            row[column] = uint16(uint32(uint32(uint32(bits + uint32(0x7FFF)) + to_even) >> uint32(16)))

    else:

        def write(row: Any, column: Any, value: Any) -> None:
            row[column] = value

    return write


@_inlined
def _exp(x: Any) -> Any:
    """The exponential of x ≤ 0, to some units in the last place of fp32; 0 below -87.4.

    2ⁿ · 2ᶠ, n an integer and f in [-½, ½]: the first as the bits of an exponent, the second as a polynomial.
    """
    power = (max(x, float32(-88.0))) * float32(1.4426950408889634)
    n = int32(power - float32(0.5))  # rounds towards zero, hence to the nearest
    f = power - float32(n)
    value = float32(1.32647273e-3)  # nowhere further from 2ᶠ than 9.2e-8 of it
    value = _fma(value, f, float32(9.67151270e-3))
    value = _fma(value, f, float32(5.55073374e-2))
    value = _fma(value, f, float32(2.40222421e-1))
    value = _fma(value, f, float32(6.93146978e-1))
    value = _fma(value, f, float32(1.0))
    return value * _float_of(uint32(uint32(int32(n + int32(127))) << uint32(23)))


# Dropout.


@_inlined
def _mixed(z: Any) -> Any:
    """64 bits to 64 bits that look random (SplitMix64; Steele, Lea and Flood 2014)."""
    z = uint64(uint64(z ^ uint64(z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9))
    z = uint64(uint64(z ^ uint64(z >> uint64(27))) * uint64(0x94D049BB133111EB))
    return uint64(z ^ uint64(z >> uint64(31)))


@_inlined
def _random_bits(column: Any, low: Any, high: Any) -> Any:
    """32 bits of a row's key and a column: the same kind of mixing, in 32 bits, which a processor does many at once."""
    x = uint32(uint32(uint32(column) * uint32(0x9E3779B1)) + low)
    x = uint32(uint32(x ^ uint32(x >> uint32(16))) * uint32(0x7FEB352D))
    x = uint32(x + high)
    x = uint32(uint32(x ^ uint32(x >> uint32(15))) * uint32(0x846CA68B))
    return uint32(x ^ uint32(x >> uint32(16)))


@_inlined
def _fill_factors(factors: Any, draw: Any, row: Any) -> None:
    """0 for what the draw drops of a row, else 1 over the share that it keeps. Half of the bits are one element's."""
    key = _mixed(uint64(draw[0] + uint64(uint64(row) * uint64(0x9E3779B97F4A7C15))))
    low, high = uint32(key & uint64(0xFFFFFFFF)), uint32(key >> uint64(32))
    dropped, kept = uint32(draw[1]), float32(LEVELS) / float32(uint64(uint64(LEVELS) - draw[1]))
    half = (len(factors) + 1) // 2
    others = factors[half:]
    for column in range(half):
        bits = _random_bits(column, low, high)
        factors[column] = kept if uint32(bits & uint32(0xFFFF)) >= dropped else float32(0)
    for column in range(len(others)):
        bits = _random_bits(column, low, high)
        others[column] = kept if uint32(bits >> uint32(16)) >= dropped else float32(0)


@_kernel
def dropout_factors(draw: Any, factors: Any) -> None:
    """Fills `factors` (R, C), fp32, with what each element is to be multiplied by."""
    rows = len(factors)
    for block in prange(_BLOCKS):
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            _fill_factors(factors[row], draw, row)


# Attention: softmax and dropout.


@_kernel
def softmax_dropout(scores: Any, scale: Any, padding: Any, draw: Any, kept: Any) -> None:
    """Scores become shares, and `kept` what dropout leaves of them.

    Args:
        scores: (R, T): of queries and keys. Overwritten.
        scale: What the scores are multiplied by first.
        padding: (B, T): added to the scores of the B-th part of the rows.
        draw: The dropout.
        kept: (R, T): filled.
    """
    rows, tokens = scores.shape
    rows_of_one = rows // len(padding)
    for block in prange(_BLOCKS):
        values, factors = np.empty(tokens, np.float32), np.empty(tokens, np.float32)
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            shares, bias, left = scores[row], padding[row // rows_of_one], kept[row]
            largest = float32(-np.inf)
            for token in range(tokens):
                values[token] = _read(shares, token) * float32(scale) + _read(bias, token)
                largest = _larger(largest, values[token])
            for token in range(tokens):
                values[token] = _exp(values[token] - largest)
            _fill_factors(factors, draw, row)
            to_share = float32(1) / _total(values)
            for token in range(tokens):
                share = values[token] * to_share
                _write(shares, token, share)
                _write(left, token, share * factors[token])


@_kernel
def softmax_dropout_gradient(shares: Any, scale: Any, draw: Any, gradient: Any) -> None:
    """The gradient of what was kept (R, T) becomes that of the scores."""
    rows, tokens = shares.shape
    for block in prange(_BLOCKS):
        values, factors = np.empty(tokens, np.float32), np.empty(tokens, np.float32)
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            p, d = shares[row], gradient[row]
            _fill_factors(factors, draw, row)
            for token in range(tokens):
                values[token] = _read(p, token) * (_read(d, token) * factors[token])
            mean = _total(values)
            for token in range(tokens):
                _write(d, token, _read(p, token) * (_read(d, token) * factors[token] - mean) * float32(scale))


@_kernel
def split_heads(together: Any, heads: Any) -> None:
    """Queries, keys and values side by side in each token become matrices of their own.

    Args:
        together: (B·T, n·H): n of them.
        heads: (n, B·A, T, D): filled.
    """
    parts, matrices, tokens, width = heads.shape
    count = together.shape[1] // (parts * width)  # A
    for batch in prange(matrices // count):
        for number in range(parts * count):
            columns = slice(number * width, (number + 1) * width)
            matrix = heads[number // count, batch * count + number % count]
            for token in range(tokens):
                here, there = together[batch * tokens + token, columns], matrix[token]
                for d in range(width):
                    there[d] = here[d]


@_kernel
def merge_heads(heads: Any, together: Any, sums: Any) -> None:
    """The way back, for gradients: `heads` (n, B·A, T, D) to `together` (B·T, n·H), `sums` (n·H,) over its rows."""
    parts, matrices, tokens, width = heads.shape
    count = together.shape[1] // (parts * width)
    batches = matrices // count
    partial = np.zeros((_BLOCKS, len(sums)), np.float32)
    for block in prange(_BLOCKS):
        for batch in range(batches * block // _BLOCKS, batches * (block + 1) // _BLOCKS):
            for number in range(parts * count):
                columns = slice(number * width, (number + 1) * width)
                matrix, total = heads[number // count, batch * count + number % count], partial[block, columns]
                for token in range(tokens):
                    here, there = matrix[token], together[batch * tokens + token, columns]
                    for d in range(width):
                        there[d] = here[d]
                        total[d] += _read(here, d)
    _add_up(partial, sums)


@_inlined
def _add_up(partial: Any, sums: Any) -> None:
    """(blocks, C) to (C,)."""
    total = np.zeros(len(sums), np.float32)
    for block in range(len(partial)):
        for column in range(len(sums)):
            total[column] += partial[block, column]
    for column in range(len(sums)):
        _write(sums, column, total[column])


# Bias and GELU (Hendrycks and Gimpel 2016).


@_kernel
def gelu(inner: Any, bias: Any, active: Any) -> None:
    """X · Φ(x) of x = `inner` + `bias`, the exact GELU but for 2e-7.

    Args:
        inner: (R, F). Overwritten with the slope there, Φ(x) + x · φ(x).
        bias: (F,): of the linear layer that made `inner` without it.
        active: (R, F): filled.
    """
    rows, width = inner.shape
    for block in prange(_BLOCKS):
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            here, there = inner[row], active[row]
            for f in range(width):
                x = _read(here, f) + _read(bias, f)
                bell = _exp(float32(-0.5) * x * x)
                # Φ(-|x|) = ½ erfc(|x|/√2): Abramowitz and Stegun (1964), 7.1.26, times ½.
                t = float32(1) / (float32(1) + float32(0.3275911 * 0.5**0.5) * abs(x))
                tail = float32(0.5 * 1.061405429)
                tail = _fma(tail, t, float32(0.5 * -1.453152027))
                tail = _fma(tail, t, float32(0.5 * 1.421413741))
                tail = _fma(tail, t, float32(0.5 * -0.284496736))
                tail = _fma(tail, t, float32(0.5 * 0.254829592))
                tail *= t * bell
                below = tail if x < float32(0) else float32(1) - tail
                _write(there, f, x * below)
                _write(here, f, below + x * bell * float32(0.3989422804))


@_kernel
def gelu_gradient(gradient: Any, slope: Any, sums: Any) -> None:
    """The gradient of what was active (R, F) becomes that of the inner layer, `sums` (F,) over its rows."""
    rows, width = gradient.shape
    partial = np.zeros((_BLOCKS, width), np.float32)
    for block in prange(_BLOCKS):
        total = partial[block]
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            d, steep = gradient[row], slope[row]
            for f in range(width):
                value = _read(d, f) * _read(steep, f)
                _write(d, f, value)
                total[f] += value
    _add_up(partial, sums)


# LayerNorm (Ba, Kiros and Hinton 2016): with bias, dropout and residual before it, or with the embeddings.


@_inlined
def _centre(values: Any, room: Any, eps: Any) -> Any:
    """Takes its mean from a row; returns 1 over its standard deviation."""
    width = len(values)
    mean = _total(values) / float32(width)
    for d in range(width):
        values[d] -= mean
        room[d] = values[d] * values[d]
    return float32(1) / np.sqrt(_total(room) / float32(width) + float32(eps))


@_inlined
def _centre_gradient(values: Any, normed: Any, room: Any) -> None:
    """Takes from a row of gradients what moves its mean, and its part along `normed`."""
    width = len(values)
    mean = _total(values) / float32(width)
    for d in range(width):
        room[d] = values[d] * _read(normed, d)
    along = _total(room) / float32(width)
    for d in range(width):
        values[d] = values[d] - mean - _read(normed, d) * along


@_kernel
def add_norm(
    y: Any, bias: Any, residual: Any, weight: Any, shift: Any, eps: Any, draw: Any, out: Any, normed: Any, scales: Any
) -> None:
    """LayerNorm(residual + dropout(y + bias)).

    Args:
        y: (R, H).
        bias: (H,): of the linear layer that made `y` without it.
        residual: (R, H).
        weight: (H,).
        shift: (H,): LayerNorm's own bias.
        eps: Added to the variance.
        draw: The dropout.
        out: (R, H): filled.
        normed: (R, H): filled with what LayerNorm has before weight and shift.
        scales: (R,): filled with 1 over the standard deviation.
    """
    rows, width = y.shape
    for block in prange(_BLOCKS):
        values, factors = np.empty(width, np.float32), np.empty(width, np.float32)
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            here, along, there, plain = y[row], residual[row], out[row], normed[row]
            _fill_factors(factors, draw, row)
            for d in range(width):
                values[d] = _read(along, d) + (_read(here, d) + _read(bias, d)) * factors[d]
            scale = _centre(values, factors, eps)
            scales[row] = scale
            for d in range(width):
                value = values[d] * scale
                _write(plain, d, value)
                _write(there, d, value * _read(weight, d) + _read(shift, d))


@_kernel
def add_norm_gradient(
    gradient: Any, normed: Any, scales: Any, weight: Any, draw: Any, of_residual: Any, of_y: Any, sums: Any
) -> None:
    """The way back.

    Args:
        gradient: (R, H): of what `add_norm` made.
        normed: (R, H): from there.
        scales: (R,): from there.
        weight: (H,).
        draw: The dropout.
        of_residual: (R, H): filled.
        of_y: (R, H): filled.
        sums: (3, H): filled with the gradients of weight, shift and bias.
    """
    rows, width = gradient.shape
    partial = np.zeros((3, _BLOCKS, width), np.float32)
    for block in prange(_BLOCKS):
        values, factors = np.empty(width, np.float32), np.empty(width, np.float32)
        of_weight, of_shift, of_bias = partial[0, block], partial[1, block], partial[2, block]
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            d_out, plain, d_residual, d_y = gradient[row], normed[row], of_residual[row], of_y[row]
            for d in range(width):
                g = _read(d_out, d)
                of_weight[d] += g * _read(plain, d)
                of_shift[d] += g
                values[d] = g * _read(weight, d)
            _centre_gradient(values, plain, factors)
            _fill_factors(factors, draw, row)
            scale = scales[row]
            for d in range(width):
                value = scale * values[d]
                dropped = value * factors[d]
                _write(d_residual, d, value)
                _write(d_y, d, dropped)
                of_bias[d] += dropped
    for number in range(3):
        _add_up(partial[number], sums[number])


@_kernel
def embed(
    words: Any, positions: Any, segments: Any, word_ids: Any, segment_ids: Any, tokens: int, weight: Any, shift: Any,
    eps: Any, draw: Any, out: Any, normed: Any, scales: Any,
) -> None:  # fmt: skip
    """dropout(LayerNorm(word + position + segment)).

    Args:
        words: (V, H).
        positions: (at least T, H).
        segments: (S, H).
        word_ids: (R,), R = B·T.
        segment_ids: (R,).
        tokens: T.
        weight: (H,).
        shift: (H,): LayerNorm's own bias.
        eps: Added to the variance.
        draw: The dropout.
        out: (R, H): filled.
        normed: (R, H): filled with what LayerNorm has before weight and shift.
        scales: (R,): filled with 1 over the standard deviation.
    """
    rows, width = out.shape
    for block in prange(_BLOCKS):
        values, factors = np.empty(width, np.float32), np.empty(width, np.float32)
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            word, position, segment = words[word_ids[row]], positions[row % tokens], segments[segment_ids[row]]
            there, plain = out[row], normed[row]
            for d in range(width):
                values[d] = _read(word, d) + _read(position, d) + _read(segment, d)
            scale = _centre(values, factors, eps)
            scales[row] = scale
            _fill_factors(factors, draw, row)
            for d in range(width):
                value = values[d] * scale
                _write(plain, d, value)
                _write(there, d, (value * _read(weight, d) + _read(shift, d)) * factors[d])


@_kernel
def embed_gradient(
    gradient: Any, normed: Any, scales: Any, weight: Any, draw: Any, segment_ids: Any, of_sum: Any, of_segments: Any,
    sums: Any,
) -> None:  # fmt: skip
    """The way back.

    Args:
        gradient: (R, H): of what `embed` made.
        normed: (R, H): from there.
        scales: (R,): from there.
        weight: (H,).
        draw: The dropout.
        segment_ids: (R,).
        of_sum: (R, H): filled; each row is the gradient of a word and of a position.
        of_segments: (S, H): filled.
        sums: (2, H): filled with the gradients of weight and shift.
    """
    rows, width = gradient.shape
    kinds = len(of_segments)
    partial = np.zeros((2 + kinds, _BLOCKS, width), np.float32)
    for block in prange(_BLOCKS):
        values, factors = np.empty(width, np.float32), np.empty(width, np.float32)
        of_weight, of_shift = partial[0, block], partial[1, block]
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            d_out, plain, d_sum, d_segment = (
                gradient[row],
                normed[row],
                of_sum[row],
                partial[2 + segment_ids[row], block],
            )
            _fill_factors(factors, draw, row)
            for d in range(width):
                g = _read(d_out, d) * factors[d]
                of_weight[d] += g * _read(plain, d)
                of_shift[d] += g
                values[d] = g * _read(weight, d)
            _centre_gradient(values, plain, factors)
            for d in range(width):
                value = scales[row] * values[d]
                _write(d_sum, d, value)
                d_segment[d] += value
    for number in range(2):
        _add_up(partial[number], sums[number])
    for kind in range(kinds):
        _add_up(partial[2 + kind], of_segments[kind])


# The loss of words.


@_kernel
def cross_entropy(logits: Any, bias: Any, targets: Any, weight: Any, losses: Any, right: Any) -> None:
    """Logits become the gradient of the summed loss, softmax - one-hot, times `weight`.

    Args:
        logits: (R, V), without the bias. Overwritten.
        bias: (V,).
        targets: (at most R,): ids. Rows beyond them get no gradient.
        weight: Of the gradient.
        losses: As many: filled with -ln softmax(logits)[target].
        right: As many: filled with whether the target has the largest logit, and of those that have it comes first.
    """
    rows, classes = logits.shape
    for block in prange(_BLOCKS):
        values = np.empty(classes, np.float32)
        for row in range(rows * block // _BLOCKS, rows * (block + 1) // _BLOCKS):
            given = logits[row]
            if row >= len(targets):
                given[:] = 0
                continue
            target = targets[row]
            largest = float32(-np.inf)
            for word in range(classes):
                values[word] = _read(given, word) + _read(bias, word)
                largest = _larger(largest, values[word])
            own = values[target]
            right[row] = own == largest
            word = 0
            while right[row] and word < target:
                right[row] = values[word] < largest
                word += 1
            for word in range(classes):
                values[word] = _exp(values[word] - largest)
            total = _total(values)
            losses[row] = np.log(total) + largest - own
            scale = float32(weight) / total
            for word in range(classes):
                _write(given, word, values[word] * scale)
            _write(given, target, values[target] * scale - float32(weight))
