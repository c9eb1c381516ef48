"""The cells of a chart: characters, and what each of them shows."""

from itertools import zip_longest

import numpy as np

from babybert_tui.tui.pictures.braille import COLUMNS, ROWS, Dots, characters
from babybert_tui.tui.pictures.chart import Kind, Run

_KINDS = tuple(Kind)  # by number; `Kind(number)` takes ten times as long


class Canvas:
    """`width` by `height` cells; what is put later lies on top."""

    def __init__(self, width: int, height: int) -> None:
        self.codes = np.full((height, width), ord(" "), dtype=np.int64)
        self.kinds = np.zeros((height, width), dtype=np.int64)
        self._is_word = np.zeros((height, width), dtype=bool)
        self.height, self.width = height, width
        self.shape = height * ROWS, width * COLUMNS

    def put(self, dots: Dots, kind: Kind, top: int = 0) -> None:
        """Lays dots over what is there, from the row `top` of cells on."""
        codes = characters(dots)
        rows = slice(top, top + len(codes))
        np.copyto(self.codes[rows], codes, where=codes > 0)
        self.kinds[rows][codes > 0] = int(kind)

    def upright(self, column: int, code: int, kind: Kind) -> None:
        """A line from top to bottom."""
        if 0 <= column < self.width:
            self.codes[:, column], self.kinds[:, column] = code, int(kind)

    def cell(self, row: int, column: int, code: int, kind: Kind) -> None:
        """One character."""
        if column < self.width:
            self.codes[row, column], self.kinds[row, column] = code, int(kind)

    def text(self, row: int, column: int, text: str, kind: Kind) -> None:
        """Words, over which no others are written."""
        self._is_word[row, column : column + len(text)] = True
        self.codes[row, column : column + len(text)] = [ord(letter) for letter in text]
        self.kinds[row, column : column + len(text)] = int(kind)

    def last_room(self, row: int, size: int, hides: tuple[Kind, ...]) -> int | None:
        """The rightmost column from which `size` cells are blank, or of kinds that words may hide."""
        if not 0 <= row < self.height or size > self.width:
            return None
        may_hide = np.zeros(len(_KINDS), dtype=bool)
        may_hide[[int(Kind.BLANK), *map(int, hides)]] = True
        free = may_hide[self.kinds[row]] & ~self._is_word[row]
        starts = np.flatnonzero(np.convolve(free, np.ones(size, dtype=np.int64), "valid") == size)
        return int(starts[-1]) if len(starts) else None

    def is_blank(self, row: int, column: int, size: int) -> bool:
        """Whether nothing stands in `size` cells from `column` on."""
        return 0 <= column <= self.width - size and not self.kinds[row, column : column + size].any()

    def runs(self, row: int) -> list[Run]:
        """One line."""
        text, kinds = self.codes[row].astype("<u4").tobytes().decode("utf-32-le"), self.kinds[row]
        starts = [0, *(np.flatnonzero(kinds[1:] != kinds[:-1]) + 1).tolist()]
        return [
            Run(text[start:end], _KINDS[kinds[start]])
            for start, end in zip_longest(starts, starts[1:], fillvalue=self.width)
        ]
