"""A corpus is opened by its name; what cannot be read is one clear request error."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from babybert_tui.corpora.files import spool
from babybert_tui.corpora.opening import BUILT_IN_NAMES, open_corpus
from babybert_tui.errors import RequestError, RunError


def test_built_in_corpora_open_and_are_the_same_each_time() -> None:
    for name in BUILT_IN_NAMES:
        first, second = open_corpus(name), open_corpus(name)
        assert first.name == name
        assert first == second
        assert len(first.documents) >= 100


def test_a_file_keeps_the_name_it_was_given(
    tmp_path: Path, four_documents: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my.txt").write_text(four_documents)
    monkeypatch.chdir(tmp_path)
    corpus = open_corpus("./my.txt")
    assert corpus.name == "./my.txt"
    assert corpus.documents[0] == ("The cat sat.", "It slept.")
    assert (corpus.sentence_count, corpus.word_count) == (8, 18)


def test_a_built_in_name_wins_over_a_file_and_a_path_reaches_the_file(
    tmp_path: Path, four_documents: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stories").write_text(four_documents)
    monkeypatch.chdir(tmp_path)
    assert len(open_corpus("stories").documents) > 4
    assert len(open_corpus("./stories").documents) == 4


def test_standard_input_is_read_to_its_end(four_documents: str) -> None:
    corpus = open_corpus("-", stdin=io.BytesIO(four_documents.encode()))
    assert corpus.name == "-"
    assert len(corpus.documents) == 4


def test_standard_input_of_the_process_is_the_default(four_documents: str) -> None:
    program = "from babybert_tui.corpora.opening import open_corpus; print(len(open_corpus('-').documents))"
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, input=four_documents, cwd=root, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "4"


@pytest.mark.parametrize(("name", "meant"), [("storys", "'stories'"), ("python-refrence", "'python-reference'")])
def test_an_unknown_name_is_answered_with_the_nearest(name: str, meant: str) -> None:
    with pytest.raises(RequestError, match=f"Did you mean {meant}"):
        open_corpus(name)


def test_a_mistyped_file_is_answered_with_its_neighbour(tmp_path: Path, four_documents: str) -> None:
    (tmp_path / "letters.txt").write_text(four_documents)
    with pytest.raises(RequestError, match=r"Did you mean '.*letters\.txt'"):
        open_corpus(str(tmp_path / "leters.txt"))


@pytest.mark.parametrize("content", [b"", b"\n \n\t\n", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_an_empty_corpus_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.txt").write_bytes(content)
    with pytest.raises(RequestError, match="holds no text"):
        open_corpus(str(tmp_path / "empty.txt"))
    with pytest.raises(RequestError, match="holds no text"):
        open_corpus("-", stdin=io.BytesIO(content))


def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, four_documents: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text(four_documents)
    monkeypatch.chdir(tmp_path)
    assert len(open_corpus(".").documents) == 4
    with pytest.raises(RequestError, match="is empty"):
        open_corpus("")


@pytest.mark.parametrize("name", ["no\0name", "x" * 5000, "no/such/folder/file.txt", "nothing-*.txt"])
def test_impossible_names_are_refused(name: str) -> None:
    with pytest.raises(RequestError):
        open_corpus(name)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.txt").write_text("text")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything, so a mode would not do
    with pytest.raises(RequestError, match=r"secret\.txt cannot be read: Permission denied"):
        open_corpus(str(tmp_path / "secret.txt"))


def test_another_way_to_treat_encoding_errors_is_refused() -> None:
    with pytest.raises(RequestError, match="'ignore'"):
        open_corpus("stories", encoding_errors="ignore")


def test_errors_are_single_lines_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "small.txt").write_text("One line only.")
    for name in ("", "nothing", str(tmp_path), str(tmp_path / "small.txt"), os.devnull):
        with pytest.raises(RequestError) as caught:
            open_corpus(name)
        assert caught.value.exit_code == 2
        assert "\n" not in str(caught.value)
        assert caught.value.remedy


def test_corpora_need_neither_torch_nor_transformers() -> None:
    program = (
        "import sys; from babybert_tui.corpora.opening import open_corpus; open_corpus('python-reference'); "
        "print([name for name in ('torch', 'transformers', 'tokenizers', 'textual', 'click') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert output.stdout.strip() == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_told_while_standard_input_is_read() -> None:
    with pytest.raises(RunError, match="Standard input cannot be kept in /dev: No space left on device") as caught:
        spool(io.BytesIO(b"text " * 100_000), Path("/dev/full"), lambda _done: None)
    assert "Free some space" in caught.value.remedy


def test_a_standard_input_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with (tmp_path / "write-only").open("wb") as stream, pytest.raises(RequestError, match=r"cannot be read: .*read"):
        spool(stream, tmp_path / "piped", lambda _done: None)
