"""Plain text becomes documents of sentences."""

import textwrap

from babybert_tui.corpora.corpus import Document
from babybert_tui.corpora.layout import detect_layout
from babybert_tui.corpora.plain_text import read_blocks_of, record_layout, split_record

_FIRST = "The lamp was lit before the boats came home. Dr. Holm said nothing, but she smiled at the long line of masts."
_SECOND = "Was it the wind? It had turned in the night and now it blew from the south-west, warm and full of rain."


def _documents(text: str) -> list[Document]:
    return [document for document in read_blocks_of(text, detect_layout(text.split("\n"))) if document]


def test_a_document_ends_at_blank_lines_only() -> None:
    assert _documents("\n\nA one.\nA two.\n \t\n\nB one.\n\n\n") == [("A one.", "A two."), ("B one.",)]


def test_lines_are_split_at_line_feeds_only() -> None:
    odd = "One\u2028line\x0bwith\x0codd\x1cends\x85here."
    assert _documents(f"{odd}\nNext line.") == [(odd, "Next line.")]


def test_wrapped_prose_is_joined_and_split_into_sentences() -> None:
    text = "\n\n".join(textwrap.fill(paragraph, 40) for paragraph in (_FIRST, _SECOND))
    assert _documents(text) == [
        ("The lamp was lit before the boats came home.", _FIRST.split(". ", 1)[1]),
        ("Was it the wind?", _SECOND.split("? ", 1)[1]),
    ]


def test_words_broken_at_their_hyphen_are_joined() -> None:
    text = "It was a very long and well-\nknown story about one\nold man. He told it often,\nand each time anew."
    assert _documents(text)[0][0] == "It was a very long and well-known story about one old man."


def test_list_items_in_wrapped_prose_are_apart_and_lose_their_bullets() -> None:
    text = "We need several things for\nthe long way home. They are\n- bread and\n  cheese\n* water\n1. a map\n"
    assert _documents(text) == [
        ("We need several things for the long way home.", "They are", "bread and cheese", "water", "1. a map")
    ]


def test_one_paragraph_a_line_is_split_and_stays_with_its_block() -> None:
    assert (
        _documents(f"{_FIRST}\n{_FIRST}\n\n{_SECOND}\n")[0]
        == (
            "The lamp was lit before the boats came home.",
            _FIRST.split(". ", 1)[1],
        )
        * 2
    )


def test_one_sentence_a_line_is_kept_as_it_stands() -> None:
    text = "he left . . . and then ?\nmr . smith said no .\nthat was it .\n"
    assert _documents(text) == [("he left . . . and then ?", "mr . smith said no .", "that was it .")]


def test_records_are_documents_whatever_lines_they_hold() -> None:
    texts = [f"{_FIRST}\n\n{_SECOND}", "", _SECOND]
    layout = record_layout(texts)
    documents = [split_record(text, layout) for text in texts]
    assert layout.value.startswith("one paragraph a line")
    assert [len(document) for document in documents] == [4, 0, 2]
