"""A trace as the one JSON object of `inspect --json`: strictly JSON, never NaN, nothing that was not asked for."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TextIO

import numpy as np

from babybert_tui.inspection.trace import Floats, Trace

SCHEMA = 1
DECIMALS = 8  # a row of 512 still sums to 1 within 3e-6, at half the length that all digits would take


def trace_fields(trace: Trace) -> dict[str, Any]:
    """Everything but `attention`, as plain Python values under the names of the contract."""
    fields: dict[str, Any] = {"schema": SCHEMA, "checkpoint": trace.checkpoint}
    if "tokens" in trace.asked:
        fields |= _token_fields(trace)
    if "predictions" in trace.asked:
        fields["predictions"] = None if trace.predictions is None else [asdict(one) for one in trace.predictions]
        fields["nsp"] = None if trace.is_next is None else {"is_next": trace.is_next}
    if "heads" in trace.asked and trace.heads is not None:
        fields["heads"] = [asdict(head) for head in trace.heads]
    return fields


def _token_fields(trace: Trace) -> dict[str, Any]:
    return {
        "tokens": list(trace.tokens),
        "ids": trace.ids.tolist(),
        "segments": trace.segments.tolist(),
        "special": trace.special.tolist(),
        "words": list(trace.words),
        "masked": [asdict(masked) for masked in trace.masked],
    }


def write_trace(trace: Trace, stream: TextIO) -> None:
    """Writes the object and a newline. Attention goes out a map at a time: all of it as Python floats can be 1 GB."""
    fields = trace_fields(trace)
    heads = fields.pop("heads", None)
    stream.write(json.dumps(fields, allow_nan=False)[:-1])
    if trace.attention is not None and "attention" in trace.asked:
        stream.write(', "attention": ')
        stream.writelines(_attention_text(trace.attention))
    if heads is not None:
        stream.write(f', "heads": {json.dumps(heads, allow_nan=False)}')
    stream.write("}\n")


def _attention_text(attention: Floats) -> Iterator[str]:
    """The text of a nested list [layers][heads][n][n], in parts."""
    for number, layer in enumerate(attention):
        yield ", [" if number else "[["
        for head, matrix in enumerate(layer):
            rounded = np.round(matrix.astype(np.float64), DECIMALS)
            yield (", " if head else "") + json.dumps(rounded.tolist(), allow_nan=False)
        yield "]"
    yield "]"
