"""The WordPieces at the beginning of a text, without reading more of it than a model could take."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from transformers import BertTokenizer

_CHARACTERS_A_PIECE = 16  # more than any language needs; where white space makes it too few, the stretch grows
_MARGIN = 128  # WordPiece gives up on words of more than 100 characters: further back no cut can reach
_SURROGATES = re.compile("[\ud800-\udfff]")  # bytes of the command line that were no UTF-8; the tokenizer refuses them


@dataclass(frozen=True)
class Pieces:
    """Pieces of one text, m of them."""

    text: str  # what `spans` count in
    ids: tuple[int, ...]  # m
    words: tuple[int, ...]  # m, index of the word a piece belongs to
    spans: tuple[tuple[int, int], ...]  # m, first and past-the-end character
    rest: str = ""  # the text behind the last piece, where pieces were left out
    complete: bool = True  # False where pieces were left out

    def first(self, count: int) -> Self:
        """The first `count` pieces, or all of them where there are no more."""
        if count >= len(self.ids):
            return self
        end = self.spans[count - 1][1] if count else 0
        ids, words, spans = self.ids[:count], self.words[:count], self.spans[:count]
        return replace(self, ids=ids, words=words, spans=spans, rest=self.text[end:], complete=False)


def cut_into_pieces(tokenizer: "BertTokenizer", text: str, enough: int) -> Pieces:
    """The pieces of `text`; once there are `enough` of them the others may be missing, and the text is read no further.

    The last of a shortened list may be wrong (its word may go on), so a caller that needs k asks for k + 1.
    """
    text = _SURROGATES.sub("\ufffd", text)
    size = enough * _CHARACTERS_A_PIECE + _MARGIN
    while size < len(text):
        pieces = _tokenize(tokenizer, text[:size])
        count = sum(end <= size - _MARGIN for _, end in pieces.spans)
        if count >= enough:
            return replace(pieces, text=text).first(count)
        size *= 4
    return _tokenize(tokenizer, text)


def _tokenize(tokenizer: "BertTokenizer", text: str) -> Pieces:
    # Explicit about both: a tokenizer's own configuration may say otherwise, and "too long" is ours to report.
    batch = tokenizer(text, add_special_tokens=False, split_special_tokens=False, truncation=False, verbose=False)
    encoding = batch.encodings[0]
    return Pieces(
        text=text,
        ids=tuple(encoding.ids),
        words=tuple(-1 if word is None else word for word in encoding.word_ids),
        spans=tuple(encoding.offsets),
    )
