"""Documents as token ids: one flat array with offsets, ready to be cut into training pairs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count, islice
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from babybert_tui.tokenization.vocabulary import plain_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from transformers import BertTokenizer

_SENTENCES_A_CHUNK = 1 << 15
_IDS_A_CALL = 1 << 20  # `bincount` makes 64-bit numbers of them
_TEXTS_A_CALL = 1 << 12
_MOST_WORDS = 1 << 19  # remembered; about a hundred bytes each
_MOST_CHARACTERS = 1 << 25  # in them


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

    def counts(self, vocabulary_size: int) -> np.ndarray:
        """Returns (vocabulary,) int64: how often each id occurs, counted a stretch at a time."""
        found = np.zeros(vocabulary_size, np.int64)
        for start in range(0, len(self.ids), _IDS_A_CALL):
            found += np.bincount(self.ids[start : start + _IDS_A_CALL], minlength=vocabulary_size)
        return found


def encode_documents(tokenizer: BertTokenizer, documents: Sequence[Sequence[str]]) -> TokenizedDocuments:
    """Tokenizes documents; see `DocumentEncoder`."""
    return DocumentEncoder(tokenizer.backend_tokenizer.to_str(), len(tokenizer)).encode(documents)


class DocumentEncoder:
    """Tokenizes documents; what looks like a special token in them is ordinary text.

    Words that have come before are not encoded again, whenever that was: the more text, the faster. Pickles; what it
    has learned of words stays behind.

    Args:
        backend: A tokenizer of the `tokenizers` library, as JSON; its padding and truncation play no part.
        vocabulary_size: How many ids there are.
    """

    def __init__(self, backend: str, vocabulary_size: int) -> None:
        self._backend = backend
        self._size = vocabulary_size
        self.dtype = np.dtype(np.uint16 if vocabulary_size <= 1 << 16 else np.uint32)

    def __reduce__(self) -> tuple[type[DocumentEncoder], tuple[str, int]]:
        return DocumentEncoder, (self._backend, self._size)

    @cached_property
    def _encoder(self) -> Tokenizer:
        encoder = Tokenizer.from_str(self._backend)
        encoder.no_padding()
        encoder.no_truncation()
        encoder.encode_special_tokens = True  # a literal "[MASK]" is split like any other text
        return encoder

    @cached_property
    def _words(self) -> _KnownWords | None:
        return _KnownWords(self._encoder, self.dtype) if _cuts_words_at_spaces(self._encoder) else None

    def encode(self, documents: Sequence[Sequence[str]]) -> TokenizedDocuments:
        """Tokenizes documents.

        Sentences without a token (blank, or control characters only) are left out, and so are documents without a
        sentence: documents may then be fewer than given.
        """
        sentences = list(chain.from_iterable(documents))
        ids, lengths = [np.empty(0, self.dtype)], [np.empty(0, np.int64)]
        for start in range(0, len(sentences), _SENTENCES_A_CHUNK):
            chunk = sentences[start : start + _SENTENCES_A_CHUNK]
            chunk_ids, chunk_lengths = self._encode_chunk(chunk)
            ids.append(chunk_ids)
            lengths.append(chunk_lengths)
        sentence_counts = np.fromiter(map(len, documents), np.int64, len(documents))
        return _without_empty(np.concatenate(ids), np.concatenate(lengths), sentence_counts)

    def _encode_chunk(self, sentences: list[str]) -> tuple[np.ndarray, np.ndarray]:
        if self._words is None:
            return _encode_whole(self._encoder, sentences, self.dtype)
        return self._words.encode(sentences)


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


def _cuts_words_at_spaces(encoder: Tokenizer) -> bool:
    """Tells whether each stretch between spaces can be encoded alone: BERT's own word splitting, no added words."""
    return (
        isinstance(encoder.normalizer, BertNormalizer)
        and isinstance(encoder.pre_tokenizer, BertPreTokenizer)
        and all(token.special for token in encoder.get_added_tokens_decoder().values())
    )


class _KnownWords:
    """Encodes each distinct stretch between spaces once, then lays the pieces out: several times faster."""

    def __init__(self, encoder: Tokenizer, dtype: np.dtype) -> None:
        self._encoder = encoder
        self._dtype = dtype
        self._forget()

    def _forget(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)  # the n-th new word gets number n
        self._pieces = np.empty(0, self._dtype)  # of all known words, one after the other
        self._counts = np.empty(0, np.int64)  # (words,) pieces of each
        self._first = offsets_of(self._counts)
        self._characters = 0

    def encode(self, sentences: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Returns ids (tokens,) and the number of tokens of each sentence (sentences,) int64."""
        if len(self._numbers) > _MOST_WORDS or self._characters > _MOST_CHARACTERS:
            self._forget()
        words_of = [sentence.split(" ") for sentence in sentences]
        words = np.fromiter(map(self._numbers.__getitem__, chain.from_iterable(words_of)), np.int64)  # (words,)
        self._learn(list(islice(self._numbers, len(self._counts), None)))
        lengths = self._counts[words]  # (words,) tokens of each
        ends = offsets_of(lengths)
        ids = self._pieces[np.repeat(self._first[words] - ends[:-1], lengths) + np.arange(ends[-1])]
        sentence_ends = offsets_of(np.fromiter(map(len, words_of), np.int64, len(words_of)))
        return ids, np.diff(ends[sentence_ends])

    def _learn(self, words: list[str]) -> None:
        pieces, counts = self._encode_words(words)
        self._pieces = np.concatenate([self._pieces, pieces])
        self._counts = np.concatenate([self._counts, counts])
        self._first = offsets_of(self._counts)
        self._characters += sum(map(len, words))

    def _encode_words(self, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """As `_encode_whole`; plain words, nearly all in most texts, go straight to the model: three times as fast."""
        model, lowercase = self._encoder.model, self._encoder.normalizer.lowercase
        plain = [plain_words(word, lowercase=lowercase) for word in words]
        others = _ids_of(self._encoder, [word for word, cut in zip(words, plain, strict=True) if cut is None])
        ids = [
            next(others) if cut is None else [token.id for part in cut for token in model.tokenize(part)]
            for cut in plain
        ]
        return _flat(ids, self._dtype)


def _encode_whole(encoder: Tokenizer, texts: list[str], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Encodes each text as it stands; returns ids (tokens,) and lengths (texts,) int64."""
    return _flat(list(_ids_of(encoder, texts)), dtype)


def _ids_of(encoder: Tokenizer, texts: list[str]) -> Iterator[list[int]]:
    for start in range(0, len(texts), _TEXTS_A_CALL):
        for encoding in encoder.encode_batch_fast(texts[start : start + _TEXTS_A_CALL], add_special_tokens=False):
            yield encoding.ids


def _flat(ids: list[list[int]], dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Lists one after the other; returns ids (tokens,) and lengths (lists,) int64."""
    lengths = np.fromiter(map(len, ids), np.int64, len(ids))
    return np.fromiter(chain.from_iterable(ids), dtype, int(lengths.sum())), lengths
