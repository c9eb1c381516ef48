"""Pieces as a person reads them."""

from collections.abc import Iterator, Sequence

_CONTINUATION = "##"
_CLOSING = frozenset(".,;:!?)%")


def written(pieces: Sequence[str]) -> list[str]:
    """Pieces to what is written one after the other: each begins with a space where a new word begins."""
    return [text for _, text in _with_spaces(pieces)]


def _with_spaces(pieces: Sequence[str]) -> Iterator[tuple[int, str]]:
    for index, piece in enumerate(pieces):
        if piece.startswith(_CONTINUATION) and len(piece) > len(_CONTINUATION):
            yield index, piece.removeprefix(_CONTINUATION)
        elif piece in _CLOSING or index == 0:
            yield index, piece
        else:
            yield index, f" {piece}"
