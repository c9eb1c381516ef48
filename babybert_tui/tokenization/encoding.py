"""Documents as token ids: one flat array with offsets, ready to be cut into training pairs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import BertTokenizer

_SENTENCES_A_CHUNK = 1 << 15
_TEXTS_A_CALL = 1 << 12


@dataclass(frozen=True)
class TokenizedDocuments:
    """Documents as token ids, without `[CLS]`, `[SEP]`, `[MASK]` or `[PAD]`.

    Attributes:
        ids: (tokens,) uint16, or uint32 where the vocabulary needs it.
        sentence_offsets: (sentences + 1,) int64; sentence s is `ids[sentence_offsets[s]:sentence_offsets[s + 1]]`.
        document_offsets: (documents + 1,) int64; document d holds the sentences `document_offsets[d]` up to, not
            including, `document_offsets[d + 1]`.
    """

    ids: np.ndarray
    sentence_offsets: np.ndarray
    document_offsets: np.ndarray


def encode_documents(tokenizer: BertTokenizer, documents: Sequence[Sequence[str]]) -> TokenizedDocuments:
    """Tokenizes documents; what looks like a special token in them is ordinary text.

    Sentences without a token (blank, or control characters only) are left out, and so are documents without a
    sentence: documents may then be fewer than given.
    """
    encoder = _text_encoder(tokenizer)
    dtype = np.dtype(np.uint16 if len(tokenizer) <= 1 << 16 else np.uint32)
    encode = _encode_by_word if _cuts_words_at_spaces(encoder) else _encode_whole
    sentences = list(chain.from_iterable(documents))
    ids, lengths = [np.empty(0, dtype)], [np.empty(0, np.int64)]
    for start in range(0, len(sentences), _SENTENCES_A_CHUNK):
        chunk_ids, chunk_lengths = encode(encoder, sentences[start : start + _SENTENCES_A_CHUNK], dtype)
        ids.append(chunk_ids)
        lengths.append(chunk_lengths)
    sentence_counts = np.fromiter(map(len, documents), np.int64, len(documents))
    return _without_empty(np.concatenate(ids), np.concatenate(lengths), sentence_counts)


def _without_empty(ids: np.ndarray, lengths: np.ndarray, sentence_counts: np.ndarray) -> TokenizedDocuments:
    filled = np.diff(offsets_of(lengths > 0)[offsets_of(sentence_counts)])  # (documents,) sentences with tokens
    return TokenizedDocuments(
        ids=ids,
        sentence_offsets=offsets_of(lengths[lengths > 0]),
        document_offsets=offsets_of(filled[filled > 0]),
    )


def offsets_of(lengths: np.ndarray) -> np.ndarray:
    """Returns (n + 1,) int64: where each of n consecutive stretches begins, and where the last ends."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _text_encoder(tokenizer: BertTokenizer) -> Tokenizer:
    """Returns a copy of the backend for corpus text, so that no setting of the caller's tokenizer changes."""
    encoder = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    encoder.no_padding()
    encoder.no_truncation()
    encoder.encode_special_tokens = True  # a literal "[MASK]" is split like any other text
    return encoder


def _cuts_words_at_spaces(encoder: Tokenizer) -> bool:
    """Tells whether each stretch between spaces can be encoded alone: BERT's own word splitting, no added words."""
    return (
        isinstance(encoder.normalizer, BertNormalizer)
        and isinstance(encoder.pre_tokenizer, BertPreTokenizer)
        and all(token.special for token in encoder.get_added_tokens_decoder().values())
    )


def _encode_by_word(encoder: Tokenizer, sentences: list[str], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Encodes each distinct stretch between spaces once, then lays the pieces out: several times faster.

    Returns:
        ids (tokens,) and the number of tokens of each sentence (sentences,) int64.
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)  # the n-th new word gets number n
    words_of = [sentence.split(" ") for sentence in sentences]
    words = np.fromiter(map(numbers.__getitem__, chain.from_iterable(words_of)), np.int64)  # (words,)
    pieces, piece_counts = _encode_whole(encoder, list(numbers), dtype)
    first = offsets_of(piece_counts)
    lengths = piece_counts[words]  # (words,) tokens of each
    ends = offsets_of(lengths)
    ids = pieces[np.repeat(first[words] - ends[:-1], lengths) + np.arange(ends[-1])]
    sentence_ends = offsets_of(np.fromiter(map(len, words_of), np.int64, len(words_of)))
    return ids, np.diff(ends[sentence_ends])


def _encode_whole(encoder: Tokenizer, texts: list[str], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Encodes each text as it stands; returns ids (tokens,) and lengths (texts,) int64."""
    ids, lengths = [np.empty(0, dtype)], [np.empty(0, np.int64)]
    for start in range(0, len(texts), _TEXTS_A_CALL):
        encodings = encoder.encode_batch_fast(texts[start : start + _TEXTS_A_CALL], add_special_tokens=False)
        ids.append(np.array(list(_all_ids(encodings)), dtype=dtype))
        lengths.append(np.fromiter(map(len, encodings), np.int64, len(encodings)))
    return np.concatenate(ids), np.concatenate(lengths)


def _all_ids(encodings: Sequence[object]) -> Iterator[int]:
    return chain.from_iterable(encoding.ids for encoding in encodings)  # type: ignore[attr-defined]
