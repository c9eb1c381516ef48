"""WordPiece: vocabularies trained from text, `transformers.BertTokenizer` in and out, documents as token ids."""

from babybert_tui.tokenization.bert_tokenizer import continuation_flags, make_tokenizer, vocabulary_of
from babybert_tui.tokenization.encoding import TokenizedDocuments, encode_documents
from babybert_tui.tokenization.storage import load_tokenizer, save_tokenizer
from babybert_tui.tokenization.vocabulary import SPECIAL_TOKENS, train_vocabulary

__all__ = [
    "SPECIAL_TOKENS",
    "TokenizedDocuments",
    "continuation_flags",
    "encode_documents",
    "load_tokenizer",
    "make_tokenizer",
    "save_tokenizer",
    "train_vocabulary",
    "vocabulary_of",
]
