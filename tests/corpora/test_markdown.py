"""Markdown keeps its prose and loses its markup."""

import time
from pathlib import Path

import pytest

from babybert_tui.corpora.markdown import markdown_prose
from babybert_tui.corpora.opening import open_corpus

_TEXT = """---
title: Front matter
---
# Heading

Some *emphasised*, **strong** and `literal` text with a [link](http://x.y "t") and ![picture](a.png)an end.
It is wrapped_here and 2 * 3 * 4 <br> stays.

Setext heading
--------------

```python
code = "never read"
```

~~~
``` also code
~~~

    indented code

| table | row |
|-------|-----|

> A quotation of two
> lines.

- An item
  that goes on

  and has a paragraph.
- Another item.

***
<!-- a comment
over lines -->
[ref]: http://x.y
The end, see [the site][ref].
"""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in markdown_prose(text).split("\n") if line.strip()]


def test_prose_stays_and_everything_else_goes() -> None:
    assert _lines(_TEXT) == [
        "Some emphasised, strong and literal text with a link and an end.",
        "It is wrapped_here and 2 * 3 * 4  stays.",
        "A quotation of two",
        "lines.",
        "- An item",
        "that goes on",
        "and has a paragraph.",
        "- Another item.",
        "The end, see the site.",
    ]


def test_headings_and_code_separate_documents() -> None:
    assert markdown_prose("One.\n# Two\nThree.\n```\nx\n```\nFour.").split("\n") == [
        "One.", "", "Three.", "", "", "", "Four.",
    ]  # fmt: skip


def test_an_unclosed_fence_or_comment_hides_the_rest() -> None:
    assert _lines("One.\n```\ncode") == ["One."]
    assert _lines("One.\n<!-- never closed\nTwo.") == ["One."]


def test_a_markdown_file_is_wrapped_prose_without_markup(tmp_path: Path) -> None:
    paragraphs = [
        f"The {name} had *never* seen a winter like this,\nand so it stayed at home. It read\n`{name}.txt` again."
        for name in ("fox", "hen", "owl", "elk")
    ]
    (tmp_path / "a.md").write_text("# Animals\n\n" + "\n\n## More\n\n".join(paragraphs))
    corpus = open_corpus(str(tmp_path / "a.md"))
    assert corpus.format.startswith("Markdown: prose with wrapped lines")
    assert corpus.documents[0] == (
        "The fox had never seen a winter like this, and so it stayed at home.",
        "It read fox.txt again.",
    )
    assert len(corpus.documents) == 4


@pytest.mark.parametrize(
    ("markup", "prose"),
    [
        ("see [the page](https://a.org/Bert_(model)) there", "see the page there"),
        ("[a][1] and ![b][2] and [![c](d)](e)", "a and  and "),
        ("***both*** and **a *b* c** and __d__", "both and a b c and d"),
        ("``a ` b`` and ```c```", "a ` b and c"),
        ("**open, [open, `open", "**open, [open, `open"),
    ],
)
def test_marks_go_where_they_are_closed(markup: str, prose: str) -> None:
    assert markdown_prose(markup) == prose


@pytest.mark.parametrize("unit", ["**a ", "__a ", "[", "[a", "![a", "[a](b", "[a](b(c)", "<http:a", "`", "a` ``b "])
def test_lines_of_marks_that_are_never_closed_take_linear_time(unit: str) -> None:
    line = f"So {unit * (9_900 // len(unit))}"
    began = time.process_time()
    for _ in range(20):
        markdown_prose(line)
    assert time.process_time() - began < 5
