"""JSON lines and CSV: each record is a document, one field of it the text."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any

from babybert_tui.corpora import lab_csv
from babybert_tui.corpora.stretches import LONGEST_LINE
from babybert_tui.errors import RequestError

DEFAULT_TEXT_FIELD = "text"
_DELIMITERS = ",;\t"
_LOOKED_AT = 10_000  # records, to find the field of the text
_LOOKED_AT_CHARACTERS = 1 << 24
_SURROGATE = re.compile("[\ud800-\udfff]")
Record = tuple[int, Mapping[str, Any]]  # its number, from 1, and its fields


def read_jsonl(stretches: Iterable[str], source: str, text_field: str | None) -> tuple[str, Iterator[str]]:
    """Returns the name of the text field and, as they are asked for, the texts of the records of JSON lines.

    Args:
        stretches: The file, each stretch of it ending with a line.
        source: What to call it in a message.
        text_field: The field that holds the text; None finds it.

    Raises:
        RequestError: A line is not a JSON object, a record lacks the field, or no field can be told to be the text;
            while iterating, too.
    """
    return _texts(_json_records(stretches, source), source, text_field, unit="line")


def read_csv(stretches: Iterable[str], source: str, text_field: str | None) -> tuple[str, Iterator[str]]:
    """Returns the name of the text field and, as they are asked for, the texts of a CSV file with a header line.

    The delimiter is a comma, or the semicolon or tab that divides the header into more fields, the text's among them.

    Args:
        stretches: The file, each stretch of it ending with a line.
        source: What to call it in a message.
        text_field: The field that holds the text; None finds it.

    Raises:
        RequestError: The file is not well-formed, a record lacks the field, or no field can be told to be the text;
            while iterating, too.
    """
    wanted = text_field or DEFAULT_TEXT_FIELD
    return _texts(_csv_records(stretches, source, wanted), source, text_field, unit="record")


def _texts(records: Iterator[Record], source: str, text_field: str | None, unit: str) -> tuple[str, Iterator[str]]:
    first = list(_beginning(records))
    if not first:
        return text_field or DEFAULT_TEXT_FIELD, iter(())
    name = text_field or _guess_field(first, source)
    everything = chain(first, records)
    return name, (_text_of(record, name, f"{source}, {unit} {number}") for number, record in everything)


def _beginning(records: Iterator[Record]) -> Iterator[Record]:
    characters = 0
    for number, record in islice(records, _LOOKED_AT):
        yield number, record
        characters += sum(len(value) if isinstance(value, str) else len(repr(value)) for value in record.values())
        if characters > _LOOKED_AT_CHARACTERS:
            return


def _text_of(record: Mapping[str, Any], field: str, place: str) -> str:
    if field not in record:
        raise RequestError(f"{place} has no field {field!r}.", f"Its fields: {_listed(record)}. See --text-field.")
    value = record[field]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestError(
            f"{place}: the field {field!r} is not a string.", f"Its fields: {_listed(record)}. See --text-field."
        )
    return _SURROGATE.sub("\ufffd", value)  # JSON can spell half a character, which nothing can store


def _guess_field(records: list[Record], source: str) -> str:
    """Returns "text", else the text of the course's table, else the only field that ever holds more than numbers."""
    first = records[0][1]
    if DEFAULT_TEXT_FIELD in first:
        return DEFAULT_TEXT_FIELD
    if lab_csv.is_lab_table(first):
        return lab_csv.TEXT_FIELD
    candidates = {field: None for _, record in records for field, value in record.items() if _is_wording(value)}
    if len(candidates) == 1:
        return next(iter(candidates))
    found = f"several could be it: {_listed(candidates)}" if candidates else f"its fields: {_listed(first)}"
    raise RequestError(f"{source} has no field {DEFAULT_TEXT_FIELD!r}; {found}.", "Name it with --text-field.")


def _is_wording(value: object) -> bool:
    if not isinstance(value, str) or not value.strip():
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def _listed(fields: Mapping[str, Any]) -> str:
    names = list(fields)
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


def _json_records(stretches: Iterable[str], source: str) -> Iterator[Record]:
    lines = (line for stretch in stretches for line in stretch.removesuffix("\n").split("\n"))
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise RequestError(
                f"{source}, line {number} is not valid JSON: {error}.",
                "Correct the line, or fetch the file again if it was cut off there.",
            ) from error
        if not isinstance(record, dict):
            raise RequestError(f"{source}, line {number} is not a JSON object.", 'Each line should be {"text": …}.')
        yield number, record


def _csv_records(stretches: Iterable[str], source: str, wanted: str) -> Iterator[Record]:
    lines = (line for stretch in stretches for line in io.StringIO(stretch, newline=""))
    first = next((line for line in lines if line.strip("\n")), "")
    with _long_fields():
        rows = csv.reader(chain([first], lines), delimiter=_delimiter(first, wanted), strict=True)
        yield from _rows_with_names(rows, source)


def _delimiter(header: str, wanted: str) -> str:
    """Returns the sign that gives the wanted field, else the most fields: a name may hold one of the other signs."""

    def yields(sign: str) -> tuple[bool, int]:
        names = [name.strip() for name in next(csv.reader([header], delimiter=sign), [])]
        return wanted in names, len(names)

    return max(_DELIMITERS, key=yields)


def _rows_with_names(rows: Any, source: str) -> Iterator[Record]:
    header: list[str] | None = None
    number = 0
    try:
        for row in rows:
            if not row:
                continue
            if header is None:
                header = _header(row, source)
                continue
            number += 1
            if len(row) > len(header):
                raise RequestError(
                    f"{source}, record {number} (line {rows.line_num}) has {len(row)} fields, not {len(header)}.",
                    "Quote the fields that contain the delimiter.",
                )
            yield number, dict(zip(header, row, strict=False))
    except csv.Error as error:
        raise RequestError(
            f"{source}, line {rows.line_num} is not valid CSV: {error}.",
            "Close each field's quotes, and write a quote within them twice.",
        ) from error


def _header(row: list[str], source: str) -> list[str]:
    names = [name.strip() for name in row]
    named = [name for name in names if name]  # a table program leaves columns without a name
    if len(set(named)) < len(named):
        raise RequestError(f"{source} names a field twice: {', '.join(names)}.", "Give each column its own name.")
    return names


@contextmanager
def _long_fields() -> Iterator[None]:
    """The csv module refuses fields over 128 KiB, by a limit that the whole process shares."""
    limit = csv.field_size_limit(LONGEST_LINE)
    try:
        yield
    finally:
        csv.field_size_limit(limit)
