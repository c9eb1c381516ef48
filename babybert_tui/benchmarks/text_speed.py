"""How fast a text becomes training pairs, beside `tokenizers.encode_batch` on the same text."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from babybert_tui.benchmarks.spread import Spread, ratio
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.cache import ENVIRONMENT
from babybert_tui.tokenization import save_tokenizer
from babybert_tui.training.preparation import prepare, training_data


@dataclass
class TextResult:
    """Seconds, round by round."""

    characters: int
    preparing: list[float]  # reading, splitting into documents and sentences, tokenizing, pairing
    encoding: list[float]  # encode_batch alone, on the sentences in memory

    @property
    def times(self) -> Spread | None:
        """How many times as fast as `encode_batch` all of the preparation is."""
        return ratio(self.encoding, self.preparing)

    def characters_per_second(self, seconds: list[float]) -> Spread:
        """The speed of one of the two."""
        return Spread(tuple(self.characters / one for one in seconds))


def measure_text(
    workload: Workload, *, rounds: int, is_over: Callable[[], bool], progress: Callable[[str], None]
) -> TextResult:
    """Prepares the corpus anew in each round, with an empty cache; the vocabulary is there already."""
    sentences = list(chain.from_iterable(workload.prepared.corpus.documents))
    backend = workload.prepared.vocabulary.tokenizer.backend_tokenizer
    result = TextResult(sum(map(len, sentences)), [], [])
    for number in range(1, rounds + 1):
        if is_over():
            break
        progress(f"preparing the text, round {number} of {rounds}")
        preparing = _seconds_of_preparing(workload)
        encoding = _seconds(lambda: backend.encode_batch(sentences, add_special_tokens=False))
        result.preparing.append(preparing)
        result.encoding.append(encoding)
    return result


def _seconds_of_preparing(workload: Workload) -> float:
    """What is not there the first time: reading, splitting, tokenizing, and an epoch's pairs up to the first batch."""
    with TemporaryDirectory(prefix="babybert-bench-") as scratch:
        vocabulary, cache = Path(scratch) / "vocabulary", Path(scratch) / "cache"
        save_tokenizer(workload.prepared.vocabulary.tokenizer, vocabulary)
        settings = replace(workload.settings, tokenizer=str(vocabulary))
        piped = BytesIO(_as_text(workload).encode()) if settings.corpus == "-" else None
        with _cache_at(cache):
            return _seconds(lambda: training_data(settings, prepare(settings, stdin=piped))[1])


def _as_text(workload: Workload) -> str:
    """A corpus from stdin, which cannot be read twice, as it may have stood there."""
    return "\n\n".join("\n".join(sentences) for sentences in workload.prepared.corpus.documents)


@contextmanager
def _cache_at(folder: Path) -> Iterator[None]:
    before = os.environ.get(ENVIRONMENT)
    os.environ[ENVIRONMENT] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[ENVIRONMENT]
        else:
            os.environ[ENVIRONMENT] = before


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
