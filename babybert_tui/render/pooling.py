"""Maps made smaller: blocks of keys are summed, blocks of queries averaged, so that rows still sum to 1."""

import numpy as np
from numpy.typing import NDArray


def block_starts(length: int, blocks: int) -> NDArray[np.int64]:
    """Where each of `blocks` blocks of almost equal size begins in `length` positions."""
    return (np.arange(blocks) * length) // blocks


def pool_keys(maps: NDArray[np.floating], blocks: int) -> NDArray[np.floating]:
    """(…, queries, keys) to (…, queries, blocks): the sum over each block of keys."""
    length = maps.shape[-1]
    if blocks >= length:
        return maps
    pooled: NDArray[np.floating] = np.add.reduceat(maps, block_starts(length, blocks), axis=-1)
    return pooled


def pool_queries(maps: NDArray[np.floating], blocks: int) -> NDArray[np.floating]:
    """(…, queries, keys) to (…, blocks, keys): the mean over each block of queries."""
    length = maps.shape[-2]
    if blocks >= length:
        return maps
    starts = block_starts(length, blocks)
    sizes = np.diff(np.append(starts, length))
    pooled: NDArray[np.floating] = np.add.reduceat(maps, starts, axis=-2) / sizes[:, None]
    return pooled


def pool(maps: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.floating]:
    """Makes (…, queries, keys) no larger than (…, rows, columns)."""
    return pool_queries(pool_keys(maps, columns), rows)


def pooled_words(queries: int, keys: int, rows: int, columns: int) -> str:
    """What pooling did to a map, for its caption; "" where it did nothing."""
    if rows >= queries and columns >= keys:
        return ""
    sums = f"summed over {_sizes(keys, columns)} keys" if columns < keys else ""
    means = f"averaged over {_sizes(queries, rows)} queries" if rows < queries else ""
    how = ", ".join(part for part in (sums, means) if part)
    return f"pooled from {queries} by {keys} tokens to {min(rows, queries)} by {min(columns, keys)}: weights {how}"


def _sizes(length: int, blocks: int) -> str:
    small, large = length // blocks, -(-length // blocks)
    return str(small) if small == large else f"{small} or {large}"
