"""torchtext's dataset classes, made to read all of the published data: import this only to read, for it brings torch.

As they come, they hold everything in memory at once, and `IMDB` reads the first line of each file only, in the order of
the file system, and passes over the reviews without a label. Here an example is made when it is asked for, a review is
whole, `unsup` is a label like the others, and the order is that of the labels and then of the file names. They are
given the folder they read (`path`), so that torchtext's own download is never begun.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from torchtext.data import Dataset, Example, RawField
from torchtext.datasets import IMDB, PennTreebank, WikiText2, WikiText103

from babybert_tui.corpora.published.review_files import review_files

Fields = list[tuple[str, Any]]


class _Reviews(Sequence[Any]):
    """The reviews of a split as torchtext's examples, each read when it is asked for."""

    def __init__(self, folder: Path, fields: Fields, read: Callable[[Path], str]) -> None:
        self._files = review_files(folder)
        self._fields, self._read = fields, read

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: Any) -> Any:
        file = self._files[index]
        return Example.fromlist([self._read(Path(file.place)), file.label], self._fields)


class _Lines(Iterable[Any]):
    """The lines of a file as torchtext's examples."""

    def __init__(self, path: Path, fields: Fields, read: Callable[[Path], Iterable[str]]) -> None:
        self._path, self._fields, self._read = path, fields, read

    def __iter__(self) -> Iterator[Any]:
        return (Example.fromlist([line], self._fields) for line in self._read(self._path))


class WholeReviews(IMDB):  # type: ignore[misc]  # torchtext is not typed
    """`IMDB` with whole reviews, `unsup`, and an order.

    Args:
        path: The folder of a split, with a folder for each label.
        text_field: torchtext's field of the text.
        label_field: torchtext's field of the label.
        read: Reads one file.
    """

    def __init__(self, path: str, text_field: Any, label_field: Any, *, read: Callable[[Path], str]) -> None:
        fields = [("text", text_field), ("label", label_field)]
        Dataset.__init__(self, _Reviews(Path(path), fields, read), fields)


class _LineByLine:
    """Has one example a line, where torchtext has one for the whole file.

    Args:
        path: The file.
        text_field: torchtext's field of the text.
        read: Yields the lines of one file.
    """

    def __init__(self, path: str, text_field: Any, *, read: Callable[[Path], Iterable[str]]) -> None:
        fields = [("text", text_field)]
        Dataset.__init__(self, _Lines(Path(path), fields, read), fields)


class WikiText2Lines(_LineByLine, WikiText2):  # type: ignore[misc]
    """`WikiText2`, line by line."""


class WikiText103Lines(_LineByLine, WikiText103):  # type: ignore[misc]
    """`WikiText103`, line by line."""


class PennTreebankLines(_LineByLine, PennTreebank):  # type: ignore[misc]
    """`PennTreebank`, line by line."""


LINE_SETS: dict[str, type[Any]] = {
    "wikitext2": WikiText2Lines,
    "wikitext103": WikiText103Lines,
    "penn-treebank": PennTreebankLines,
}


def review_splits(folder: Path, read: Callable[[Path], str]) -> tuple[Any, Any]:
    """Returns torchtext's train and test sets of the reviews in `folder`; their examples have `text` and `label`."""
    train, test = WholeReviews.splits(RawField(), RawField(), path=str(folder), read=read)
    return train, test


def line_splits(name: str, folder: Path, read: Callable[[Path], Iterable[str]]) -> tuple[Any, Any]:
    """Returns torchtext's train and validation sets of a corpus of lines; their examples have `text`."""
    train, validation = LINE_SETS[name].splits(RawField(), path=str(folder), test=None, read=read)
    return train, validation
