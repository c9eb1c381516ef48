"""A trace as one web page that needs nothing else: choose a head, point at a cell, read the number."""

import base64
import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from babybert_tui.inspection.trace import Floats, Trace
from babybert_tui.render.heatmap import statistic_words
from babybert_tui.render.html_page import PAGE, SCRIPT, STYLE
from babybert_tui.render.labels import visible
from babybert_tui.render.pooling import pool
from babybert_tui.render.ramp import paper_ramp, screen_ramp
from babybert_tui.render.strip import fate_words, token_roles
from babybert_tui.render.svg import escaped

_THUMBNAIL = 16  # cells a side
# Up to here weights are kept to 1/65535; beyond, as 255 steps of a logarithmic scale, a quarter of the size or less.
_MOST_LINEAR = 4_000_000
LOG_FLOOR = 1e-5

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def trace_as_html(trace: Trace) -> str:
    """The whole page.

    Maps are quantised and compressed one by one, and the page unpacks only the one it shows, so that twelve layers of
    twelve heads on 512 tokens open at once.
    """
    return PAGE.substitute(
        policy=_POLICY,
        title=escaped(f"Attention: {visible(trace.checkpoint)}"),
        style=STYLE,
        data=_script_json(_page_data(trace)),
        maps=_maps(trace),
        script=SCRIPT,
    )


def _script_json(value: object) -> str:
    """JSON that may stand in a script element: nothing in it can end the element or open a comment."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _page_data(trace: Trace) -> dict[str, Any]:
    attention = _attention(trace)
    return {
        "tokens": [visible(token) for token in trace.tokens],
        "roles": [role.name for role in token_roles(trace)],
        "fates": {masked.position: fate_words(masked) for masked in trace.masked},
        "layers": trace.layers,
        "heads": trace.head_numbers,
        "labels": {f"{found.layer}-{found.head}": statistic_words(found) for found in trace.heads or ()},
        "isNext": trace.is_next,
        "predictions": _predictions(trace),
        "dark": [colour.hex for colour in screen_ramp()],
        "light": [colour.hex for colour in paper_ramp()],
        "linear": attention.size <= _MOST_LINEAR,
        "floor": LOG_FLOOR,
        "thumbnails": _thumbnails(attention),
        "thumbnailSide": min(_THUMBNAIL, len(trace.tokens)),
    }


def _attention(trace: Trace) -> Floats:
    if trace.attention is None:
        raise ValueError("this trace holds no attention")
    return trace.attention


def _predictions(trace: Trace) -> list[dict[str, Any]]:
    return [
        {
            "position": found.position,
            "original": None if found.original is None else visible(found.original),
            "rank": found.rank,
            "probability": found.probability,
            "top": [[visible(one.token), one.probability] for one in found.top],
        }
        for found in trace.predictions or ()
    ]


def _thumbnails(attention: Floats) -> str:
    """All maps pooled to 16 × 16 and 8 bits, in one string."""
    side = min(_THUMBNAIL, attention.shape[-1])
    small = np.stack([pool(layer, side, side) for layer in attention])
    return base64.b64encode(np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8).tobytes()).decode()


def _maps(trace: Trace) -> str:
    attention = _attention(trace)
    linear = attention.size <= _MOST_LINEAR
    elements = []
    for layer, maps in zip(trace.layers, attention, strict=True):
        for head, matrix in zip(trace.head_numbers, maps, strict=True):
            packed = zlib.compress(quantised(matrix, linear=linear).tobytes(), 6)
            data = base64.b64encode(packed).decode()
            elements.append(f'<script type="application/octet-stream" id="m{layer}-{head}">{data}</script>')
    return "\n".join(elements)


def quantised(matrix: Floats, *, linear: bool) -> NDArray[np.unsignedinteger[Any]]:
    """Weights as 16-bit shares of 65535, or as 8-bit steps from `LOG_FLOOR` (1) to 1 (255), 0 being less."""
    weights = np.clip(matrix.astype(np.float64), 0, 1)
    if linear:
        return np.rint(weights * 65535).astype("<u2")
    steps = 1 + 254 * (1 - np.log(np.maximum(weights, LOG_FLOOR)) / np.log(LOG_FLOOR))
    return np.where(weights < LOG_FLOOR, 0, np.rint(steps)).astype(np.uint8)
