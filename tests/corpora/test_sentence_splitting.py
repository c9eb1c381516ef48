"""Prose is split into sentences where sentences end."""

import pytest

from babybert_tui.corpora.sentences import split_sentences


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith met Mr. Jones at 5 p.m. on Jan. 5.", ["Dr. Smith met Mr. Jones at 5 p.m. on Jan. 5."]),
        ("It costs 3.5 kg, e.g. of apples. Good.", ["It costs 3.5 kg, e.g. of apples.", "Good."]),
        ('"Why?" she asked. "Because."', ['"Why?" she asked.', '"Because."']),
        ("So it ended.) Then it began.", ["So it ended.)", "Then it began."]),
        ("He came . Then he left .", ["He came .", "Then he left ."]),
        ("First, do this. 2. Then do that.", ["First, do this.", "2. Then do that."]),
        ("See the book. 1984 .", ["See the book. 1984 ."]),
        ("你好。我是谁？", ["你好。", "我是谁？"]),  # noqa: RUF001
        ("no full stop at all", ["no full stop at all"]),
        ("😀 Hello! 👩‍🚀 Bye.", ["😀 Hello!", "👩‍🚀 Bye."]),
        ("1.", ["1."]),
        ("", []),
        ("  \t ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(paragraph: str, sentences: list[str]) -> None:
    assert split_sentences(paragraph) == sentences


def test_nothing_but_white_space_is_lost() -> None:
    paragraph = 'A (b. c.) D e. "F." g? H! 1. I [j.] k... L. ) M'
    assert "".join(split_sentences(paragraph)).replace(" ", "") == paragraph.replace(" ", "")
