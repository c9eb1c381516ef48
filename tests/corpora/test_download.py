"""A file is fetched whole and as published, or not at all; what was cut off goes on where it ended."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from babybert_tui.corpora.download import DownloadError, RemoteFile, download
from babybert_tui.errors import RequestError
from corpora.mirror import Mirror, Served, serving

CONTENT = bytes(range(256)) * 2000  # half a megabyte
NAME = "data.bin"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving() as found:
        found.files[NAME] = Served(CONTENT)
        yield found


def remote(mirror: Mirror, *, content: bytes | None = CONTENT, size: int | None = None) -> RemoteFile:
    digest = hashlib.sha256(content).hexdigest() if content is not None else None
    return RemoteFile(NAME, (mirror.address_of(NAME),), size, digest)


def fetch(file: RemoteFile, folder: Path) -> Path:
    return download(file, folder, lambda _have, _total: None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_whole_file_arrives_under_its_name_and_nothing_else_stays(mirror: Mirror, tmp_path: Path) -> None:
    news: list[tuple[int, int | None]] = []
    path = download(remote(mirror, size=len(CONTENT)), tmp_path, lambda have, total: news.append((have, total)))
    assert path.read_bytes() == CONTENT
    assert names(tmp_path) == [NAME]
    assert news[-1] == (len(CONTENT), len(CONTENT))
    assert [have for have, _ in news] == sorted(have for have, _ in news)


def test_what_is_there_and_right_is_not_fetched_again(mirror: Mirror, tmp_path: Path) -> None:
    fetch(remote(mirror), tmp_path)
    fetch(remote(mirror), tmp_path)
    assert len(mirror.asked) == 1


def test_a_cut_off_connection_goes_on_where_it_ended(mirror: Mirror, tmp_path: Path) -> None:
    mirror[NAME].cuts = [100_000, 50_000]
    assert fetch(remote(mirror), tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in mirror.asked] == [None, "bytes=100000-", "bytes=150000-"]


def test_without_ranges_a_cut_off_file_begins_anew(mirror: Mirror, tmp_path: Path) -> None:
    mirror[NAME].ranges = False
    mirror[NAME].cuts = [100_000]
    assert fetch(remote(mirror), tmp_path).read_bytes() == CONTENT


def test_a_mirror_that_always_breaks_off_is_given_up_and_the_part_kept(mirror: Mirror, tmp_path: Path) -> None:
    mirror[NAME].cuts = [100_000] + [0] * 10
    with pytest.raises(DownloadError, match=r"cut off at 100,000 of 512,000 bytes.* next try goes on there"):
        fetch(remote(mirror), tmp_path)
    assert len(mirror.asked) == 4
    assert NAME not in names(tmp_path)


def test_an_interrupted_earlier_try_is_gone_on_with(mirror: Mirror, tmp_path: Path) -> None:
    def interrupt(have: int, _total: int | None) -> None:
        if have > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(remote(mirror), tmp_path, interrupt)
    assert NAME not in names(tmp_path)
    assert fetch(remote(mirror), tmp_path).read_bytes() == CONTENT
    resumed = mirror.asked[-1][1]
    assert resumed is not None
    assert int(resumed.removeprefix("bytes=").rstrip("-")) > 200_000


def test_a_file_that_has_changed_since_begins_anew(mirror: Mirror, tmp_path: Path) -> None:
    mirror[NAME].cuts = [100_000] + [0] * 3
    with pytest.raises(DownloadError):
        fetch(remote(mirror, content=None), tmp_path)
    mirror.files[NAME] = Served(CONTENT[::-1], etag='"second"')
    assert fetch(remote(mirror, content=None), tmp_path).read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("leftover", [b"rubbish", b"x" * len(CONTENT), b"x" * (len(CONTENT) + 5)])
def test_a_leftover_of_something_else_ends_in_the_right_file(mirror: Mirror, tmp_path: Path, leftover: bytes) -> None:
    def interrupt(_have: int, _total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(remote(mirror), tmp_path, interrupt)
    (tmp_path / f"{NAME}.part").write_bytes(leftover)
    assert fetch(remote(mirror), tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == [NAME]


def test_a_wrong_file_under_the_right_name_is_fetched_anew(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"half of it")
    assert fetch(remote(mirror), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("status", "said"), [(404, "answered 404 Not Found"), (403, "answered 403"), (503, "answered 503")]
)
def test_errors_of_the_server_are_named(mirror: Mirror, tmp_path: Path, status: int, said: str) -> None:
    mirror.files[NAME] = Served(b"sorry", status=status)
    with pytest.raises(DownloadError, match=said):
        fetch(remote(mirror), tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "page",
    [
        Served(b"<!DOCTYPE html><title>Log in</title>", content_type="text/html; charset=utf-8"),
        Served(b"\n <!DOCTYPE html><title>Log in</title>", content_type="application/zip"),
        Served(b"<HTML>Moved</HTML>"),
        Served(b"Please log in first", content_type="text/html"),
    ],
)
def test_a_web_page_is_not_taken_for_the_file(mirror: Mirror, tmp_path: Path, page: Served) -> None:
    mirror.files[NAME] = page
    with pytest.raises(DownloadError, match="web page instead of the file"):
        fetch(RemoteFile(NAME, (mirror.address_of(NAME),)), tmp_path)
    assert NAME not in names(tmp_path)


def test_a_wrong_checksum_is_refused_and_thrown_away(mirror: Mirror, tmp_path: Path) -> None:
    mirror[NAME].content = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadError, match=r"not have the published SHA-256.*thrown away"):
        fetch(remote(mirror), tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("says_length", [True, False])
@pytest.mark.parametrize("published", [len(CONTENT) - 10, len(CONTENT) + 10])
def test_another_size_than_published_is_refused(
    mirror: Mirror, tmp_path: Path, published: int, says_length: bool
) -> None:
    mirror[NAME].says_length = says_length
    with pytest.raises(DownloadError, match=r"512,000|more than|cut off"):
        fetch(remote(mirror, content=None, size=published), tmp_path)
    assert NAME not in names(tmp_path)


def test_the_next_address_is_asked_where_one_fails(mirror: Mirror, tmp_path: Path) -> None:
    file = RemoteFile(NAME, (mirror.address_of("gone.bin"), mirror.address_of(NAME)))
    assert fetch(file, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("address", "said"),
    [("http://127.0.0.1:1/data.bin", "cannot be reached"), ("file:///etc/passwd", "no web address")],
)
def test_an_address_that_cannot_be_asked_is_one_line(tmp_path: Path, address: str, said: str) -> None:
    with pytest.raises(RequestError, match=said) as caught:
        fetch(RemoteFile(NAME, (address,)), tmp_path)
    assert "\n" not in str(caught.value)


def cut_off(mirror: Mirror, folder: Path, address: str) -> None:
    """Leaves the first 100,000 bytes from an address."""
    mirror.files["cut.bin"] = Served(CONTENT, cuts=[100_000] + [0] * 10)
    with pytest.raises(DownloadError, match="cut off"):
        fetch(RemoteFile(NAME, (address,), len(CONTENT), hashlib.sha256(CONTENT).hexdigest()), folder)
    mirror.asked.clear()


def test_a_part_from_one_address_is_gone_on_with_from_another(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, mirror.address_of("cut.bin"))
    mirror.files[NAME] = Served(CONTENT, etag='"of another server"')
    addresses = (mirror.address_of("gone.bin"), mirror.address_of(NAME))
    file = RemoteFile(NAME, addresses, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert mirror.asked[-1] == (NAME, "bytes=100000-")
    assert names(tmp_path) == [NAME]


def test_a_part_outlives_all_addresses_that_cannot_be_had(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, mirror.address_of("cut.bin"))
    addresses = ("http://127.0.0.1:1/data.bin", mirror.address_of("gone.bin"))
    with pytest.raises(DownloadError):
        fetch(RemoteFile(NAME, addresses, len(CONTENT), hashlib.sha256(CONTENT).hexdigest()), tmp_path)
    assert (tmp_path / f"{NAME}.part").stat().st_size == 100_000


def test_a_part_of_another_file_from_elsewhere_ends_in_the_right_file(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, mirror.address_of("cut.bin"))
    (tmp_path / f"{NAME}.part").write_bytes(b"x" * 1000)
    assert fetch(remote(mirror), tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == [NAME]


def test_what_has_no_published_digest_begins_anew_at_another_address(mirror: Mirror, tmp_path: Path) -> None:
    cut_off(mirror, tmp_path, mirror.address_of("cut.bin"))
    assert fetch(remote(mirror, content=None), tmp_path).read_bytes() == CONTENT
    assert mirror.asked == [(NAME, None)]


@pytest.mark.parametrize("address", ["http://[bad/data.bin", "http://host:port/data.bin", "http://a b/data.bin"])
def test_an_address_that_is_none_is_said_to_be_none_and_the_next_one_asked(
    mirror: Mirror, tmp_path: Path, address: str
) -> None:
    with pytest.raises(DownloadError, match=r"is no web address: .*") as caught:
        fetch(RemoteFile(NAME, (address,)), tmp_path)
    assert "kept" not in caught.value.message
    assert fetch(RemoteFile(NAME, (address, mirror.address_of(NAME))), tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("address", ["http://user:secret@127.0.0.1/data.bin", "http://user:secret@[bad/data.bin"])
def test_a_password_in_an_address_is_not_shown(tmp_path: Path, address: str) -> None:
    with pytest.raises(DownloadError) as caught:
        fetch(RemoteFile(NAME, (address,)), tmp_path)
    assert "secret" not in str(caught.value)


def test_where_nothing_came_nothing_is_said_to_be_kept(mirror: Mirror, tmp_path: Path) -> None:
    mirror[NAME].cuts = [0] * 10
    with pytest.raises(DownloadError, match="cut off at 0 of") as caught:
        fetch(remote(mirror), tmp_path)
    assert "kept" not in caught.value.message


def test_it_says_from_where_a_file_comes_once_it_does(mirror: Mirror, tmp_path: Path) -> None:
    said: list[str] = []
    addresses = ("http://127.0.0.1:1/data.bin", mirror.address_of("gone.bin"), mirror.address_of(NAME))
    download(RemoteFile(NAME, addresses), tmp_path, lambda _have, _total: None, said.append)
    assert said == [mirror.address_of(NAME)]
