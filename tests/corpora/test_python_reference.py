"""The language reference is English prose without code, grammar, tables, markup or repetitions."""

import re
import sys
import types

import pytest

from babybert_tui.corpora.opening import open_corpus
from babybert_tui.corpora.python_reference import clean_paragraph
from babybert_tui.errors import RequestError


def test_tens_of_thousands_of_words_of_prose_remain() -> None:
    corpus = open_corpus("python-reference")
    assert 35_000 < corpus.word_count < 70_000
    assert len(corpus.documents) > 100
    assert 10 < corpus.word_count / corpus.sentence_count < 25


def test_nothing_but_prose_remains() -> None:
    text = "\n".join(sentence for document in open_corpus("python-reference").documents for sentence in document)
    assert not re.search(r"::=|>>> |^\||\+---|===|\*\*\*", text, re.MULTILINE)
    assert '"' not in text
    letters = sum(character.isalpha() or character == " " for character in text)
    assert letters > 0.93 * len(text)


def test_a_paragraph_that_several_topics_share_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def topic(number: int) -> str:
        shared = "This very paragraph is a part of\nmore than one topic."
        return f"Title\n*****\n\nThe first of the topics is about {number} things.\n\n{shared}\n"

    topics = {f"topic-{number}": topic(number) for number in range(5)}
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", types.SimpleNamespace(topics=topics))
    documents = open_corpus("python-reference").documents
    assert [len(document) for document in documents] == [2, 1, 1, 1, 1]
    assert documents[0][1] == "This very paragraph is a part of more than one topic."


@pytest.mark.parametrize(
    ("block", "prose"),
    [
        ('   The "assert" statement is a *very* good\n   one [3].', "The assert statement is a very good one."),
        ("Changed in version 3.8: The name is now\nread-\nonly for all.", "The name is now read-only for all."),
        ("* the first item of the list, which goes\n  on here;", "the first item of the list, which goes on here;"),
        ('"__*__"\n   These names are known as “dunder” names.', "These names are known as “dunder” names."),
        ("The `with` statement wraps the execution of a block.", "The with statement wraps the execution of a block."),
        ("   if the_value_of(x) is the same:\n       return a", ""),
        ("   >>> print('the end of the world')\n   the end of the world is here.", ""),
        ('   assert_stmt ::= "assert" expression ["," expression]', ""),
        ("+-----+\n| the | table of the values is here. |\n+-----+", ""),
        ("New in version 3.2.", ""),
        ("See also:", ""),
        ("object.__getattr__(self, name)", ""),
    ],
)  # fmt: skip
def test_blocks_are_cleaned_or_refused(block: str, prose: str) -> None:
    assert clean_paragraph(block.split("\n")) == prose


def test_an_interpreter_without_it_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(RequestError, match="without its language reference"):
        open_corpus("python-reference")
