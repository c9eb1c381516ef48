"""A published data set is fetched, checked, unpacked and put in its place whole; nothing half-done is ever read."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from babybert_tui.corpora.download import RemoteFile
from babybert_tui.corpora.opening import open_corpus
from babybert_tui.corpora.published import PUBLISHED, AbsentError, PublishedSet, locate, obtain
from babybert_tui.corpora.unpacking import UnpackingError
from babybert_tui.errors import BabyBertError, RequestError, RunError
from corpora.archives import tar_of
from corpora.mirror import Mirror, Served, serving

ARCHIVE = "aclImdb_v1.tar.gz"
FOLDERS = ("train/pos", "train/neg", "train/unsup", "test/pos", "test/neg")
REVIEWS = {
    f"aclImdb/{folder}/{number}_7.txt": f"Review {number} of {folder}. It was long.".encode()
    for folder in FOLDERS
    for number in range(3)
}
PENN = {f"ptb.{split}.txt": f" some words of {split} \n".encode() * 100 for split in ("train", "valid", "test")}


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving() as found:
        yield found


def serve_archive(mirror: Mirror, content: bytes, *, published: bytes | None = None) -> PublishedSet:
    """IMDB as if `published` (else what is served) were its archive."""
    mirror.files[ARCHIVE] = Served(content)
    right = content if published is None else published
    file = RemoteFile(ARCHIVE, (mirror.address_of(ARCHIVE),), len(right), hashlib.sha256(right).hexdigest())
    return replace(PUBLISHED["imdb"], files=(file,), unpacked=1000)


def serve_penn(mirror: Mirror) -> PublishedSet:
    mirror.files |= {name: Served(content) for name, content in PENN.items()}
    files = tuple(RemoteFile(name, (mirror.address_of(name),), len(content)) for name, content in PENN.items())
    return replace(PUBLISHED["penn-treebank"], files=files)


def unmoved(_message: str, _share: float | None) -> None:
    pass


def get(published: PublishedSet, root: Path, *, progress: Callable[[str, float | None], None] = unmoved) -> list[str]:
    """Obtains it and returns what was said."""
    said: list[str] = []
    obtain(published, root, progress=progress, say=said.append)
    return said


def visible(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if not path.name.startswith(".")) if root.is_dir() else []


def hidden_bytes(root: Path) -> int:
    hidden = [path for path in root.iterdir() if path.name.startswith(".")]
    return sum(file.stat().st_size for path in hidden for file in [path, *path.rglob("*")] if file.is_file())


def test_the_archive_becomes_the_published_layout_and_is_used_offline_afterwards(
    mirror: Mirror, tmp_path: Path
) -> None:
    published = serve_archive(mirror, tar_of(REVIEWS))
    said = get(published, tmp_path)
    assert said == [f"downloading imdb, 0.0 MB, from {mirror.address_of(ARCHIVE)} to {tmp_path}"]
    assert visible(tmp_path) == ["imdb"]
    assert hidden_bytes(tmp_path) == 0
    mirror.files.clear()
    assert get(published, tmp_path) == []
    assert len(open_corpus("imdb", data_root=str(tmp_path)).documents) == len(REVIEWS)


def test_plain_files_are_put_side_by_side(mirror: Mirror, tmp_path: Path) -> None:
    get(serve_penn(mirror), tmp_path)
    found = {path.name: path.read_bytes() for path in (tmp_path / "penn-treebank").iterdir()}
    assert found == PENN


def test_what_has_not_come_whole_is_not_there(mirror: Mirror, tmp_path: Path) -> None:
    published = serve_penn(mirror)
    mirror["ptb.valid.txt"].cuts = [10] + [0] * 10
    with pytest.raises(RequestError, match="cut off at 10 of"):
        get(published, tmp_path)
    assert locate(published, tmp_path) is None
    assert visible(tmp_path) == []
    mirror["ptb.valid.txt"].cuts = []
    mirror.asked.clear()
    get(published, tmp_path)
    assert mirror.asked == [("ptb.valid.txt", "bytes=10-"), ("ptb.test.txt", None)]
    assert locate(published, tmp_path) is not None


def damaged(mirror: Mirror, archive: bytes) -> Iterator[PublishedSet]:
    yield serve_archive(mirror, archive[:-5] + b"!" * 5, published=archive)  # another checksum
    yield serve_archive(mirror, archive[: len(archive) // 2])  # published broken
    yield serve_archive(mirror, tar_of({**REVIEWS, "../evil.txt": b"evil"}))
    yield serve_archive(mirror, tar_of(REVIEWS, links={"aclImdb/train/pos/9_9.txt": "/etc/passwd"}))
    yield serve_archive(mirror, tar_of({"aclImdb/README": b"no reviews"}))
    page = serve_archive(mirror, b"<!doctype html><p>Gone", published=archive)
    mirror[ARCHIVE].content_type = "text/html"
    yield page
    missing = serve_archive(mirror, archive)
    mirror.files.clear()
    yield missing


def test_every_bad_mirror_ends_in_one_line_and_with_nothing_to_read(mirror: Mirror, tmp_path: Path) -> None:
    for number, published in enumerate(damaged(mirror, tar_of(REVIEWS))):
        root = tmp_path / str(number) / "root"
        with pytest.raises(BabyBertError) as caught:
            get(published, root)
        assert "\n" not in str(caught.value)
        assert visible(root) == []
        assert not list(tmp_path.rglob("evil*"))
        assert not [path for path in tmp_path.rglob("*") if path.is_symlink()]
        with pytest.raises(AbsentError):
            open_corpus("imdb", data_root=str(root))


def test_after_a_bad_mirror_a_good_one_does(mirror: Mirror, tmp_path: Path) -> None:
    archive = tar_of(REVIEWS)
    for published in damaged(mirror, archive):
        with pytest.raises(BabyBertError):
            get(published, tmp_path)
    get(serve_archive(mirror, archive), tmp_path)
    assert len(open_corpus("imdb", data_root=str(tmp_path)).documents) == len(REVIEWS)


def test_interrupted_while_unpacking_leaves_nothing_to_read(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = serve_archive(mirror, tar_of(REVIEWS))
    monkeypatch.setattr("babybert_tui.corpora.published.obtaining._SECONDS_BETWEEN_NEWS", 0)

    told: list[str] = []

    def interrupt(message: str, _share: float | None) -> None:
        told.append(message)
        if told.count("unpacking imdb") == 13:  # by then every folder has a review
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(published, tmp_path, progress=interrupt)
    assert locate(published, tmp_path) is None
    get(published, tmp_path)
    assert len(mirror.asked) == 1, "the archive had come already"
    assert len(open_corpus("imdb", data_root=str(tmp_path)).documents) == len(REVIEWS)


def test_a_killed_try_that_left_everything_lying_about_is_cleared(mirror: Mirror, tmp_path: Path) -> None:
    content = tmp_path / ".imdb.incomplete" / "content" / "aclImdb"
    for folder in FOLDERS:
        (content / folder).mkdir(parents=True)
        (content / folder / "0_0.txt").write_text("half a rev")
    with pytest.raises(AbsentError):
        open_corpus("imdb", data_root=str(tmp_path))
    get(serve_archive(mirror, tar_of(REVIEWS)), tmp_path)
    texts = [document[0] for document in open_corpus("imdb", data_root=str(tmp_path)).documents]
    assert "half a rev" not in texts


def test_an_empty_leftover_of_torchtext_is_moved_aside_and_kept(mirror: Mirror, tmp_path: Path) -> None:
    leftover = tmp_path / "imdb" / "aclImdb" / "train" / "pos"
    leftover.mkdir(parents=True)
    (leftover / "0_0.txt").write_text("mine")
    said = get(serve_archive(mirror, tar_of(REVIEWS)), tmp_path)
    assert said[-1] == f"{tmp_path / 'imdb'} was no whole copy; it is now {tmp_path / 'imdb.incomplete'}"
    assert (tmp_path / "imdb.incomplete/aclImdb/train/pos/0_0.txt").read_text() == "mine"
    assert len(open_corpus("imdb", data_root=str(tmp_path)).documents) == len(REVIEWS)


def test_an_archive_put_there_by_hand_is_checked_unpacked_and_kept(mirror: Mirror, tmp_path: Path) -> None:
    archive = tar_of(REVIEWS)
    published = serve_archive(mirror, archive)
    mirror.files.clear()
    (tmp_path / ARCHIVE).write_bytes(archive)
    assert get(published, tmp_path) == [f"unpacking {tmp_path / ARCHIVE}"]
    assert visible(tmp_path) == [ARCHIVE, "imdb"]
    other = tmp_path / "other"
    other.mkdir()
    (other / ARCHIVE).write_bytes(archive[:-1])
    with pytest.raises(UnpackingError, match="is not the published file"):
        get(published, other)


def test_offline_the_line_names_the_address_and_the_folder(tmp_path: Path) -> None:
    file = RemoteFile(ARCHIVE, (f"http://127.0.0.1:1/{ARCHIVE}",))
    with pytest.raises(RequestError) as caught:
        get(replace(PUBLISHED["imdb"], files=(file,), unpacked=0), tmp_path)
    message = str(caught.value)
    assert f"Fetch http://127.0.0.1:1/{ARCHIVE} and put it, as it is, into {tmp_path}." in message
    assert "cannot be reached" in message
    assert "\n" not in message


def test_what_cannot_be_had_leaves_nothing_and_says_nothing_but_the_error(tmp_path: Path) -> None:
    file = RemoteFile(ARCHIVE, (f"http://127.0.0.1:1/{ARCHIVE}",), 10, "0" * 64)
    published = replace(PUBLISHED["imdb"], files=(file,), unpacked=0)
    said: list[str] = []
    for root in (tmp_path / "new" / "root", tmp_path):
        with pytest.raises(RequestError, match="cannot be reached"):
            obtain(published, root, progress=unmoved, say=said.append)
        assert list(tmp_path.iterdir()) == []
    assert said == []


def test_the_line_names_the_address_that_answered(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = serve_archive(mirror, tar_of(REVIEWS))
    monkeypatch.setenv("BABYBERT_TUI_MIRROR", "http://user:secret@127.0.0.1:1")
    assert get(published, tmp_path) == [f"downloading imdb, 0.0 MB, from {mirror.address_of(ARCHIVE)} to {tmp_path}"]


def test_whoever_waits_for_another_programs_download_is_told_once_and_can_give_up(
    mirror: Mirror, tmp_path: Path
) -> None:
    published = serve_archive(mirror, tar_of(REVIEWS))
    told: list[str] = []
    said: list[str] = []

    def give_up(message: str, _share: float | None) -> None:
        told.append(message)
        if len(told) == 3:
            raise KeyboardInterrupt

    with FileLock(tmp_path / ".imdb.lock"), pytest.raises(KeyboardInterrupt):
        obtain(published, tmp_path, progress=give_up, say=said.append)
    assert said == ["waiting for another program that downloads imdb"] == list(dict.fromkeys(told))


def test_a_mirror_of_ones_own_is_asked_first(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = serve_archive(mirror, tar_of(REVIEWS))
    far = replace(published, files=(replace(published.files[0], addresses=("http://127.0.0.1:1/x",)),))
    monkeypatch.setenv("BABYBERT_TUI_MIRROR", f"{mirror.address}/")
    get(far, tmp_path)
    assert mirror.asked == [(ARCHIVE, None)]


def test_too_little_room_is_said_before_anything_is_fetched(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = serve_archive(mirror, tar_of(REVIEWS))
    with pytest.raises(RunError, match="MB free; imdb needs"):
        get(replace(published, unpacked=1 << 60), tmp_path)
    assert mirror.asked == []


def test_a_data_root_that_cannot_be_written_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RequestError, match="Choose another --data-root"):
        get(serve_archive(mirror, tar_of(REVIEWS)), tmp_path / "file" / "root")


def test_it_says_how_much_of_the_download_is_done(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("babybert_tui.corpora.published.obtaining._SECONDS_BETWEEN_NEWS", 0)
    shares: list[float] = []
    get(serve_penn(mirror), tmp_path, progress=lambda message, share: shares.append(share or 0))
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_what_is_published_is_described_completely() -> None:
    for published in PUBLISHED.values():
        for file in published.files:
            assert file.size is not None
            assert file.sha256 is not None
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.addresses[0].startswith("https://")
            assert file.addresses[0].endswith(file.name)
        assert published.limits.most_bytes > published.unpacked
