"""Data sets by name: `corpus`, `train` and `evaluate` on a copy, and what is said where there is none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from corpora.mirror import Mirror, Served, serving
from corpora.published_copies import write_reviews, write_treebank, write_wikitext

from babybert_tui.corpora.download import RemoteFile
from babybert_tui.corpora.published import PUBLISHED
from headless.program import SMALL, call

REVIEWS = range(12)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_reviews(tmp_path / "data" / "aclImdb", REVIEWS)
    return tmp_path / "data"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """The address of a small treebank."""
    copy = write_treebank(tmp_path / "elsewhere")
    with serving() as found:
        found.files = {path.name: Served(path.read_bytes()) for path in copy.iterdir()}
        published = PUBLISHED["penn-treebank"]
        files = tuple(RemoteFile(file.name, (found.address_of(file.name),)) for file in published.files)
        monkeypatch.setitem(PUBLISHED, "penn-treebank", replace(published, files=files))
        yield found


def train(directory: Path, *options: str | Path) -> dict[str, Any]:
    """The start event of a short training run."""
    outcome = call(directory, "--headless", "train", *options, *SMALL, "--max-steps", "2", "--json")
    assert outcome.code == 0, outcome.err
    return outcome.of("start")[0]


def test_corpus_and_train_and_evaluate_agree_on_what_is_held_out(tmp_path: Path, data: Path) -> None:
    named = ("--corpus", "imdb", "--data-root", data)
    reading = call(tmp_path, "corpus", *named, "--vocab-size", "300", "--max-length", "24", "--json").json
    assert (reading["documents"], reading["held_out_documents"]) == (60, 24)
    assert reading["format"].startswith("IMDB's reviews")
    start = train(tmp_path, *named, "--run", "reviews")
    for name in ("documents", "held_out_documents", "vocabulary_size"):
        assert start[name] == reading[name]
    judged = call(tmp_path, "evaluate", "--checkpoint", "reviews", "--json").json
    assert (judged["documents"], judged["held_out"]) == (24, True)
    assert judged["mlm_loss"] > 0


def test_a_held_out_share_changes_nothing(tmp_path: Path, data: Path) -> None:
    outcome = call(tmp_path, "corpus", "--corpus", "imdb", "--data-root", data, "--held-out-share", "0.9", "--json")
    assert outcome.json["held_out_documents"] == 24
    assert "the held-out share does not apply" in outcome.err


@pytest.mark.parametrize(
    ("name", "unreadable"), [("imdb", "aclImdb/test/neg/2_7.txt"), ("wikitext2", "wikitext-2/wiki.valid.tokens")]
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, unreadable: str
) -> None:
    write_reviews(tmp_path / "data" / "aclImdb")
    write_wikitext(tmp_path / "data" / "wikitext-2")
    open_file = Path.open

    def refuse(path: Path, *arguments: Any, **named: Any) -> Any:  # no file is locked to root
        if path.match(unreadable):
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", refuse)
    outcome = call(tmp_path, "corpus", "--corpus", name, "--data-root", "data")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        f"babybert-tui: data/{unreadable} cannot be read: Permission denied. Check its permissions.\n"
    )


def test_a_model_of_another_text_is_judged_on_the_data_sets_own_split(tmp_path: Path, data: Path, corpus: Path) -> None:
    train(tmp_path, "--corpus", corpus, "--run", "other")
    outcome = call(tmp_path, "evaluate", "--checkpoint", "other", "--corpus", "imdb", "--data-root", data)
    assert "24 documents that the data set itself holds out" in outcome.out


def test_a_download_is_told_on_stderr_and_happens_once(tmp_path: Path, mirror: Mirror) -> None:
    named = ("--corpus", "penn-treebank", "--data-root", tmp_path / "data", "--json")
    first = call(tmp_path, "corpus", *named)
    assert first.json["held_out_documents"] == 4
    assert f"downloading penn-treebank, 0.0 MB, from {mirror.address}/ptb.train.txt to {tmp_path / 'data'}" in first.err
    assert len(mirror.asked) == 3
    again = call(tmp_path, "corpus", *named)
    assert again.json == first.json
    assert "downloading" not in again.err
    assert len(mirror.asked) == 3


def test_a_dry_run_downloads_nothing(tmp_path: Path, mirror: Mirror) -> None:
    named = ("--corpus", "penn-treebank", "--data-root", tmp_path / "data")
    outcome = call(tmp_path, "--headless", "train", *named, "--dry-run")
    assert (outcome.code, outcome.out) == (2, "")
    assert "penn-treebank is not on this machine" in outcome.err
    assert mirror.asked == []
    assert not (tmp_path / "data").exists()


def test_a_mirror_that_fails_is_one_line_and_no_run(tmp_path: Path, mirror: Mirror) -> None:
    mirror.files.clear()
    named = ("--corpus", "penn-treebank", "--data-root", tmp_path / "data")
    outcome = call(tmp_path, "--headless", "train", *named, "--run", "never", "--quiet")
    assert outcome.code == 2
    assert "answered 404 Not Found" in outcome.err
    assert f"put it, as it is, into {tmp_path / 'data' / 'penn-treebank'}." in outcome.err
    assert outcome.err.count("\n") == 1
    assert not (tmp_path / "checkpoints").exists()
