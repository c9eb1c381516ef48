"""From settings to everything a run stands on: the text read, split, tokenized, and what is known of the vocabulary."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

import numpy as np

from babybert_tui.cache import Entry, kept_folder, scratch_folder
from babybert_tui.corpora import Corpus
from babybert_tui.corpora.files import spool
from babybert_tui.corpora.holdout import held_out_mask
from babybert_tui.corpora.opening import STANDARD_INPUT, open_source
from babybert_tui.corpora.source import Source
from babybert_tui.corpora.storing import load_corpus
from babybert_tui.errors import RequestError
from babybert_tui.parallel import Team
from babybert_tui.pretraining.batches import BEGINNING, LengtheningData, PretrainingData, StreamPosition, Updates
from babybert_tui.pretraining.masking import Masking
from babybert_tui.pretraining.pairs import PairSettings
from babybert_tui.settings import Settings
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.hardware import threads_for
from babybert_tui.training.stages import load_stage, text_stage, token_stage
from babybert_tui.training.tokenizing import tokenize
from babybert_tui.training.vocabulary import Vocabulary
from babybert_tui.training.waiting import Gauge, Progress, silent

__all__ = ["Prepared", "Progress", "Vocabulary", "prepare", "silent", "training_data"]

_SHORT_SHARE = 0.7  # of a run, where it begins with short rows
_MOST_READ = 10_000  # held-out documents, for a person
_DAMAGED = "the prepared text in the cache was damaged, and has been made anew"


@dataclass(frozen=True)
class Prepared:
    """A corpus, ready for training and evaluation."""

    corpus: Corpus
    vocabulary: Vocabulary
    training: TokenizedDocuments
    held_out: TokenizedDocuments


def read_corpus(settings: Settings, stdin: BinaryIO | None = None, progress: Progress = silent) -> Corpus:
    """The corpus that the settings name, read and stored in the cache unless it is there. Raises RequestError."""
    with _team(settings) as team, _text(settings, stdin, team, progress) as (_, corpus):
        return corpus


def held_out_documents(settings: Settings, progress: Progress = silent) -> list[tuple[str, ...]]:
    """The text of the held-out documents, of very many the first ten thousand. Raises RequestError."""
    corpus = read_corpus(settings, progress=progress)
    held_out = np.flatnonzero(held_out_mask(corpus, settings.held_out_share))
    return [corpus.documents[index] for index in held_out[:_MOST_READ].tolist()]


def prepare(settings: Settings, *, stdin: BinaryIO | None = None, progress: Progress = silent) -> Prepared:
    """Reads, splits and tokenizes the corpus; trains the vocabulary on its training documents unless one is named.

    What was prepared before is found in the cache; what `progress` raises ends the work and leaves nothing behind.

    Raises:
        RequestError: the corpus or the tokenizer is not as it should be.
        RunError: the prepared text cannot be stored.
    """
    with _team(settings) as team, _text(settings, stdin, team, progress) as (text, corpus):
        entry = token_stage(text, corpus, settings, team, progress)
    tokens = load_stage(entry, settings)
    return Prepared(
        corpus=load_corpus(text.path, settings.corpus, _notes(text, entry)),
        vocabulary=tokens.vocabulary,
        training=_checked(tokens.training, settings),
        held_out=_checked(tokens.held_out, settings),
    )


def _team(settings: Settings) -> Team:
    return Team(threads_for(settings), tokenize.__module__)


@contextmanager
def _text(settings: Settings, stdin: BinaryIO | None, team: Team, progress: Progress) -> Iterator[tuple[Entry, Corpus]]:
    """The text that the settings name, in the cache for as long as the block runs."""
    with ExitStack() as stack:
        with _source(settings, stdin, progress) as source:
            text = stack.enter_context(text_stage(source, team, progress))
        yield text, load_corpus(text.path, settings.corpus, _notes(text))


def _notes(*entries: Entry) -> Iterator[str]:
    if any(entry.was_damaged for entry in entries):
        yield _DAMAGED
    if not all(entry.is_kept for entry in entries):
        yield f"{kept_folder()} cannot be written to: what was prepared is not kept for the next run"


@contextmanager
def _source(settings: Settings, stdin: BinaryIO | None, progress: Progress) -> Iterator[Source]:
    """The source that the settings name; standard input lies in a file for as long as the block runs."""
    opened = partial(
        open_source,
        settings.corpus,
        text_field=settings.text_field,
        encoding_errors=settings.encoding_errors,
        data_root=settings.data_root,
    )
    if settings.corpus != STANDARD_INPUT:
        yield opened()
        return
    with scratch_folder() as folder:
        path = folder / "piped.txt"
        spool(sys.stdin.buffer if stdin is None else stdin, path, Gauge(progress, "reading standard input"))
        yield opened(piped=path)


def _checked(tokenized: TokenizedDocuments, settings: Settings) -> TokenizedDocuments:
    """Refuses what no pairs can be made of."""
    documents, sentences = len(tokenized.document_offsets) - 1, len(tokenized.sentence_offsets) - 1
    if documents < 2:
        raise RequestError(f"The corpus {settings.corpus} is too small: fewer than two documents with words in them.")
    if settings.sentence_objective != "none" and sentences == documents:
        raise RequestError(
            f"The corpus {settings.corpus} has no document with two sentences to pair.",
            "Use --sentence-objective none.",
        )
    return tokenized


def training_data(
    settings: Settings,
    prepared: Prepared,
    *,
    step: int = 1,
    position: StreamPosition = BEGINNING,
    batch_size: int | None = None,
) -> Updates:
    """The updates of a run with these settings.

    Args:
        settings: Of the run, at its first update; a session changes the masking as it goes.
        prepared: Its text.
        step: The first update that will be asked for.
        position: Where in its stream of examples to begin.
        batch_size: Rows in a micro-batch, all of which is an update; None: as the settings say.
    """
    rows = batch_size or settings.batch_size
    short = settings.initial_max_length or settings.max_length
    until = round(short_share(settings) * settings.max_steps)

    def of_length(length: int, *, after: int, begins: bool) -> PretrainingData:
        return PretrainingData(
            prepared.training,
            replace(pair_settings(settings), max_length=length),
            lambda step: masking_of(settings, step),
            prepared.vocabulary.masking,
            prepared.vocabulary.special,
            batch_size=rows * max(1, settings.max_length // length),
            accumulation=1 if batch_size else settings.gradient_accumulation,
            seed=settings.seed,
            position=position if begins else BEGINNING,
            after=after,
        )

    long = of_length(settings.max_length, after=until, begins=step > until)
    return LengtheningData(of_length(short, after=0, begins=step <= until), long, until) if until else long


def short_share(settings: Settings) -> float:
    """The share of a run's updates, its first ones, that have shorter rows than the last."""
    length = settings.initial_max_length
    return 0.0 if length is None or length >= settings.max_length else _SHORT_SHARE


def pair_settings(settings: Settings) -> PairSettings:
    """How examples are made in training."""
    return PairSettings(settings.max_length, settings.sentence_objective, settings.short_sequence_probability)


def masking_of(settings: Settings, step: int | None = None) -> Masking:
    """How training corrupts in update `step`; None: as at its end.

    The rate falls linearly from the initial one: many targets while there is everything to learn, then inputs as they
    are evaluated (Ankner et al. 2023, "Dynamic Masking Rate Schedules for MLM Pretraining").
    """
    to_go = 0.0 if step is None else max(0.0, (settings.max_steps - step) / settings.max_steps)
    rate = settings.mask_probability + to_go * (settings.initial_mask_probability - settings.mask_probability)
    return Masking(rate, settings.mask_token_fraction, settings.random_token_fraction, settings.masking)


def evenly_masked(settings: Settings, rate: float | None = None) -> Settings:
    """The settings with the same masking rate from beginning to end; None: that of the end."""
    rate = settings.mask_probability if rate is None else rate
    return replace(settings, initial_mask_probability=rate, mask_probability=rate)


def mean_mask_probability(settings: Settings) -> float:
    """The masking rate over the whole run."""
    return (settings.initial_mask_probability + settings.mask_probability) / 2
