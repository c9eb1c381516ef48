"""Files of every format, packed or not, become documents."""

import gzip
import json
from pathlib import Path

import pytest

from babybert_tui.corpora.opening import open_corpus
from babybert_tui.errors import RequestError


@pytest.mark.parametrize("suffix", [".txt", ".md", ".jsonl", ".csv"])
def test_packed_files_read_like_plain_ones(tmp_path: Path, four_documents: str, suffix: str) -> None:
    records = [block.replace("\n", " ").strip() for block in four_documents.split("\n\n")]
    text = {
        ".jsonl": "".join(json.dumps({"text": record}) + "\n" for record in records),
        ".csv": "text\n" + "\n".join(records) + "\n",
    }.get(suffix, four_documents)
    (tmp_path / f"a{suffix}").write_text(text)
    (tmp_path / f"b{suffix}.gz").write_bytes(gzip.compress(text.encode()))
    plain, packed = open_corpus(str(tmp_path / f"a{suffix}")), open_corpus(str(tmp_path / f"b{suffix}.gz"))
    assert plain.documents == packed.documents
    assert plain.format == packed.format
    assert len(plain.documents) == 4


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-6], lambda data: b"plain text", lambda data: data[:15] + data[20:]]
)
def test_damaged_packed_files_are_refused(tmp_path: Path, four_documents: str, damage) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.txt.gz").write_bytes(damage(gzip.compress(four_documents.encode())))
    with pytest.raises(RequestError, match=r"a\.txt\.gz is not a complete gzip file"):
        open_corpus(str(tmp_path / "a.txt.gz"))


def test_invalid_bytes_name_the_file_in_the_folder(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text(four_documents)
    (tmp_path / "b.txt").write_bytes(b"fine\ncaf\xe9\n")
    with pytest.raises(RequestError, match=r"b\.txt is not valid UTF-8: line 2, byte 8 \(0xe9\)"):
        open_corpus(str(tmp_path))
    corpus = open_corpus(str(tmp_path), encoding_errors="replace")
    assert any(note.startswith("1 invalid byte sequence replaced by U+FFFD in ") for note in corpus.notes)
    assert corpus.documents[-1] == ("fine", "caf\ufffd")


def test_every_way_of_reading_is_named(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text(four_documents)
    (tmp_path / "b.txt").write_text("Other words.\nMore of them.\n")
    (tmp_path / "c.jsonl").write_text('{"text": "Yes. No."}\n')
    reading = open_corpus(str(tmp_path)).format
    assert reading.startswith("2 × one sentence a line, blank line between documents; 1 × JSON lines")


def test_a_document_ends_with_its_file(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.txt").write_text(f"First of {number}.\nSecond of {number}.")
    assert [len(document) for document in open_corpus(str(tmp_path)).documents] == [2, 2, 2, 2]


def test_repeated_documents_are_dropped_and_counted(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text(f"{four_documents}\n{four_documents}")
    corpus = open_corpus(str(tmp_path / "a.txt"))
    assert len(corpus.documents) == 4
    assert corpus.duplicates_dropped == 4


def test_the_digest_follows_content_and_order_only(tmp_path: Path, four_documents: str) -> None:
    first, *others = four_documents.split("\n\n")
    texts = {
        "same.txt": four_documents.replace("\n", "\r\n") + "\n\n\n",
        "other.txt": "\n\n".join([*others, first]),
        "more.txt": four_documents.replace("cat", "cats"),
        "joined.txt": four_documents.replace("The cat sat.\nIt slept.", "The cat sat.It\nslept."),
    }
    (tmp_path / "a.txt").write_text(four_documents)
    expected = open_corpus(str(tmp_path / "a.txt")).sha256
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode())
    digests = {name: open_corpus(str(tmp_path / name)).sha256 for name in texts}
    assert digests.pop("same.txt") == expected
    assert expected not in digests.values()
    assert len(set(digests.values())) == 3


def test_nuls_are_noted(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text(four_documents.replace("cat", "c\0at"))
    corpus = open_corpus(str(tmp_path / "a.txt"))
    assert corpus.documents[0][0] == "The cat sat."
    assert corpus.notes[0].startswith("1 NUL character left out in ")


@pytest.mark.parametrize("suffix", [".txt", ".md", ".jsonl", ".csv"])
def test_line_ends_of_old_macintoshes_are_line_ends(tmp_path: Path, suffix: str) -> None:
    texts = [f"The cat sat on mat {number}.{' It slept there.' * number}" for number in range(5)]
    lines = {
        ".jsonl": [json.dumps({"text": text}) for text in texts],
        ".csv": ["text", *texts],
    }.get(suffix) or "\r\r".join(texts).split("\r")
    (tmp_path / f"a{suffix}").write_bytes("\r".join([*lines, ""]).encode())
    documents = open_corpus(str(tmp_path / f"a{suffix}")).documents
    assert [document[0] for document in documents] == [f"The cat sat on mat {number}." for number in range(5)]
