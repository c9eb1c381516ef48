"""JSON lines and CSV: each record is a document."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from babybert_tui.corpora.opening import open_corpus
from babybert_tui.corpora.records import read_jsonl
from babybert_tui.errors import RequestError

_TEXTS = ["The cat sat. It slept.", "A dog ran. It barked.", "Birds sang. They flew.", "Rain fell. It stopped."]
_DOCUMENTS = tuple(tuple(part + "." for part in text.rstrip(".").split(". ")) for text in _TEXTS)


def _jsonl(path: Path, *records: object) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def _csv(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_each_json_line_is_a_document(tmp_path: Path) -> None:
    corpus = open_corpus(_jsonl(tmp_path / "a.jsonl", *({"id": 1, "text": text, "title": "x"} for text in _TEXTS)))
    assert corpus.documents == _DOCUMENTS
    assert "JSON lines" in corpus.format
    assert "'text'" in corpus.format


def test_each_csv_record_is_a_document(tmp_path: Path) -> None:
    lines = "".join(f'{number},"{text}"\n' for number, text in enumerate(_TEXTS))
    assert open_corpus(_csv(tmp_path / "a.csv", f"id,text\n{lines}")).documents == _DOCUMENTS


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_is_seen_in_the_header(tmp_path: Path, delimiter: str) -> None:
    lines = "".join(f"{number}{delimiter}{text}\n" for number, text in enumerate(_TEXTS))
    assert open_corpus(_csv(tmp_path / "a.csv", f"id{delimiter}text\n{lines}")).documents == _DOCUMENTS


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("note", ["note, long", "a, b, c, d"])
def test_a_comma_in_a_name_does_not_hide_the_delimiter(tmp_path: Path, delimiter: str, note: str) -> None:
    lines = "".join(f"{number}{delimiter}{text}{delimiter}\n" for number, text in enumerate(_TEXTS))
    header = delimiter.join(["id", "text", note])
    assert open_corpus(_csv(tmp_path / "a.csv", f"{header}\n{lines}")).documents == _DOCUMENTS


@pytest.mark.parametrize("header", ['"id, old";review;"stars"', "id, old;review;stars"])
def test_the_delimiter_gives_the_most_fields(tmp_path: Path, header: str) -> None:
    lines = "".join(f"{number};{text};3\n" for number, text in enumerate(_TEXTS))
    assert open_corpus(_csv(tmp_path / "a.csv", f"{header}\n{lines}")).documents == _DOCUMENTS


def test_a_delimiter_that_gives_the_named_field_comes_before_one_that_gives_more(tmp_path: Path) -> None:
    lines = "".join(f"{number};{text}\n" for number, text in enumerate(_TEXTS))
    path = _csv(tmp_path / "a.csv", f"a, b, c;body\n{lines}")
    assert open_corpus(path, text_field="body").documents == _DOCUMENTS


def test_columns_may_go_without_a_name(tmp_path: Path) -> None:
    lines = "".join(f"{text},1,,\n" for text in _TEXTS)
    assert open_corpus(_csv(tmp_path / "a.csv", f"text,label,,\n{lines}")).documents == _DOCUMENTS


def test_the_named_field_is_taken(tmp_path: Path) -> None:
    path = _jsonl(tmp_path / "a.jsonl", *({"text": "no", "body": text} for text in _TEXTS))
    assert open_corpus(path, text_field="body").documents == _DOCUMENTS


def test_the_only_field_of_words_is_taken_without_asking(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number / 3},{text},\n" for number, text in enumerate(_TEXTS))
    assert open_corpus(_csv(tmp_path / "a.csv", f"id,score,review,note\n{rows}")).documents == _DOCUMENTS
    path = _jsonl(tmp_path / "a.jsonl", *({"stars": 3, "review": text} for text in _TEXTS))
    assert open_corpus(path).documents == _DOCUMENTS


def test_several_fields_of_words_are_listed_and_refused(tmp_path: Path) -> None:
    path = _jsonl(tmp_path / "a.jsonl", {"title": "a", "body": "b", "id": 1})
    with pytest.raises(RequestError, match="title, body") as caught:
        open_corpus(path)
    assert "--text-field" in caught.value.remedy


def test_fields_without_words_are_listed_and_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="its fields: id, score"):
        open_corpus(_csv(tmp_path / "a.csv", "id,score\n1,2\n"))


def test_a_missing_field_is_refused_with_the_record(tmp_path: Path) -> None:
    path = _jsonl(tmp_path / "a.jsonl", {"text": "a"}, {"text": "b"}, {"txt": "c"})
    with pytest.raises(RequestError, match=r"line 3 has no field 'text'"):
        open_corpus(path)
    with pytest.raises(RequestError, match=r"record 2 has no field 'text'"):
        open_corpus(_csv(tmp_path / "a.csv", "id,text\n1,a\n2\n"))
    with pytest.raises(RequestError, match="no field 'body'"):
        open_corpus(path, text_field="body")


def test_a_text_that_is_no_string_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="line 1: the field 'text' is not a string"):
        open_corpus(_jsonl(tmp_path / "a.jsonl", {"text": ["a", "b"]}))


def test_empty_records_are_left_out_and_counted(tmp_path: Path) -> None:
    records = [{"text": ""}, *({"text": text} for text in _TEXTS), {"text": None}, {"text": " \n "}]
    corpus = open_corpus(_jsonl(tmp_path / "a.jsonl", *records))
    assert corpus.documents == _DOCUMENTS
    assert "3 empty records left out" in corpus.notes


def test_blank_lines_between_records_are_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("\n\n".join(json.dumps({"text": text}) for text in _TEXTS) + "\n\n")
    assert open_corpus(str(tmp_path / "a.jsonl")).documents == _DOCUMENTS


def test_paragraphs_of_a_record_stay_one_document(tmp_path: Path) -> None:
    texts = [f"{text}\n\n{other}" for text, other in zip(_TEXTS, _TEXTS[1:] + _TEXTS[:1], strict=True)]
    corpus = open_corpus(_jsonl(tmp_path / "a.jsonl", *({"text": text} for text in texts)))
    assert [len(document) for document in corpus.documents] == [4, 4, 4, 4]


def test_quoted_csv_fields_may_hold_delimiters_quotes_and_lines(tmp_path: Path) -> None:
    rows = [f'"He said, ""{text}""\nand left, number {number}."' for number, text in enumerate(_TEXTS)]
    corpus = open_corpus(_csv(tmp_path / "a.csv", "text\r\n" + "\r\n".join(rows) + "\r\n"))
    assert len(corpus.documents) == 4
    assert '"The cat sat.' in " ".join(corpus.documents[0])


def test_line_separators_of_unicode_do_not_end_a_record(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": text.replace(" ", "\u2028", 1)}, ensure_ascii=False) + "\n" for text in _TEXTS)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    assert len(open_corpus(str(tmp_path / "a.jsonl")).documents) == 4


@pytest.mark.parametrize(
    "line",
    ["{broken", "[1, 2]", '"text"', "[" * 100_000, "9" * 5000, '{"text": "a"} trailing'],
    ids=["broken", "list", "text", "deep", "long number", "more after it"],
)
def test_a_line_that_is_no_json_object_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"text": "fine"}}\n\n{line}\n')
    with pytest.raises(RequestError, match="line 3") as caught:
        open_corpus(str(tmp_path / "a.jsonl"))
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('text\n"never closed\n', "line 2 is not valid CSV"),
        ("id,text\n1,a,b\n", r"record 1 \(line 2\) has 3 fields, not 2"),
        ("text,text\na,b\n", "names a field twice"),
    ],
)
def test_malformed_csv_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(RequestError, match=complaint) as caught:
        open_corpus(_csv(tmp_path / "a.csv", text))
    assert caught.value.remedy


@pytest.mark.parametrize(("name", "text"), [("a.csv", ""), ("a.csv", "id,text\n"), ("a.jsonl", "\n")])
def test_files_without_records_hold_no_text(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(RequestError, match="holds no text"):
        open_corpus(_csv(tmp_path / name, text))


def test_fields_may_be_larger_than_the_csv_module_allows_and_its_limit_stays(tmp_path: Path) -> None:
    limit = 100_000
    before = csv.field_size_limit(limit)
    sentences = " ".join(f"This is sentence number {number}." for number in range(20_000))
    corpus = open_corpus(_csv(tmp_path / "a.csv", f'text\n"{sentences}"\n'))
    assert corpus.sentence_count == 20_000
    assert csv.field_size_limit(before) == limit


def test_half_characters_spelled_in_json_are_replaced(tmp_path: Path) -> None:
    records = [r'{"text": "Half \ud83d a face."}', *(json.dumps({"text": text}) for text in _TEXTS)]
    (tmp_path / "a.jsonl").write_text("\n".join(records))
    assert open_corpus(str(tmp_path / "a.jsonl")).documents[0] == ("Half \ufffd a face.",)


def test_a_field_named_in_vain_is_noted(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text(four_documents)
    assert any("no effect" in note for note in open_corpus(str(tmp_path / "a.txt"), text_field="body").notes)


@pytest.mark.parametrize("others", [{}, {"meta": [["a", 1]] * 30_000}])
def test_only_so_many_characters_are_looked_at_before_the_first_text(others: dict[str, object]) -> None:
    taken = 0
    line = json.dumps({"text": "a" * 300_000, **others}) + "\n"

    def stretches() -> Iterator[str]:
        nonlocal taken
        for _ in range(150):
            taken += 1
            yield line

    field, texts = read_jsonl(stretches(), "x", None)
    assert field == "text"
    assert taken < 70
    assert sum(1 for _ in texts) == 150


def test_a_csv_field_that_memory_should_not_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("babybert_tui.corpora.records.LONGEST_LINE", 200_000)
    path = _csv(tmp_path / "a.csv", 'text\n"' + "never closed\n" * 100_000)
    with pytest.raises(RequestError, match=r"field larger than field limit \(200000\)"):
        open_corpus(path)
