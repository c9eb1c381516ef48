"""What is known of a vocabulary: its pieces, its special tokens, and the tokenizer that it makes when one is needed."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from babybert_tui.pretraining.batches import SpecialIds
from babybert_tui.pretraining.masking import MaskingVocabulary
from babybert_tui.settings import Settings
from babybert_tui.tokenization import (
    SPECIAL_TOKENS,
    DocumentEncoder,
    continuing,
    learn_vocabulary,
    load_tokenizer,
    make_tokenizer,
    vocabulary_of,
    wordpiece_backend,
)

if TYPE_CHECKING:
    from transformers import BertTokenizer

_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "added_tokens.json", "special_tokens_map.json")
_ROLES = ("pad", "unk", "cls", "sep", "mask")


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a vocabulary, and what masking and layout need to know of them.

    Attributes:
        pieces: By id; "" at an id that stands for nothing.
        roles: The id of each special token, by "pad", "unk", "cls", "sep", "mask".
        special_ids: Those and further ones that the tokenizer holds for special.
        directory: The tokenizer's own, or None where the vocabulary was trained here.
        lowercase: How it was trained.
        max_length: Longest input of the model it is for.
    """

    pieces: list[str]
    roles: dict[str, int]
    special_ids: frozenset[int]
    directory: Path | None
    lowercase: bool
    max_length: int

    def __len__(self) -> int:
        return len(self.pieces)

    @cached_property
    def tokenizer(self) -> "BertTokenizer":
        """The tokenizer, made when it is first asked for: what it takes is slow to import, and no step needs it."""
        if self.directory is not None:
            return load_tokenizer(self.directory)
        return make_tokenizer(self.pieces, lowercase=self.lowercase, max_length=self.max_length)

    @cached_property
    def masking(self) -> MaskingVocabulary:
        """What masking needs to know."""
        ordinary = [
            number
            for number, piece in enumerate(self.pieces)
            if piece and number not in self.special_ids and not (piece.startswith("[unused") and piece.endswith("]"))
        ]
        return MaskingVocabulary(self.roles["mask"], np.array(ordinary), continuing(self.pieces))

    @property
    def special(self) -> SpecialIds:
        """What the layout needs to know."""
        return SpecialIds(pad=self.roles["pad"], cls=self.roles["cls"], sep=self.roles["sep"])

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the pieces in order, one a line: of `vocab.txt`."""
        return hashlib.sha256("".join(f"{piece}\n" for piece in self.pieces).encode()).hexdigest()

    def encoder(self) -> DocumentEncoder:
        """What makes ids of documents."""
        if self.directory is not None:
            return DocumentEncoder(self.tokenizer.backend_tokenizer.to_str(), len(self.tokenizer))
        return DocumentEncoder(wordpiece_backend(self.pieces, lowercase=self.lowercase), len(self.pieces))


def vocabulary_key(settings: Settings) -> tuple[object, ...]:
    """What the vocabulary depends on besides the text."""
    if settings.tokenizer is None:
        return "trained", settings.vocab_size, settings.cased
    directory = Path(settings.tokenizer)
    files = [directory / name for name in _FILES]
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "" for file in files]
    return "tokenizer", *digests


def find_vocabulary(settings: Settings, counts: Iterable[Counter[str]]) -> Vocabulary:
    """The vocabulary that the settings name, or one learned from words counted part by part. Raises RequestError."""
    if settings.tokenizer is not None:
        return _described(load_tokenizer(Path(settings.tokenizer)), settings)
    words: Counter[str] = Counter()
    for counted in counts:
        words.update(counted)
    pieces = learn_vocabulary(words, settings.vocab_size)
    roles = {role: pieces.index(f"[{role.upper()}]") for role in _ROLES}
    return _of_settings(pieces, roles, range(len(SPECIAL_TOKENS)), settings)


def _described(tokenizer: "BertTokenizer", settings: Settings) -> Vocabulary:
    roles = {role: getattr(tokenizer, f"{role}_token_id") for role in _ROLES}
    return _of_settings(vocabulary_of(tokenizer), roles, tokenizer.all_special_ids, settings)


def _of_settings(
    pieces: list[str], roles: dict[str, int], special_ids: Iterable[int], settings: Settings
) -> Vocabulary:
    return Vocabulary(
        pieces=pieces,
        roles=roles,
        special_ids=frozenset(special_ids),
        directory=None if settings.tokenizer is None else Path(settings.tokenizer),
        lowercase=not settings.cased,
        max_length=settings.max_length,
    )


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Writes what `read_vocabulary` reads."""
    content: dict[str, Sequence[object] | dict[str, int]] = {
        "pieces": vocabulary.pieces,
        "roles": vocabulary.roles,
        "special_ids": sorted(vocabulary.special_ids),
    }
    path.write_text(json.dumps(content), encoding="utf-8")


def read_vocabulary(path: Path, settings: Settings) -> Vocabulary:
    """The vocabulary of a file, as the settings that it was found with would find it."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return _of_settings(content["pieces"], content["roles"], content["special_ids"], settings)
