"""`transformers.BertTokenizer` made from a vocabulary, and what can be asked of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from babybert_tui.tokenization.vocabulary import CONTINUATION, SPECIAL_TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import BertTokenizer


def make_tokenizer(vocabulary: Sequence[str], *, lowercase: bool = True, max_length: int = 512) -> BertTokenizer:
    """Returns a BertTokenizer over `vocabulary`.

    Args:
        vocabulary: Tokens by id; must hold the five special tokens.
        lowercase: Lower-case and strip accents, as in the uncased BERT.
        max_length: Longest input of the model it is for, in tokens, special tokens included.
    """
    from transformers import BertTokenizer  # slow to import, and not always needed

    ids = {token: number for number, token in enumerate(vocabulary)}
    return BertTokenizer(vocab=ids, do_lower_case=lowercase, model_max_length=max_length)


def wordpiece_backend(vocabulary: Sequence[str], *, lowercase: bool = True) -> str:
    """Returns what splits text in `make_tokenizer`'s tokenizer, as JSON of the `tokenizers` library.

    It takes no import of transformers, which costs a second and a half.
    """
    ids = {token: number for number, token in enumerate(vocabulary)}
    backend = Tokenizer(WordPiece(ids, unk_token=SPECIAL_TOKENS[1]))
    backend.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL_TOKENS])
    backend.normalizer = BertNormalizer(lowercase=lowercase)
    backend.pre_tokenizer = BertPreTokenizer()
    text: str = backend.to_str()
    return text


def vocabulary_of(tokenizer: BertTokenizer) -> list[str]:
    """Returns the tokens by id, added tokens included; "" at an id that stands for nothing."""
    ids: dict[str, int] = tokenizer.get_vocab()
    vocabulary = [""] * (max(ids.values()) + 1)
    for token, number in ids.items():
        vocabulary[number] = token
    return vocabulary


def continuation_flags(tokenizer: BertTokenizer) -> np.ndarray:
    """Returns, as (vocabulary,) bool, which ids are pieces that continue a word (`##ing`)."""
    return continuing(vocabulary_of(tokenizer))


def continuing(pieces: Sequence[str]) -> np.ndarray:
    """Returns, as (vocabulary,) bool, which of the pieces, given by id, continue a word."""
    return np.array([token.startswith(CONTINUATION) for token in pieces], dtype=np.bool_)
