"""Folders, patterns, links, and things that are no files."""

import os
import socket
from pathlib import Path

import pytest

from babybert_tui.corpora.finding import find_files
from babybert_tui.errors import RequestError


def _make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")


def _found(name: str | Path, folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_files(str(name))[0]]


def test_a_folder_is_read_with_all_its_folders_in_sorted_order(tmp_path: Path) -> None:
    _make(tmp_path, "b/2.md", "b/1.txt", "a.csv", "b/c/d/e.jsonl.gz", "b.txt", "A.TXT")
    assert _found(tmp_path, tmp_path) == ["A.TXT", "a.csv", "b/1.txt", "b/2.md", "b/c/d/e.jsonl.gz", "b.txt"]


def test_other_files_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    _make(tmp_path, "a.txt", "b.png", "c", ".hidden.txt", ".git/d.txt", "e.tar.gz")
    assert _found(tmp_path, tmp_path) == ["a.txt"]


@pytest.mark.parametrize("names", [(), ("picture.png",), (".git/a.txt",)])
def test_a_folder_without_text_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    _make(tmp_path, *names)
    with pytest.raises(RequestError, match="holds no text file"):
        find_files(str(tmp_path))


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    _make(tmp_path, "in/a.txt", "in/deep/b.txt", "out/c.txt")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "side").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "self").symlink_to(tmp_path / "in" / "self")
    (tmp_path / "in" / "linked.txt").symlink_to(tmp_path / "out" / "c.txt")
    found = _found(tmp_path / "in", tmp_path / "in")
    assert found == ["a.txt", "deep/b.txt", "linked.txt", "side/c.txt"]


def test_a_dangling_link_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nothing")
    with pytest.raises(RequestError, match=r"a\.txt' is a link to what is not there: .*nothing"):
        find_files(str(tmp_path / "a.txt"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_pipes_devices_and_sockets_are_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")  # opening it would wait for ever
    with pytest.raises(RequestError, match=r"is a pipe \(FIFO\)"):
        find_files(str(tmp_path / "pipe.txt"))
    with pytest.raises(RequestError, match="is a device"):
        find_files("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s.txt"))
        with pytest.raises(RequestError, match="is a socket"):
            find_files(str(tmp_path / "s.txt"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_in_a_folder_is_passed_over_with_a_note(tmp_path: Path) -> None:
    _make(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    files, notes = find_files(str(tmp_path))
    assert [file.name for file in files] == ["a.txt"]
    assert "pipe.txt" in notes[0]


def test_files_of_other_kinds_are_refused_and_without_suffix_taken(tmp_path: Path) -> None:
    _make(tmp_path, "book.pdf", "README", "letters.gz")
    with pytest.raises(RequestError, match=r"cannot be read: '.*book\.pdf'"):
        find_files(str(tmp_path / "book.pdf"))
    assert len(find_files(str(tmp_path / "README"))[0]) == len(find_files(str(tmp_path / "letters.gz"))[0]) == 1


def test_patterns_match_files_in_sorted_order(tmp_path: Path) -> None:
    _make(tmp_path, "b.txt", "a.txt", "c.md", "in/d.txt", "e.png")
    assert _found(tmp_path / "*.txt", tmp_path) == ["a.txt", "b.txt"]
    assert _found(tmp_path / "**" / "*.txt", tmp_path) == ["a.txt", "b.txt", "in/d.txt"]
    assert _found(tmp_path / "[bc].*", tmp_path) == ["b.txt", "c.md"]
    assert _found(tmp_path / "*", tmp_path) == ["a.txt", "b.txt", "c.md"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("**/*.txt", ["a.txt", "in/b.txt", "in/deep/c.txt"]),
        ("**", ["a.txt", "in/b.txt", "in/deep/c.txt", "in/deep/d.md"]),
        ("**/deep/**/*.*", ["in/deep/c.txt", "in/deep/d.md"]),
        ("**/in/**/c.*", ["in/deep/c.txt"]),
        ("i*/**/*.txt", ["in/b.txt", "in/deep/c.txt"]),
    ],
)
def test_a_pattern_takes_each_folder_once_however_links_lead(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    _make(tmp_path, "a.txt", "in/b.txt", "in/deep/c.txt", "in/deep/d.md", ".hidden/e.txt")
    for link in ("in/first", "in/second", "in/deep/third"):
        (tmp_path / link).symlink_to((tmp_path / link).parent)
    assert _found(tmp_path / pattern, tmp_path) == expected


def test_a_pattern_without_a_folder_searches_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path, "a.txt", "[in]/b.txt")
    monkeypatch.chdir(tmp_path)
    assert [path.as_posix() for path in find_files("**/*.txt")[0]] == ["[in]/b.txt", "a.txt"]


def test_a_folder_that_cannot_be_read_is_refused_by_a_pattern_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(tmp_path, "a.txt", "secret/b.txt")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    for name in (tmp_path, tmp_path / "**" / "*.txt"):
        with pytest.raises(RequestError, match=r"secret' cannot be read: Permission denied"):
            find_files(str(name))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    _make(tmp_path, "a[1].txt", "a1.txt")
    assert _found(tmp_path / "a[1].txt", tmp_path) == ["a[1].txt"]


def test_a_pattern_without_a_match_is_refused(tmp_path: Path) -> None:
    _make(tmp_path, "a.png")
    with pytest.raises(RequestError, match="No text file matches"):
        find_files(str(tmp_path / "*.png"))


def test_the_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path, "a.txt")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert _found("~/a.txt", tmp_path) == ["a.txt"]
