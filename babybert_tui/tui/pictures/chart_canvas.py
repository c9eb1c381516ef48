"""The cells of a chart: characters, and what each of them shows."""

from itertools import groupby

import numpy as np

from babybert_tui.tui.pictures.braille import COLUMNS, ROWS, Dots, characters
from babybert_tui.tui.pictures.chart import Kind, Run


class Canvas:
    """`width` by `height` cells; what is put later lies on top."""

    def __init__(self, width: int, height: int) -> None:
        self.codes = np.full((height, width), ord(" "), dtype=np.int64)
        self.kinds = np.zeros((height, width), dtype=np.int64)
        self._is_word = np.zeros((height, width), dtype=bool)
        self.height, self.width = height, width
        self.shape = height * ROWS, width * COLUMNS

    def put(self, dots: Dots, kind: Kind) -> None:
        """Lays dots over what is there."""
        codes = characters(dots)
        self.codes = np.where(codes > 0, codes, self.codes)
        self.kinds = np.where(codes > 0, int(kind), self.kinds)

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
        free = np.isin(self.kinds[row], [int(Kind.BLANK), *map(int, hides)]) & ~self._is_word[row]
        starts = np.flatnonzero(np.convolve(free, np.ones(size, dtype=np.int64), "valid") == size)
        return int(starts[-1]) if len(starts) else None

    def is_blank(self, row: int, column: int, size: int) -> bool:
        """Whether nothing stands in `size` cells from `column` on."""
        return 0 <= column <= self.width - size and not self.kinds[row, column : column + size].any()

    def runs(self, row: int) -> list[Run]:
        """One line."""
        text = "".join(map(chr, self.codes[row].tolist()))
        found, start = [], 0
        for kind, cells in groupby(self.kinds[row].tolist()):
            end = start + len(list(cells))
            found.append(Run(text[start:end], Kind(kind)))
            start = end
        return found
