"""WordPiece: vocabularies trained from text, `transformers.BertTokenizer` in and out, documents as token ids."""

from babybert_tui.tokenization.bert_tokenizer import (
    continuation_flags,
    continuing,
    make_tokenizer,
    vocabulary_of,
    wordpiece_backend,
)
from babybert_tui.tokenization.encoding import DocumentEncoder, TokenizedDocuments, encode_documents
from babybert_tui.tokenization.storage import load_tokenizer, save_tokenizer
from babybert_tui.tokenization.token_files import TokenWriter, load_tokens
from babybert_tui.tokenization.vocabulary import SPECIAL_TOKENS, count_words, learn_vocabulary, train_vocabulary

__all__ = [
    "SPECIAL_TOKENS",
    "DocumentEncoder",
    "TokenWriter",
    "TokenizedDocuments",
    "continuation_flags",
    "continuing",
    "count_words",
    "encode_documents",
    "learn_vocabulary",
    "load_tokenizer",
    "load_tokens",
    "make_tokenizer",
    "save_tokenizer",
    "train_vocabulary",
    "vocabulary_of",
    "wordpiece_backend",
]
