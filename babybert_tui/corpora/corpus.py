"""What every reader returns: documents, each a tuple of sentences, and how they were read."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

Document = tuple[str, ...]

# characters: BERT reads 512 tokens at most, and the tokenizer spends some hundred bytes on each character
LONGEST_SENTENCE = 2000


@dataclass(frozen=True)
class Corpus:
    """A text corpus in memory.

    Attributes:
        name: What the user called it: "stories", a path as given, "-" for standard input.
        format: How it was read, in words for a person.
        documents: Each document's sentences; none is empty, no document stands twice.
        duplicates_dropped: How many documents were left out because their text had been seen before.
        sha256: Hex digest of the documents' content, order included.
        notes: Whatever else the user should know about the reading.
    """

    name: str
    format: str
    documents: tuple[Document, ...]
    duplicates_dropped: int
    sha256: str
    notes: tuple[str, ...]

    @cached_property
    def sentence_count(self) -> int:
        """Number of sentences in all documents."""
        return sum(map(len, self.documents))

    @cached_property
    def word_count(self) -> int:
        """Number of words, taken as stretches between white space."""
        return sum(len(sentence.split()) for document in self.documents for sentence in document)

    @cached_property
    def character_count(self) -> int:
        """Number of characters in all sentences."""
        return sum(len(sentence) for document in self.documents for sentence in document)


def document_digest(document: Document) -> bytes:
    """Returns the SHA-256 of a document's sentences, which never contain a line feed."""
    return hashlib.sha256("\n".join(document).encode("utf-8")).digest()


def counted(number: int, noun: str) -> str:
    """Returns "1 document", "2,000 documents"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def make_corpus(name: str, reading: str, documents: Iterable[Document], notes: Iterable[str] = ()) -> Corpus:
    """Returns a corpus of `documents` without empty ones and repetitions (the first of equal documents stays).

    What is longer than 2,000 characters (base64, a table, a text without full stops) is no sentence: it is cut, at
    spaces where there are any, and a note says so.

    Args:
        name: What the user called it.
        reading: How it was read, in words for a person.
        documents: Stripped sentences without line feeds; an iterator is read once.
        notes: What else the user should know; read after `documents`, so that reading may still add to them.
    """
    unique: dict[bytes, Document] = {}
    given = cut = 0
    for document in documents:
        if document:
            given += 1
            too_long = sum(len(sentence) > LONGEST_SENTENCE for sentence in document)
            cut += too_long
            kept = tuple(_cut_long(document)) if too_long else document
            unique.setdefault(document_digest(kept), kept)
    cut_note = [f"{counted(cut, 'sentence')} of more than {LONGEST_SENTENCE:,} characters cut to that"] if cut else []
    return Corpus(
        name=name,
        format=reading,
        documents=tuple(unique.values()),
        duplicates_dropped=given - len(unique),
        sha256=hashlib.sha256(b"".join(unique)).hexdigest(),
        notes=(*notes, *cut_note),
    )


def _cut_long(document: Document) -> Iterator[str]:
    for sentence in document:
        start = 0
        while len(sentence) - start > LONGEST_SENTENCE:
            space = sentence.rfind(" ", start + 1, start + LONGEST_SENTENCE + 1)
            end = space if space > 0 else start + LONGEST_SENTENCE
            yield sentence[start:end].strip()
            start = end
        yield sentence[start:].strip()
