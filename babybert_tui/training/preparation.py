"""From settings to everything a run stands on: the text read, split, tokenized, and what is known of the vocabulary."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from babybert_tui.corpora import Corpus, hold_out, open_corpus
from babybert_tui.errors import RequestError
from babybert_tui.pretraining.batches import SpecialIds
from babybert_tui.pretraining.masking import Masking, MaskingVocabulary
from babybert_tui.pretraining.pairs import PairSettings
from babybert_tui.settings import Settings
from babybert_tui.tokenization import (
    TokenizedDocuments,
    continuation_flags,
    encode_documents,
    load_tokenizer,
    make_tokenizer,
    train_vocabulary,
    vocabulary_of,
)

if TYPE_CHECKING:
    from transformers import BertTokenizer

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer, and what masking and layout need to know of it."""

    tokenizer: "BertTokenizer"
    pieces: list[str]  # by id
    masking: MaskingVocabulary
    special: SpecialIds

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the pieces in order, one a line: of `vocab.txt`."""
        return hashlib.sha256("".join(f"{piece}\n" for piece in self.pieces).encode()).hexdigest()


@dataclass(frozen=True)
class Prepared:
    """A corpus, ready for training and evaluation."""

    corpus: Corpus
    vocabulary: Vocabulary
    training: TokenizedDocuments
    held_out: TokenizedDocuments


def silent(_message: str) -> None:
    """Progress that nobody wants to see."""


def read_corpus(settings: Settings, stdin: BinaryIO | None = None) -> Corpus:
    """Opens the corpus that the settings name. Raises RequestError."""
    return open_corpus(
        settings.corpus, text_field=settings.text_field, encoding_errors=settings.encoding_errors, stdin=stdin
    )


def prepare(settings: Settings, *, stdin: BinaryIO | None = None, progress: Progress = silent) -> Prepared:
    """Reads, splits and tokenizes the corpus; trains the vocabulary on its training documents unless one is named.

    Raises:
        RequestError: the corpus or the tokenizer is not as it should be.
    """
    progress("reading the corpus")
    corpus = read_corpus(settings, stdin)
    training, held_out = hold_out(corpus, settings.held_out_share)
    documents = corpus.documents
    progress("preparing the vocabulary")
    vocabulary = vocabulary_for(settings, [documents[index] for index in training])
    progress("tokenizing")
    encode = vocabulary.tokenizer
    return Prepared(
        corpus=corpus,
        vocabulary=vocabulary,
        training=_checked(encode_documents(encode, [documents[index] for index in training]), settings, corpus.name),
        held_out=_checked(encode_documents(encode, [documents[index] for index in held_out]), settings, corpus.name),
    )


def vocabulary_for(settings: Settings, documents: list[tuple[str, ...]]) -> Vocabulary:
    """The vocabulary that the settings name, or one trained on `documents`."""
    if settings.tokenizer is not None:
        return describe(load_tokenizer(Path(settings.tokenizer)))
    sentences = (sentence for document in documents for sentence in document)
    pieces = train_vocabulary(sentences, settings.vocab_size, lowercase=not settings.cased)
    return describe(make_tokenizer(pieces, lowercase=not settings.cased, max_length=settings.max_length))


def describe(tokenizer: "BertTokenizer") -> Vocabulary:
    """What masking and layout need to know of a tokenizer."""
    pieces = vocabulary_of(tokenizer)
    special = set(tokenizer.all_special_ids)
    ordinary = [
        number
        for number, piece in enumerate(pieces)
        if piece and number not in special and not (piece.startswith("[unused") and piece.endswith("]"))
    ]
    return Vocabulary(
        tokenizer=tokenizer,
        pieces=pieces,
        masking=MaskingVocabulary(tokenizer.mask_token_id, np.array(ordinary), continuation_flags(tokenizer)),
        special=SpecialIds(pad=tokenizer.pad_token_id, cls=tokenizer.cls_token_id, sep=tokenizer.sep_token_id),
    )


def _checked(tokenized: TokenizedDocuments, settings: Settings, name: str) -> TokenizedDocuments:
    """Refuses what no pairs can be made of."""
    sentences = np.diff(tokenized.document_offsets)
    if len(sentences) < 2:
        raise RequestError(f"The corpus {name} is too small: fewer than two documents with words in them.")
    if settings.sentence_objective != "none" and not (sentences > 1).any():
        raise RequestError(
            f"The corpus {name} has no document with two sentences to pair.", "Use --sentence-objective none."
        )
    return tokenized


def pair_settings(settings: Settings) -> PairSettings:
    """How examples are made in training."""
    return PairSettings(settings.max_length, settings.sentence_objective, settings.short_sequence_probability)


def masking_of(settings: Settings) -> Masking:
    """How training corrupts."""
    return Masking(
        settings.mask_probability, settings.mask_token_fraction, settings.random_token_fraction, settings.masking
    )
