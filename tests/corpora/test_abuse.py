"""Texts that nobody should have are read without a crash."""

from pathlib import Path

import pytest

from babybert_tui.corpora.gathering import LONGEST_SENTENCE
from babybert_tui.corpora.opening import open_corpus


def test_one_enormous_line_is_cut_into_parts(tmp_path: Path) -> None:
    text = " ".join(f"This is sentence number {number} of many." for number in range(250_000))  # 10 MB
    (tmp_path / "a.txt").write_text(text)
    corpus = open_corpus(str(tmp_path / "a.txt"))
    assert corpus.sentence_count == 250_000
    assert "one long text was cut" in corpus.notes[0]


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "Q29weSBub3RoaW5n",
        "(a) ",
        "= ",
        "[",
        "**",
        ". ",
        "1. ",
        "7! ",
        "(1) ) ",
        "\u2028",
        "😀",
        "今天很好。",
        "Go!",
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_one_enormous_line_without_sentences_takes_linear_time(tmp_path: Path, unit: str, suffix: str) -> None:
    tail = "".join(f"\n\nA plain sentence {number}.\nAnd another one.\n" for number in range(4))
    (tmp_path / f"a{suffix}").write_text(unit * (500_000 // len(unit)) + tail, encoding="utf-8")
    corpus = open_corpus(str(tmp_path / f"a{suffix}"))
    assert corpus.documents[-1] == ("A plain sentence 3.", "And another one.")
    assert max(len(sentence) for document in corpus.documents for sentence in document) <= LONGEST_SENTENCE


def test_a_million_empty_lines_are_nothing(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text("\n" * 1_000_000 + four_documents)
    assert len(open_corpus(str(tmp_path / "a.txt")).documents) == 4


def test_emoji_and_joiners_survive(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "a.txt").write_text(four_documents.replace("cat", "👩‍🚀 e\u0301"), encoding="utf-8")
    assert open_corpus(str(tmp_path / "a.txt")).documents[0][0] == "The 👩‍🚀 e\u0301 sat."
