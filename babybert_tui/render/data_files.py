"""A trace as data: CSV in long form, NPZ without pickles."""

import csv
import io
from typing import BinaryIO

import numpy as np

from babybert_tui.errors import RequestError
from babybert_tui.inspection.trace import Trace

CSV_HEADER = ("layer", "head", "query", "query_token", "key", "key_token", "attention")
_MOST_ROWS = 10_000_000


def write_csv(trace: Trace, file: BinaryIO) -> None:
    """Writes one line for each weight, under `CSV_HEADER`: layers and heads from 1, positions from 0, UTF-8.

    Nine digits bring a float32 back exactly.

    Raises:
        RequestError: There would be more than ten million lines.
    """
    attention = trace.attention
    if attention is None:
        return
    if attention.size > _MOST_ROWS:
        raise RequestError(
            f"A CSV of all weights would have {attention.size:,} lines.",
            "Choose a layer and a head, or write .npz.",
        )
    text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CSV_HEADER)
    for layer, maps in zip(trace.layers, attention, strict=True):
        for head, matrix in zip(trace.head_numbers, maps, strict=True):
            for query, weights in enumerate(matrix.tolist()):
                start = (layer, head, query, trace.tokens[query])
                writer.writerows(
                    (*start, key, token, f"{weight:.9g}")
                    for key, (token, weight) in enumerate(zip(trace.tokens, weights, strict=True))
                )
    text.flush()
    text.detach()


def write_npz(trace: Trace, file: BinaryIO) -> None:
    """Writes the arrays of a trace for `numpy.load(…, allow_pickle=False)`; what the trace lacks is absent.

    `attention` (layers, heads, n, n), `layers`, `heads`, `tokens`, `ids`, `segments`, `special`, `words` (-1 for none),
    `masked_positions`, `masked_originals` ("" for a typed mask), `masked_fates`, `checkpoint`, `is_next`.
    """
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]] = {
        "checkpoint": np.array(trace.checkpoint),
        "tokens": np.array(trace.tokens, dtype=np.str_),
        "ids": trace.ids,
        "segments": trace.segments,
        "special": trace.special,
        "words": np.array([-1 if word is None else word for word in trace.words], dtype=np.int64),
        "masked_positions": np.array([masked.position for masked in trace.masked], dtype=np.int64),
        "masked_originals": np.array([masked.original or "" for masked in trace.masked], dtype=np.str_),
        "masked_fates": np.array([masked.fate for masked in trace.masked], dtype=np.str_),
    }
    if trace.attention is not None:
        arrays |= {
            "attention": trace.attention,
            "layers": np.array(trace.layers, dtype=np.int64),
            "heads": np.array(trace.head_numbers, dtype=np.int64),
        }
    if trace.is_next is not None:
        arrays["is_next"] = np.array(trace.is_next)
    np.savez(file, allow_pickle=False, **arrays)
