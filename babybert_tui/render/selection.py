"""A trace narrowed to one layer or one head."""

from dataclasses import replace

from babybert_tui.inspection.trace import Trace


def selected(trace: Trace, layer: int | None = None, head: int | None = None) -> Trace:
    """Returns the trace with only the attention and statistics of `layer` and `head`, counted from 1; None keeps all.

    Raises:
        ValueError: The trace does not hold that layer or head.
    """
    if trace.attention is None or (layer is None and head is None):
        return trace
    rows = range(len(trace.layers)) if layer is None else [_index(trace.layers, layer, "layer")]
    columns = range(len(trace.head_numbers)) if head is None else [_index(trace.head_numbers, head, "head")]
    layers = tuple(trace.layers[row] for row in rows)
    heads = tuple(trace.head_numbers[column] for column in columns)
    statistics = None
    if trace.heads is not None:
        statistics = tuple(found for found in trace.heads if found.layer in layers and found.head in heads)
    attention = trace.attention[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return replace(trace, attention=attention, layers=layers, head_numbers=heads, heads=statistics)


def _index(numbers: tuple[int, ...], wanted: int, kind: str) -> int:
    if wanted not in numbers:
        raise ValueError(f"this trace holds no {kind} {wanted}, only {', '.join(map(str, numbers))}")
    return numbers.index(wanted)
