"""Data sets of the Hugging Face Hub as a source, streamed: `hub:NAME[:CONFIG[:SPLIT]]`."""

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from babybert_tui.corpora.corpus import counted
from babybert_tui.corpora.plain_text import record_layout
from babybert_tui.corpora.records import DEFAULT_TEXT_FIELD
from babybert_tui.corpora.source import BLOCK_CHARACTERS, Block, Progress, Source, record_blocks
from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

PREFIX = "hub:"
_DEFAULT_SPLIT = "train"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
_PART = re.compile(r"[\w.+-]+")
_LOOKED_AT = 10_000  # records, to tell how their texts are laid out
_LONGEST_REASON = 200  # characters: the messages of the Hub go on for pages


@dataclass(frozen=True)
class HubName:
    """What a name stands for."""

    repository: str
    configuration: str | None
    split: str

    def __str__(self) -> str:
        configuration = f", {self.configuration}" if self.configuration else ""
        return f"{self.repository}{configuration}, {self.split}"


def parse_hub_name(name: str) -> HubName:
    """Takes `hub:NAME[:CONFIG[:SPLIT]]` apart; without a split it is `train`. Raises RequestError."""
    repository, *rest = name.removeprefix(PREFIX).split(":")
    if len(rest) > 2 or not _NAME.fullmatch(repository) or not all(_PART.fullmatch(part) or not part for part in rest):
        raise RequestError(
            f"{sanitise(name)!r} is no name of a data set on the Hub.", "Write hub:OWNER/NAME[:CONFIG[:SPLIT]]."
        )
    configuration, split = [*rest, "", ""][:2]
    return HubName(repository, configuration or None, split or _DEFAULT_SPLIT)


class HubSource(Source):
    """Records of one split, each one's text a document.

    Args:
        name: As the user gave it.
        text_field: The column of the text; None: `text`, or the only one that holds strings.

    Raises:
        RequestError: It is no name, or the package that reads it is not installed.
    """

    def __init__(self, name: str, text_field: str | None) -> None:
        self.name = name
        self._asked = parse_hub_name(name)
        self._text_field = text_field
        self._datasets = _package()
        self._reading = f"records of {self._asked}"
        self._empty = 0

    def fingerprint(self, progress: Progress) -> str:
        """Of the names and of the revision that the Hub has now."""
        del progress
        builder = self._builder()
        facts = [self.name, str(self._text_field), str(builder.hash), str(builder.info.version)]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()

    def blocks(self, progress: Progress) -> Iterator[Block]:
        """The records in the order of the Hub's files; they are fetched as they are read."""
        del progress  # nobody knows how many bytes there will be
        self._empty = 0
        with self._errors_in_words():
            records = iter(self._builder().as_streaming_dataset(split=self._asked.split))
            first = next(records, None)
        if first is None:
            return
        field = self._text_field or self._guess_field(first)
        texts = self._texts(chain([first], records), field)
        head = list(_head(texts))
        layout = record_layout(head)
        self._reading = f"records of {self._asked}, each one's {field!r} a document, {layout.value}"
        yield from record_blocks(chain(head, texts), layout)

    @property
    def format(self) -> str:
        """How it was read, in words for a person."""
        return self._reading

    def notes(self) -> Iterator[str]:
        """What else the user should know."""
        if self._empty:
            yield f"{counted(self._empty, 'empty record')} left out"

    def _builder(self) -> Any:
        with self._errors_in_words():
            return self._datasets.load_dataset_builder(self._asked.repository, self._asked.configuration)

    def _texts(self, records: Iterator[Mapping[str, Any]], field: str) -> Iterator[str]:
        for number in range(1, 1 << 62):
            with self._errors_in_words():
                record = next(records, None)
            if record is None:
                return
            yield self._text_of(record, field, number)

    def _text_of(self, record: Mapping[str, Any], field: str, number: int) -> str:
        text = record.get(field)
        if field not in record or not isinstance(text, str | None):
            raise RequestError(
                f"{sanitise(self.name)}, record {number}: {field!r} is no field with a text.",
                f"Its fields: {_listed(record)}. See --text-field.",
            )
        if not text or not text.strip():
            self._empty += 1
        return text or ""

    def _guess_field(self, record: Mapping[str, Any]) -> str:
        if DEFAULT_TEXT_FIELD in record:
            return DEFAULT_TEXT_FIELD
        wordings = [name for name, value in record.items() if isinstance(value, str)]
        if len(wordings) == 1:
            return wordings[0]
        raise RequestError(
            f"{sanitise(self.name)} has no field {DEFAULT_TEXT_FIELD!r}; its fields: {_listed(record)}.",
            "Name it with --text-field.",
        )

    @contextmanager
    def _errors_in_words(self) -> Iterator[None]:
        """What the Hub and the network raise has many types; one sentence is made of it."""
        try:
            yield
        except RequestError:
            raise
        except Exception as error:
            lines = [line.strip() for line in str(error).split("\n") if line.strip()]
            reason = sanitise(lines[0])[:_LONGEST_REASON] if lines else type(error).__name__
            is_unreachable = isinstance(error, ConnectionError | TimeoutError) or "offline" in reason.lower()
            remedy = "It is read over the network: is there one?" if is_unreachable else ""
            raise RequestError(f"{sanitise(self.name)} cannot be read from the Hub: {reason}", remedy) from error


def _head(texts: Iterator[str]) -> Iterator[str]:
    characters = 0
    for text in islice(texts, _LOOKED_AT):
        yield text
        characters += len(text)
        if characters >= BLOCK_CHARACTERS:
            return


def _package() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise RequestError(
            "Data sets of the Hugging Face Hub need the package datasets.",
            "Install it with: pip install 'babybert-tui[hub]'",
        ) from error
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # each retry would be a line on the screen
    datasets.logging.set_verbosity(logging.CRITICAL)  # what it logs as an error is raised too, and told once
    datasets.disable_progress_bars()
    return datasets


def _listed(record: Mapping[str, Any]) -> str:
    return sanitise(", ".join(map(str, record)))
