"""How a text is laid out is seen from the text."""

import textwrap

import pytest

from babybert_tui.corpora.layout import Layout, detect_layout

_PROSE = (
    "The lamp was lit before the boats came home, and nobody on the quay said a word about the weather. "
    "Old Henrik counted them twice. Then he went inside, because the kettle had begun to sing and his hands were cold. "
    "On the table lay a letter that had come by the morning post; it was from his sister in Bergen, and it was short. "
    "She would arrive on Sunday. Would he meet her at the station? He read it again and smiled."
)
_SENTENCES = [
    "the film begins well enough , but it soon falls apart .",
    "nobody seems to know why .",
    'is it the script ? perhaps "',
    "the actors ( all of them ) look tired .",
    "see it if you must !",
]


def _layout(text: str) -> Layout:
    return detect_layout(text.split("\n"))


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100])
def test_hard_wrapped_prose(width: int) -> None:
    text = textwrap.fill(_PROSE, width)
    assert _layout(text) is Layout.WRAPPED
    assert _layout(f"{text}\n\n{text}\n\nA TITLE\n\n{text}\n") is Layout.WRAPPED
    assert _layout(textwrap.indent(text, "    ")) is Layout.WRAPPED


@pytest.mark.parametrize("width", [60, 72])
def test_hard_wrapped_prose_in_lower_case(width: int) -> None:
    assert _layout(textwrap.fill(_PROSE.lower() + " " + _PROSE.lower(), width)) is Layout.WRAPPED


def test_lines_broken_at_clauses() -> None:
    assert _layout(_PROSE.replace(", ", ",\n").replace(". ", ".\n")) is Layout.WRAPPED


def test_one_paragraph_a_line() -> None:
    assert _layout(f"{_PROSE}\n{_PROSE}\n") is Layout.PARAGRAPHS
    assert _layout(f"A Heading\n\n{_PROSE}\n\nAnother\n\n{_PROSE}\n") is Layout.PARAGRAPHS
    assert _layout(_PROSE) is Layout.PARAGRAPHS


def test_one_sentence_a_line() -> None:
    assert _layout("\n".join(_SENTENCES)) is Layout.SENTENCES
    assert _layout("\n\n".join("\n".join(_SENTENCES[:count]) for count in (2, 5, 3))) is Layout.SENTENCES
    assert _layout(_PROSE.replace(". ", ".\n").replace("? ", "?\n")) is Layout.SENTENCES


def test_a_line_with_two_sentences_among_many_changes_nothing() -> None:
    assert _layout("\n".join([*_SENTENCES * 4, "What a film ! I liked it ."])) is Layout.SENTENCES


def test_long_lines_cut_at_one_length_are_not_wrapped_prose() -> None:
    excerpts = [(f"Review {number}. " + _PROSE * 2)[:500] for number in range(20)]
    assert _layout("\n".join(excerpts)) is Layout.PARAGRAPHS


def test_lines_of_equal_length_that_end_their_sentences() -> None:
    assert (
        _layout("\n".join(f"The number of this very line is {number}." for number in range(100, 200)))
        is Layout.SENTENCES
    )


@pytest.mark.parametrize(
    "text",
    [
        "no it was n't black monday\nbut while the stock exchange did n't fall apart\nsome circuit breakers failed",
        "The Garden\nA Winter in Oslo\nLetters Home\nThe Last Train",
        "Shall I compare thee to a day\nThou art more lovely and more mild\nRough winds do shake the buds of May",
    ],
)
def test_lines_without_full_stops_are_the_unit(text: str) -> None:
    assert _layout(text) is Layout.SENTENCES


def test_wikitext_is_known_by_its_titles() -> None:
    article = " \n = A Title = \n \n Some words . More words . \n \n = = A Section = = \n \n Last words . \n"
    assert _layout(article) is Layout.WIKITEXT
    assert _layout(" The end of another article . \n" + article) is Layout.WIKITEXT


@pytest.mark.parametrize("text", ["", "\n\n", "One line.", "word"])
def test_hardly_any_text_is_one_sentence_a_line(text: str) -> None:
    assert _layout(text) is Layout.SENTENCES


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("movie-reviews.txt", Layout.SENTENCES),
        ("wikitext-2-valid.txt", Layout.WIKITEXT),
        ("wikitext-2-test.txt", Layout.WIKITEXT),
    ],
)
def test_real_texts(shared_data, name: str, layout: Layout) -> None:  # type: ignore[no-untyped-def]
    text = (shared_data / name).read_text(encoding="utf-8")
    assert _layout(text) is layout
    if layout is Layout.WIKITEXT:
        paragraphs = "\n".join(line for line in text.split("\n") if not line.startswith(" ="))
        assert _layout(paragraphs) is Layout.PARAGRAPHS
        assert _layout("\n".join(textwrap.fill(line, 75) for line in paragraphs.split("\n")[:300])) is Layout.WRAPPED
