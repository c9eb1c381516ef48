"""Tokenizers in Hugging Face directories: `tokenizer.json`, `tokenizer_config.json`, `vocab.txt`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from babybert_tui.errors import RequestError
from babybert_tui.tokenization.bert_tokenizer import vocabulary_of
from babybert_tui.tokenization.vocabulary import SPECIAL_TOKENS

if TYPE_CHECKING:
    from pathlib import Path

    from transformers import BertTokenizer

_TOKENIZER_FILE = "tokenizer.json"
_CONFIG_FILE = "tokenizer_config.json"
_VOCABULARY_FILE = "vocab.txt"
_REMEDY = "Name a directory saved by BertTokenizer.save_pretrained or by this program."


def save_tokenizer(tokenizer: BertTokenizer, directory: Path) -> None:
    """Writes `tokenizer.json`, `tokenizer_config.json` and `vocab.txt`; equal tokenizers give equal bytes.

    transformers 5 writes no `vocab.txt`, which older readers and people look for.
    """
    # The backend remembers the padding and truncation of its last call and would write them into the file.
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.save_pretrained(directory)
    lines = "".join(f"{token}\n" for token in vocabulary_of(tokenizer))
    (directory / _VOCABULARY_FILE).write_bytes(lines.encode("utf-8"))


def load_tokenizer(directory: Path) -> BertTokenizer:
    """Reads the tokenizer of a Hugging Face BERT directory from `tokenizer.json` or `vocab.txt`, never the network.

    Raises:
        RequestError: The directory or its files are missing or damaged, hold another kind of tokenizer than
            WordPiece, lack a special token, or hold nothing but special tokens.
    """
    known, overrides = _read_files(directory)
    missing = [token for token in _special_tokens(directory) if token not in known]
    if missing:
        raise RequestError(f"The vocabulary in {directory} has no {', '.join(missing)}.", _REMEDY)
    from transformers import BertTokenizer  # slow to import, and not needed to find the faults above

    try:
        tokenizer: BertTokenizer = BertTokenizer.from_pretrained(directory, local_files_only=True, **overrides)
    except Exception as error:  # tokenizers raises plain Exception for whatever it cannot read
        raise RequestError(f"The tokenizer in {directory} cannot be read: {error}.", _REMEDY) from error
    if len(tokenizer) <= len(SPECIAL_TOKENS):
        raise RequestError(f"The tokenizer in {directory} holds nothing but its special tokens.", _REMEDY)
    return tokenizer


def _read_files(directory: Path) -> tuple[set[str], dict[str, Any]]:
    """Returns every token that the files name, and the settings that only `tokenizer.json` knows.

    Checked here because BertTokenizer makes up a vocabulary of five tokens where there are no files.
    """
    if not directory.is_dir():
        raise RequestError(f"There is no directory {directory} to read a tokenizer from.", _REMEDY)
    overrides: dict[str, Any] = {}
    if (directory / _TOKENIZER_FILE).is_file():
        content = _read_json(directory / _TOKENIZER_FILE)
        known = _tokens_of(content, directory / _TOKENIZER_FILE)
        if not (directory / _CONFIG_FILE).is_file():
            overrides = _normalizer_settings(content)
    elif (directory / _VOCABULARY_FILE).is_file():
        known = set(_read_text(directory / _VOCABULARY_FILE).replace("\r\n", "\n").split("\n"))
    else:
        raise RequestError(f"{directory} holds neither {_TOKENIZER_FILE} nor {_VOCABULARY_FILE}.", _REMEDY)
    return known - {""}, overrides


def _tokens_of(content: dict[str, Any], path: Path) -> set[str]:
    model = content.get("model")
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    if not isinstance(model, dict) or not isinstance(vocabulary, dict):
        raise RequestError(f"{path} holds no WordPiece vocabulary.", _REMEDY)
    if model.get("type", "WordPiece") != "WordPiece":
        raise RequestError(f"{path} is a {model['type']} tokenizer; BERT's is WordPiece.", _REMEDY)
    added = content.get("added_tokens") or []
    return set(vocabulary) | {token["content"] for token in added if isinstance(token, dict) and "content" in token}


def _normalizer_settings(content: dict[str, Any]) -> dict[str, Any]:
    """BertTokenizer takes these from `tokenizer_config.json` alone: a cased `tokenizer.json` would be lower-cased."""
    normalizer = content.get("normalizer")
    if not isinstance(normalizer, dict) or normalizer.get("type") != "BertNormalizer":
        return {}
    return {
        "do_lower_case": normalizer.get("lowercase", True),
        "strip_accents": normalizer.get("strip_accents"),
        "tokenize_chinese_chars": normalizer.get("handle_chinese_chars", True),
    }


def _special_tokens(directory: Path) -> list[str]:
    """Returns the names of the special tokens, which a directory may change in its `tokenizer_config.json`."""
    path = directory / _CONFIG_FILE
    config = _read_json(path) if path.is_file() else {}
    names = []
    for token in SPECIAL_TOKENS:
        name = config.get(f"{token.strip('[]').lower()}_token", token)
        names.append(name.get("content", token) if isinstance(name, dict) else name)
    return [name for name in names if isinstance(name, str)]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(_read_text(path))
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path} is not valid JSON: {error}.", _REMEDY) from error
    if not isinstance(content, dict):
        raise RequestError(f"{path} does not hold a JSON object.", _REMEDY)
    return content


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}.", _REMEDY) from error
    except UnicodeDecodeError as error:
        raise RequestError(f"{path} is not UTF-8 text (byte {error.start}).", _REMEDY) from error
