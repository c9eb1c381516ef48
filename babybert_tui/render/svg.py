"""A scene as SVG: text stays text, and a map is one path for each colour, so that files stay small."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from babybert_tui.render.ramp import paper_ramp
from babybert_tui.render.scene import PAPER, Box, HeatMap, Scene, Words

_FONTS = "'DejaVu Sans Mono','Menlo','Consolas','Liberation Mono',monospace"
# Characters that XML 1.0 cannot hold, even escaped. Controls and surrogates are gone already: labels were sanitised.
_NOT_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}


def escaped(text: str) -> str:
    """Text as it may stand in XML, in content and in attributes."""
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        text = text.replace(character, entity)
    return text.translate(_NOT_XML)


def scene_as_svg(scene: Scene) -> str:
    """The whole document."""
    return "\n".join(_parts(scene)) + "\n"


def _parts(scene: Scene) -> Iterator[str]:
    width, height = _number(scene.width), _number(scene.height)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="{_FONTS}" xml:space="preserve">'
    )
    yield f"<title>{escaped(scene.title)}</title>"
    yield f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    for item in scene.items:
        if isinstance(item, Box):
            yield _box(item)
        elif isinstance(item, Words):
            yield _words(item)
        else:
            yield from _map(item)
    yield "</svg>"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _box(box: Box) -> str:
    radius = f' rx="{_number(box.radius)}"' if box.radius else ""
    place = f'x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" height="{_number(box.height)}"'
    return f'<rect {place}{radius} fill="{box.fill}"/>'


def _words(words: Words) -> str:
    x, y = _number(words.x), _number(words.y)
    place = f'transform="translate({x} {y}) rotate(-90)"' if words.upright else f'x="{x}" y="{y}"'
    anchor = "" if words.anchor == "start" else f' text-anchor="{words.anchor}"'
    weight = ' font-weight="bold"' if words.bold else ""
    size = _number(words.size)
    return f'<text {place} font-size="{size}" fill="{words.fill}"{anchor}{weight}>{escaped(words.text)}</text>'


def _map(item: HeatMap) -> Iterator[str]:
    """Horizontal runs of one colour, drawn in units of a cell. The commonest colour is the ground under the others."""
    rows, columns = item.steps.shape
    ground = int(np.bincount(item.steps.ravel()).argmax())
    yield (
        f'<g transform="translate({_number(item.x)} {_number(item.y)}) scale({item.cell:.5g})" '
        'shape-rendering="crispEdges">'
    )
    yield f'<path fill="{paper_ramp()[ground].hex}" d="M0 0h{columns}v{rows}h-{columns}z"/>'
    for step, runs in sorted(_runs(item.steps).items()):
        if step != ground:
            path = "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in runs)
            yield f'<path fill="{paper_ramp()[step].hex}" d="{path}"/>'
    yield "</g>"


def _runs(steps: NDArray[np.uint8]) -> dict[int, list[tuple[int, int, int]]]:
    """Each colour's horizontal runs as (column, row, length)."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for y, row in enumerate(steps):
        starts = np.concatenate([[0], np.flatnonzero(np.diff(row.astype(np.int16))) + 1])
        lengths = np.diff(np.append(starts, len(row)))
        for x, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            found.setdefault(int(row[x]), []).append((x, y, length))
    return found
