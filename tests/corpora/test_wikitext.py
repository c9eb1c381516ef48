"""WikiText: titles start documents, headings go, blank lines end nothing."""

from pathlib import Path

from babybert_tui.corpora.opening import open_corpus
from babybert_tui.corpora.wikitext import read_wikitext

_TEXT = (
    " \n = First = \n \n One . Two . \n \n Three . \n \n"
    " = = Part = = \n \n = = = Smaller = = = \n \n Four @-@ fold , 2 @,@ 000 and 1 @.@ 5 <unk> . \n \n"
    " = Second ( song ) = \n \n Five . \n"
)


def _documents(text: str) -> list[tuple[str, ...]]:
    return [document for document in read_wikitext(text.split("\n")) if document]


def test_articles_are_documents_without_titles_and_headings() -> None:
    assert _documents(_TEXT) == [
        ("One .", "Two .", "Three .", "Four-fold , 2,000 and 1.5 unk ."),
        ("Five .",),
    ]


def test_formulas_within_an_article_are_no_titles() -> None:
    text = " \n = Filter = \n \n It corresponds to a prototype with \n = 1 <unk> / s = \n and so on . \n"
    assert len(_documents(text)) == 1


def test_a_title_may_hold_an_equals_sign() -> None:
    assert _documents(" \n = E = mc 2 = \n \n One . \n \n = Two = \n \n Two . \n") == [("One .",), ("Two .",)]


def test_text_before_the_first_title_is_a_document() -> None:
    assert _documents(" Rest of it . \n" + _TEXT)[0] == ("Rest of it .",)


def test_titles_count_also_where_blank_lines_have_been_removed() -> None:
    assert len(_documents("\n".join(line for line in _TEXT.split("\n") if line.strip()))) == 2


def test_real_wikitext_has_its_sixty_articles(shared_data: Path) -> None:
    for split in ("valid", "test"):
        corpus = open_corpus(str(shared_data / f"wikitext-2-{split}.txt"))
        assert len(corpus.documents) == 60
        assert corpus.format.startswith("WikiText")
        text = "\n".join(sentence for document in corpus.documents for sentence in document)
        assert "@-@" not in text
        assert "= =" not in text
        assert 15 < corpus.word_count / corpus.sentence_count < 35
