"""The two stages of preparing a corpus, each kept in the cache: its text split into documents, and its tokens.

The first depends on the text and how it is read, the second on that, on what is held out and on the vocabulary; both on
the code that makes them. No other setting plays a part.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from sys import version_info

import numpy as np

from babybert_tui.cache import Entry, code_digest, digest_of, entry, used_entry
from babybert_tui.corpora.corpus import Corpus
from babybert_tui.corpora.holdout import held_out_mask
from babybert_tui.corpora.sampling import sample_excerpts
from babybert_tui.corpora.source import Source
from babybert_tui.corpora.storing import StoredDocuments, store_corpus
from babybert_tui.errors import RequestError
from babybert_tui.parallel import Team
from babybert_tui.settings import Settings
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.tokenizing import load_sides, tokenize, words_of
from babybert_tui.training.vocabulary import (
    Vocabulary,
    find_vocabulary,
    read_vocabulary,
    vocabulary_key,
    write_vocabulary,
)
from babybert_tui.training.waiting import Gauge, Progress

_LEAST_SAMPLE_BYTES = 8 << 20
_BYTES_FOR_A_TOKEN = 1 << 10

_VOCABULARY, _FACTS = "vocabulary.json", "tokens.json"


@dataclass(frozen=True)
class Tokens:
    """What the second stage comes to."""

    vocabulary: Vocabulary
    training: TokenizedDocuments
    held_out: TokenizedDocuments


def vocabulary_sample_bytes(size: int) -> int:
    """Up to how much text a vocabulary of `size` tokens is trained on: a kilobyte for each token, at least 8 MB.

    Of a longer text half as much is taken, from all over it.
    """
    return max(_LEAST_SAMPLE_BYTES, size * _BYTES_FOR_A_TOKEN)


@contextmanager
def text_stage(source: Source, team: Team, progress: Progress) -> Iterator[Entry]:
    """The text of a source, split into documents and sentences; `load_corpus` reads it while the block runs.

    Raises:
        RequestError: It cannot be read, is too small, or was changed meanwhile.
        RunError: It cannot be stored.
    """
    progress("looking at the corpus")
    before = source.state()
    fingerprint = source.fingerprint(Gauge(progress, "looking at the corpus", source.size))
    name = digest_of("text", fingerprint, code_digest("babybert_tui.corpora"), version("sentencex"), version_info[:2])

    def make(folder: Path) -> None:
        progress("reading the corpus")
        team.gather(source.size)
        store_corpus(source, folder, team=team, progress=Gauge(progress, "reading the corpus", source.size))
        _require_unchanged(source, before)

    with used_entry(name, make, Gauge(progress, "waiting for another program that reads this corpus")) as text:
        yield text


def _require_unchanged(source: Source, before: dict[Path, object]) -> None:
    """Refuses files that were written to while they were read: their text is not the one that the entry is named by."""
    after = source.state()
    changed = next((path for path, state in before.items() if after[path] != state), None)
    if changed is not None:
        raise RequestError(f"{changed} was changed while it was read.", "Start again once nobody writes to it.")


def token_stage(text: Entry, corpus: Corpus, settings: Settings, team: Team, progress: Progress) -> Entry:
    """Returns the tokens of both sides of a corpus, and the vocabulary; `load_stage` reads them.

    Raises:
        RequestError: The tokenizer is not as it should be, or the corpus is too small.
        RunError: They cannot be stored.
    """
    name = digest_of(
        "tokens", text.path.name, settings.held_out_share, *vocabulary_key(settings),
        code_digest("babybert_tui.tokenization", tokenize.__module__, __name__), version("tokenizers"),
    )  # fmt: skip

    def make(folder: Path) -> None:
        held_out = held_out_mask(corpus, settings.held_out_share)
        documents = _stored(corpus)
        size = int(documents.ends[-1])
        team.gather(size)  # they start while the vocabulary is made
        progress("preparing the vocabulary")
        excerpts = sample_excerpts(documents, ~held_out, vocabulary_sample_bytes(settings.vocab_size))
        vocabulary = find_vocabulary(settings, team.in_order(partial(words_of, lowercase=not settings.cased), excerpts))
        write_vocabulary(vocabulary, folder / _VOCABULARY)
        encoder = vocabulary.encoder()
        progress("tokenizing")
        tokenize(documents, held_out, encoder, folder, team=team, progress=Gauge(progress, "tokenizing", size))
        (folder / _FACTS).write_text(json.dumps({"dtype": encoder.dtype.name}), encoding="utf-8")

    return entry(name, make, Gauge(progress, "waiting for another program that prepares this corpus"))


def load_stage(tokens: Entry, settings: Settings) -> Tokens:
    """Reads what `token_stage` has stored."""
    facts = json.loads((tokens.path / _FACTS).read_text(encoding="utf-8"))
    training, held_out = load_sides(tokens.path, np.dtype(facts["dtype"]))
    return Tokens(read_vocabulary(tokens.path / _VOCABULARY, settings), training, held_out)


def _stored(corpus: Corpus) -> StoredDocuments:
    assert isinstance(corpus.documents, StoredDocuments)
    return corpus.documents
