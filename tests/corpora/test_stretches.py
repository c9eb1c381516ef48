"""A file of any length is read a stretch at a time, and reads as it would at once."""

import gzip
import json
import random
from pathlib import Path

import pytest

from babybert_tui.corpora import files, source, stretches
from babybert_tui.corpora.decoding import Decoding, decode
from babybert_tui.corpora.layout import Layout
from babybert_tui.corpora.opening import open_corpus, open_source
from babybert_tui.corpora.stretches import at_line_ends, plain_blocks
from babybert_tui.errors import RequestError


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads a few bytes at a time and cuts at every chance."""
    monkeypatch.setattr(files, "_READ_BYTES", 37)
    monkeypatch.setattr(stretches, "BLOCK_CHARACTERS", 90)
    monkeypatch.setattr(source, "BLOCK_CHARACTERS", 90)
    monkeypatch.setattr(stretches, "LINES_SAMPLED", 6)


def _sentences() -> str:
    return "".join(f"Sentence {n} of some length.\nAnother, ä😀 {n}.\n{' ' * (n % 2)}\n" for n in range(40))


def _wrapped() -> str:
    lines = (
        "Now this is a paragraph whose lines are\nwrapped at a width of forty signs, so\n"
        "that they go on. And end here, number {}.\n\n"
    )
    return "".join(lines.format(n) for n in range(30))


def _wikitext() -> str:
    article = " \n = Title {} = \n \n The first of {} . The second of it . \n \n = = Part = = \n \n A third {} . \n"
    return "".join(article.format(n, n, n) for n in range(30))


@pytest.mark.parametrize("text", [_sentences(), _wrapped(), _wikitext()], ids=["sentences", "wrapped", "wikitext"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plain_text_reads_as_at_once(
    tmp_path: Path, text: str, ends: str, encoding: str, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.replace("\n", ends).encode(encoding))
    at_once = open_corpus(str(path))
    assert len(at_once.documents) >= 30
    request.getfixturevalue("small_stretches")
    assert len(list(open_source(str(path)).blocks(lambda _: None))) > 5
    assert open_corpus(str(path)) == at_once


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".jsonl.gz"])
def test_records_read_as_at_once(tmp_path: Path, suffix: str, request: pytest.FixtureRequest) -> None:
    texts = [f'This is ä record {n}.\nIt has two lines, "quoted".' if n % 7 else "" for n in range(60)]
    quoted = "text,n\n" + "".join('"{}",{}\n'.format(text.replace('"', '""'), n) for n, text in enumerate(texts))
    lines = quoted if suffix == ".csv" else "".join(json.dumps({"text": text}) + "\n" for text in texts)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(gzip.compress(lines.encode()) if suffix.endswith(".gz") else lines.encode())
    at_once = open_corpus(str(path))
    assert "9 empty records left out" in at_once.notes
    request.getfixturevalue("small_stretches")
    assert len(list(open_source(str(path)).blocks(lambda _: None))) > 5
    assert open_corpus(str(path)) == at_once


@pytest.mark.usefixtures("small_stretches")
def test_a_document_too_long_for_memory_is_cut_into_parts_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "LONGEST_DOCUMENT", 3000)
    lines = [f"This is line number {number} of it." for number in range(400)]
    (tmp_path / "a.txt").write_text("\n".join(lines) + "\n\n" + _sentences())
    corpus = open_corpus(str(tmp_path / "a.txt"))
    assert [one for document in corpus.documents for one in document][:400] == lines
    assert max(map(len, corpus.documents)) <= 33
    assert any("without a blank line were cut" in note for note in corpus.notes)
    assert corpus.documents[-1] == ("Sentence 39 of some length.", "Another, ä😀 39.")


def test_blocks_end_between_documents(small_stretches: None) -> None:
    for text, layout in ((_sentences(), Layout.SENTENCES), (_wikitext(), Layout.WIKITEXT)):
        found, blocks = plain_blocks([text[start : start + 50] for start in range(0, len(text), 50)])
        assert found is layout
        parts = [block.text for block in blocks]
        assert "".join(parts) == text
        for part in parts[:-1]:
            assert part.endswith("\n")
        whole = [document for part in parts for document in stretches.read_blocks_of(part, layout) if document]
        assert whole == [document for document in stretches.read_blocks_of(text, layout) if document]


def test_decoding_is_the_same_wherever_the_bytes_are_cut() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        text = "Käse\r\n😀 and\r\rmore \nzwei\r\n" + "\ufffd" * encoding.startswith("utf-8")
        data = text.encode(encoding)
        for cut in range(4, len(data)):
            decoded = Decoding("a.txt", "replace")
            assert "".join(decoded.stretches([data[:cut], data[cut:]])) == decode(data, "a.txt").text
            assert decoded.replaced_bytes == 0


def test_errors_are_placed_and_counted_wherever_the_bytes_are_cut() -> None:
    data = "ä\nb\nÖ".encode() + b"\xff and \xc3"
    for cut in range(1, len(data)):
        with pytest.raises(RequestError, match=r"line 3, byte 7 \(0xff\)"):
            list(Decoding("a.txt").stretches([data[:cut], data[cut:]]))
        replacing = Decoding("a.txt", "replace")
        assert "".join(replacing.stretches([data[:cut], data[cut:]])) == "ä\nb\nÖ\ufffd and \ufffd"
        assert replacing.replaced_bytes == 2


def test_a_long_binary_file_is_refused_at_its_beginning() -> None:
    read = 0

    def zeros():  # type: ignore[no-untyped-def]
        nonlocal read
        while True:
            read += 1
            yield bytes(50_000)

    with pytest.raises(RequestError, match="is not text"):
        for _ in Decoding("zero.txt").stretches(zeros()):
            pass
    assert read < 5


def test_stretches_are_moved_to_line_ends() -> None:
    generator = random.Random(2)
    text = "".join(generator.choice("ab\n") for _ in range(500))
    for size in (1, 2, 7, 600):
        parts = list(at_line_ends((text[start : start + size] for start in range(0, len(text), size)), "x"))
        assert "".join(parts) == text
        assert all(part.endswith("\n") for part in parts[:-1])
        assert "" not in parts


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_line_that_memory_should_not_hold_is_refused_before_it_has_been_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("babybert_tui.corpora.stretches.LONGEST_LINE", 3 << 20)
    (tmp_path / name).write_text("\n" + "a" * (8 << 20))
    source = open_source(str(tmp_path / name))
    told: list[int] = []
    with pytest.raises(RequestError, match=rf"{name} has a line of more than 3 million characters"):
        list(source.blocks(told.append))
    assert told[-1] < 6 << 20
