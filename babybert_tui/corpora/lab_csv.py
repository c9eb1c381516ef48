"""The table that the course's lab makes of IMDB: a row for each pair of sentences, with masks and labels ready made.

Only its text is read. Its labels are not worth learning from, and a note says why: the lab selects a token with
probability 0.2; of those selected a quarter become [MASK] with a random word as the answer, a quarter stay as they are
and the rest become [MASK]; none is replaced by another word. Both sentences of a pair come from the same review, so
that a pair labelled as random may well be consecutive. And `Is Next` is 1 where the second sentence follows, which
BERT labels 0.
"""

import re
from collections.abc import Iterable, Iterator

TEXT_FIELD = "Original Text"
FIELDS = (TEXT_FIELD, "BERT Input", "BERT Label", "Segment Label", "Is Next")
NOTE = (
    "this is the table of the course's lab: each review is read once, and its ready-made masks and labels are not used "
    "(20 % of the tokens are selected instead of 15 %, a quarter of them with a random word as the answer; pairs "
    "labelled random come from the same review; Is Next is 1 where BERT's label is 0): masks and pairs are made anew"
)
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def is_lab_table(fields: Iterable[str]) -> bool:
    """Tells whether a table has the columns of the lab's."""
    return set(FIELDS) <= set(fields)


def each_review_once(texts: Iterable[str]) -> Iterator[str]:
    """Yields the text of each review, which the table repeats for every pair made of it, with its line breaks."""
    before: str | None = None
    for text in texts:
        if text != before:
            yield _LINE_BREAK.sub("\n", text)
        before = text
