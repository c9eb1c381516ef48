"""Files and folders are there whole or not at all."""

import hashlib
import json
import os
import stat
from pathlib import Path

import pytest

from babybert_tui.files import new_folder, sha256_of, write_json, write_text


def nothing(_folder: Path) -> None:
    pass


def test_text_replaces_what_was_there_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    write_text(path, "né\nafter\n")
    assert path.read_bytes() == "né\nafter\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "")
        with new_folder(tmp_path / "folder", nothing) as folder:
            (folder / "b").write_text("")
            (folder / "b").chmod(0o600)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a.txt", "folder", "folder/b")]
    assert modes == [0o640, 0o750, 0o640]


def test_a_folder_appears_when_it_is_full_and_its_last_file_written(tmp_path: Path) -> None:
    target = tmp_path / "step-000001"

    def finish(folder: Path) -> None:
        assert not target.exists()
        write_json(folder / "manifest.json", {"files": sorted(path.name for path in folder.iterdir())})

    with new_folder(target, finish) as folder:
        (folder / "a").write_text("1")
        assert not target.exists()
    assert json.loads((target / "manifest.json").read_text()) == {"files": ["a"]}
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_failed_leaves_no_trace_and_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "step-000001"
    target.mkdir()
    (target / "old").write_text("")

    def fill() -> None:
        with new_folder(target, nothing) as folder:
            (folder / "new").write_text("")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill()
    assert list(tmp_path.iterdir()) == [target]
    assert [path.name for path in target.iterdir()] == ["old"]


def test_a_folder_replaces_one_of_the_same_name(tmp_path: Path) -> None:
    target = tmp_path / "step-000001"
    target.mkdir()
    (target / "old").write_text("")
    with new_folder(target, nothing) as folder:
        (folder / "new").write_text("")
    assert [path.name for path in target.iterdir()] == ["new"]


def test_sha256_is_that_of_the_bytes_also_of_large_files(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "a").write_bytes(content)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(content).hexdigest()
