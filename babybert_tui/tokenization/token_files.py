"""Tokenized documents as files: written a stretch at a time, and mapped into memory to be read."""

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from babybert_tui.tokenization.encoding import TokenizedDocuments

_OFFSETS = np.dtype("<i8")


class TokenWriter:
    """Appends tokenized documents to the three files of one side of a corpus.

    Args:
        folder: Where they are.
        side: What their names begin with.
        dtype: Of the ids: uint16 or uint32.
    """

    def __init__(self, folder: Path, side: str, dtype: np.dtype) -> None:
        self._ids, self._sentences, self._documents = (path.open("wb") for path in _paths(folder, side, dtype))
        self._dtype = dtype.newbyteorder("<")
        self.tokens = self.sentences = self.documents = 0
        for file in (self._sentences, self._documents):
            file.write(np.zeros(1, _OFFSETS).tobytes())

    def add(self, more: TokenizedDocuments) -> None:
        """Appends documents."""
        self._ids.write(more.ids.astype(self._dtype).tobytes())
        self._sentences.write((more.sentence_offsets[1:] + self.tokens).astype(_OFFSETS).tobytes())
        self._documents.write((more.document_offsets[1:] + self.sentences).astype(_OFFSETS).tobytes())
        self.tokens += len(more.ids)
        self.sentences += len(more.sentence_offsets) - 1
        self.documents += len(more.document_offsets) - 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self._ids, self._sentences, self._documents):
            file.close()


def load_tokens(folder: Path, side: str, dtype: np.dtype) -> TokenizedDocuments:
    """Returns what a `TokenWriter` has written; only what is looked at is read from the disk."""
    ids, sentences, documents = _paths(folder, side, dtype)
    return TokenizedDocuments(
        _mapped(ids, dtype.newbyteorder("<")), _mapped(sentences, _OFFSETS), _mapped(documents, _OFFSETS)
    )


def _paths(folder: Path, side: str, dtype: np.dtype) -> tuple[Path, Path, Path]:
    return folder / f"{side}.{dtype.name}", folder / f"{side}.sentences.int64", folder / f"{side}.documents.int64"


def _mapped(path: Path, dtype: np.dtype) -> np.ndarray:
    if path.stat().st_size == 0:  # nothing cannot be mapped
        return np.empty(0, dtype)
    return np.asarray(np.memmap(path, dtype, mode="r"))
