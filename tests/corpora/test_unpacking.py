"""What comes out of an archive lies in the folder, is a plain file, and is no more than was allowed."""

from pathlib import Path

import pytest

from babybert_tui.corpora.unpacking import Limits, UnpackingError, unpack
from corpora.archives import device_tar, tar_of, zip_of

LIMITS = Limits(most_bytes=1000, most_files=10)
FILES = {"set/a.txt": b"one", "set/deep/b.txt": b"two"}


def unpacked(tmp_path: Path, content: bytes, limits: Limits = LIMITS) -> Path:
    """Unpacks an archive that lies in `tmp_path` into `tmp_path/box/in`."""
    folder = tmp_path / "box" / "in"
    folder.mkdir(parents=True)
    (tmp_path / "archive").write_bytes(content)
    unpack(tmp_path / "archive", folder, limits, lambda _number: None)
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_files_and_folders_come_out_as_they_went_in(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    assert files_in(unpacked(tmp_path, pack(FILES))) == FILES


@pytest.mark.parametrize("pack", [tar_of, zip_of])
@pytest.mark.parametrize("name", ["../evil.txt", "set/../../evil.txt", "/tmp/evil.txt", "C:/evil.txt", "..\\evil.txt"])
def test_paths_outside_the_folder_are_refused(tmp_path: Path, pack, name: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnpackingError, match="outside its folder"):
        unpacked(tmp_path, pack({"set/a.txt": b"one", name: b"evil"}))
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize(
    "content",
    [
        tar_of({}, links={"set/a.txt": "/etc/passwd"}),
        tar_of({"set/b.txt": b"x"}, links={"set/a.txt": "set/b.txt"}, hard=True),
        tar_of({}, links={"set": ".."}),
        zip_of({}, links={"set/a.txt": "/etc/passwd"}),
        device_tar("set/a.txt"),
    ],
    ids=["link", "hard link", "link to a folder", "link in a zip", "device"],
)
def test_links_and_devices_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnpackingError, match="link or a device"):
        unpacked(tmp_path, content)
    assert not [path for path in (tmp_path / "box").rglob("*") if path.is_symlink()]


@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_an_archive_that_grows_beyond_the_limit_is_stopped(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnpackingError, match="more than was published"):
        unpacked(tmp_path, pack({"set/a.txt": b"0" * 600, "set/b.txt": b"0" * 10_000_000}))
    assert sum(map(len, files_in(tmp_path / "box").values())) <= LIMITS.most_bytes


def test_a_flood_of_files_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(UnpackingError, match="more than 10 files"):
        unpacked(tmp_path, zip_of({f"set/{number}.txt": b"" for number in range(1000)}))


@pytest.mark.parametrize("name", ["set/a.txt", "set/a.txt/b.txt"])
def test_a_name_that_comes_twice_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnpackingError, match="twice"):
        unpacked(tmp_path, tar_of({"set/a.txt": b"one", f"./{name}": b"two"}))


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>not found</html>", tar_of(FILES)[:-20], zip_of(FILES)[:-30], tar_of(FILES)[:60], b"PK\x03\x04" * 9],
    ids=["nothing", "a page", "a tar cut short", "a zip cut short", "the head of a tar", "marks of a zip"],
)
def test_what_is_damaged_or_no_archive_is_said_in_a_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UnpackingError, match="damaged or no archive") as caught:
        unpacked(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_flipped_byte_is_noticed(tmp_path: Path) -> None:
    content = bytearray(zip_of({"set/a.txt": b"some words " * 20}))
    content[50] ^= 0xFF
    with pytest.raises(UnpackingError, match="damaged"):
        unpacked(tmp_path, bytes(content))
