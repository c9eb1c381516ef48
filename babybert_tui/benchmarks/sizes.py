"""The sizes of models that one measurement may go through."""

from dataclasses import dataclass
from itertools import product

from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

ALL = "all"


@dataclass(frozen=True)
class Size:
    """A model's size and the length of its inputs."""

    hidden_size: int
    num_layers: int
    max_length: int


GRID = tuple(Size(*one) for one in product((128, 256), (2, 4, 6), (64, 128, 256)))


def parse_sizes(text: str) -> tuple[Size, ...]:
    """`all`, or hidden size × layers × length, comma-separated: `128x4x128,256x6x64`. Raises RequestError."""
    if text == ALL:
        return GRID
    return tuple(_parse_size(one) for one in text.split(","))


def _parse_size(text: str) -> Size:
    parts = text.strip().lower().split("x")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        raise RequestError(
            f"{sanitise(text)!r} is no size.", "Give HIDDENxLAYERSxLENGTH, such as 128x4x128, or several, or all."
        )
    return Size(*map(int, parts))
