"""The course's table of masked pairs is read for its text alone, and what is wrong with its labels is said."""

import csv
from pathlib import Path

import pytest

from babybert_tui.corpora.lab_csv import FIELDS, NOTE
from babybert_tui.corpora.opening import open_corpus

REVIEWS = [f'Film {number} was long.<br /><br />It had, as they say, "an end".' for number in range(6)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Three pairs of each review, as the lab writes them."""
    with (tmp_path / "train_bert_data.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for review in REVIEWS:
            for is_next in (1, 0, 1):
                writer.writerow([review, "[1, 5, 3, 2, 9, 2]", "[0, 0, 7, 0, 0, 0]", "1,1,1,1,2,2", is_next])
    return tmp_path / "train_bert_data.csv"


def test_each_review_is_read_once_with_its_line_breaks(table: Path) -> None:
    corpus = open_corpus(str(table))
    assert corpus.documents[0] == ("Film 0 was long.", 'It had, as they say, "an end".')
    assert len(corpus.documents) == len(REVIEWS)
    assert corpus.duplicates_dropped == 0


def test_what_is_wrong_with_its_labels_is_noted(table: Path) -> None:
    assert NOTE in open_corpus(str(table)).notes


def test_another_table_with_such_a_column_among_others_is_not_taken_for_it(tmp_path: Path) -> None:
    rows = "".join(f"A text {number}. It ends.,7\n" for number in range(4))
    (tmp_path / "a.csv").write_text("body,Is Next\n" + rows)
    assert NOTE not in open_corpus(str(tmp_path / "a.csv")).notes
