"""Prose is split into sentences where sentences end."""

import pytest
import sentencex

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
        ("你好。我是谁？", ["你好。", "我是谁？"]),
        ("no full stop at all", ["no full stop at all"]),
        ("😀 Hello! 👩‍🚀 Bye.", ["😀 Hello!", "👩‍🚀 Bye."]),
        ("1.", ["1."]),
        ("", []),
        ("  \t ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(paragraph: str, sentences: list[str]) -> None:
    assert split_sentences(paragraph) == sentences


def test_endless_numbers_do_not_become_one_sentence() -> None:
    for unit in ("7! ", "1. ", "Go! 2) ) "):
        sentences = split_sentences(unit * 10_000)
        assert max(map(len, sentences)) < 600
        assert "".join(sentences).replace(" ", "") == (unit * 10_000).replace(" ", "")


def test_nothing_but_white_space_is_lost() -> None:
    for paragraph in ('A (b. c.) D e. "F." g? H! 1. I [j.] k... L. ) M', "Go! 2. ) 7! Next one. 3. 4. 5!"):
        assert "".join(split_sentences(paragraph)).replace(" ", "") == paragraph.replace(" ", "")


@pytest.fixture
def lengths(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of the texts that sentencex is given."""
    found = []
    segment = sentencex.segment

    def measured(language: str, text: str) -> list[str]:
        found.append(len(text))
        return segment(language, text)

    monkeypatch.setattr(sentencex, "segment", measured)
    return found


@pytest.mark.parametrize(
    "sentence",
    ["今天天气很好。", "「はい。」", "مرحبا؟", "क।", "中!", "Ça va!", "“Go!”", '"Why?" asked his mother. '],
)
def test_a_very_long_paragraph_is_split_in_parts_as_if_at_once(sentence: str, lengths: list[int]) -> None:
    assert split_sentences(sentence * 6_000) == split_sentences(sentence * 4) * 1_500
    assert max(lengths) < 10_100


@pytest.mark.parametrize("text", ["It was 5 p.m. Dr. Smith met Prof. Kant in Bonn ", "Yahoo!'s stock, at x.y/a?b=c "])
def test_it_is_never_cut_within_a_sentence(text: str, lengths: list[int]) -> None:
    split_sentences(text * 500)
    assert lengths == [len(text) * 500]


def test_a_paragraph_is_split_at_once(lengths: list[int]) -> None:
    split_sentences("They walked home. It rained! " * 300)
    assert len(lengths) == 1
