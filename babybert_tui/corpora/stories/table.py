"""A table of story content: one row for each thing, one word in each column."""

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

VOWELS = "aeiou"

HEAD = 3
"""Row number k of an uneven table, counted from 0, is drawn in proportion to 1 / (k + HEAD)."""


def article(word: str) -> str:
    """The indefinite article that stands before `word`; the tables hold no word whose letters mislead it."""
    return "an" if word[0].lower() in VOWELS else "a"


@dataclass(frozen=True)
class Table:
    """Rows of equally many single words.

    Every cell is one word, so that a sentence has the same length whichever row fills it; the oracle relies on that.
    A column `noun` can also be read as `a noun`, which is the article that fits the word.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    even: bool = False
    """All rows are equally likely; otherwise the earlier ones are likelier, as among the words of any language."""

    @cached_property
    def odds(self) -> tuple[float, ...]:
        """How likely a story draws each row."""
        weights = [1.0 if self.even else 1 / (rank + HEAD) for rank in range(len(self.rows))]
        return tuple(weight / sum(weights) for weight in weights)

    @classmethod
    def parse(cls, name: str, text: str) -> "Table":
        """Read a table written as lines of words, the first line naming the columns.

        A wide table goes on in a second block after an empty line, which repeats one column to be read by.
        """
        first, *further = [block.splitlines() for block in text.strip().split("\n\n")]
        lines = [line.split() for line in first]
        for block in further:
            for line, (key, *words) in zip(lines, map(str.split, block), strict=True):
                if key not in line:
                    raise ValueError(f"{name}: the row of {key} goes on where that of {line[0]} should")
                line.extend(words)
        if len({len(line) for line in lines}) != 1:
            raise ValueError(f"{name}: not every row has {len(lines[0])} words")
        header, *rows = map(tuple, lines)
        return cls(name, header, tuple(rows))

    @classmethod
    def joined(cls, name: str, tables: tuple["Table", ...]) -> "Table":
        """The rows of `tables` side by side, all equally likely; `noun` of the table `place` becomes `place.noun`."""
        columns = tuple(f"{table.name}.{column}" for table in tables for column in table.columns)
        rows = zip(*(table.rows for table in tables), strict=True)
        return cls(name, columns, tuple(tuple(chain.from_iterable(row)) for row in rows), even=True)

    def column(self, column: str) -> tuple[str, ...]:
        """The words of one column (`noun`), or the articles of its words (`a noun`), row by row."""
        if column.startswith("a "):
            return tuple(article(word) for word in self.column(column[2:]))
        index = self.columns.index(column)
        return tuple(row[index] for row in self.rows)

    def where(self, column: str, *values: str) -> "Table":
        """The rows whose word in `column` is one of `values`."""
        kept = tuple(row for row, word in zip(self.rows, self.column(column), strict=True) if word in values)
        return Table(self.name, self.columns, kept)
