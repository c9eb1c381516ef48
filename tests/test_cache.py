"""What was prepared is kept whole, made once, and nothing unfinished stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from babybert_tui import cache
from babybert_tui.cache import (
    ENVIRONMENT,
    cache_size,
    clear_cache,
    code_digest,
    digest_of,
    entry,
    prepared_folder,
    scratch_folder,
    used_entry,
)
from babybert_tui.errors import RunError

ROOT = Path(__file__).resolve().parents[1]


class GaveUpError(Exception):
    """Somebody has pressed Ctrl-C."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    return prepared_folder()


def nobody_waits() -> None:
    raise AssertionError("there is nobody to wait for")


def make(target: Path) -> None:
    (target / "text.txt").write_text("a text of some length")


def forbidden(_: Path) -> None:
    raise AssertionError("it is there already")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_an_entry_is_made_once(folder: Path) -> None:
    first = entry("one", make, nobody_waits)
    again = entry("one", forbidden, nobody_waits)
    assert first == again
    assert (first.path / "text.txt").read_text() == "a text of some length"
    assert not again.was_damaged
    assert again.is_kept
    assert names(folder) == ["one"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: (path / "text.txt").write_text("a text of some l_ngth"),
        lambda path: (path / "text.txt").write_text("a text"),
        lambda path: (path / "text.txt").unlink(),
        lambda path: (path / "manifest.json").unlink(),
        lambda path: (path / "manifest.json").write_text("{"),
        lambda path: (path / "manifest.json").write_text('{"files": [1]}'),
    ],
)
def test_what_was_damaged_is_made_anew_and_said(damage) -> None:  # type: ignore[no-untyped-def]
    damage(entry("one", make, nobody_waits).path)
    mended = entry("one", make, nobody_waits)
    assert mended.was_damaged
    assert (mended.path / "text.txt").read_text() == "a text of some length"
    assert not entry("one", forbidden, nobody_waits).was_damaged


def test_large_files_are_checked_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_CHECKED_WHOLE", 10)
    monkeypatch.setattr(cache, "_READ_BYTES", 4)
    for place in (0, 20):
        path = entry("one", make, nobody_waits).path / "text.txt"
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        assert entry("one", make, nobody_waits).was_damaged


def test_what_is_given_up_leaves_nothing(folder: Path) -> None:
    def give_up(target: Path) -> None:
        make(target)
        raise GaveUpError

    with pytest.raises(GaveUpError):
        entry("one", give_up, nobody_waits)
    assert names(folder) == []
    assert not entry("one", make, nobody_waits).was_damaged


def test_what_a_killed_process_left_is_cleared_away_with_the_next_entry(folder: Path) -> None:
    for name in (".one.abc", ".other.abc", ".scratch-1"):
        (folder / name).mkdir()
    (folder / ".other.1234.lock").touch()
    entry("one", make, nobody_waits)
    assert {path.name for path in folder.iterdir()} <= {"one", "one.lock"}


def test_what_another_process_makes_is_left_alone(folder: Path) -> None:
    (folder / ".other.abc").mkdir()
    with FileLock(folder / "other.lock"), scratch_folder() as scratch:
        entry("one", make, nobody_waits)
        clear_cache()
        assert names(folder) == sorted([".other.abc", scratch.name])
    assert names(folder) == [".other.abc"]


def test_what_is_in_use_is_not_cleared_away(folder: Path) -> None:
    entry("two", make, nobody_waits)
    with used_entry("one", make, nobody_waits) as one, used_entry("one", forbidden, nobody_waits):
        os.utime(one.path / "manifest.json", (0, 0))
        entry("three", make, nobody_waits)
        assert clear_cache()[0] == 2
        assert names(folder) == ["one"]
    clear_cache()
    assert list(folder.iterdir()) == []


def test_a_scratch_folder_ends_with_the_block(folder: Path) -> None:
    def write_and_give_up() -> None:
        with scratch_folder() as scratch:
            make(scratch)
            raise GaveUpError

    with pytest.raises(GaveUpError):
        write_and_give_up()
    assert list(folder.iterdir()) == []


def test_two_processes_make_an_entry_once(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from babybert_tui.cache import entry\n"
        "def make(folder):\n"
        "    (folder / 'text.txt').write_text('x' * 1000000)\n"
        "    with open(sys.argv[1], 'a') as log: log.write('made\\n')\n"
        "entry('one', make, lambda: None)\n"
    )
    log = tmp_path / "log.txt"
    both = [subprocess.Popen([sys.executable, "-c", program, str(log)], cwd=ROOT) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert log.read_text() == "made\n"
    assert names(folder) == ["one"]


def test_whoever_waits_for_another_process_can_give_up(folder: Path) -> None:
    def give_up() -> None:
        raise GaveUpError

    with FileLock(folder / "one.lock"), pytest.raises(GaveUpError):
        entry("one", make, give_up)


def test_what_nobody_has_read_for_a_month_is_forgotten(folder: Path) -> None:
    for name in ("old", "used"):
        entry(name, make, nobody_waits)
        os.utime(folder / name / "manifest.json", (0, 0))
    entry("used", forbidden, nobody_waits)
    entry("new", make, nobody_waits)
    assert names(folder) == ["new", "used"]


def test_clearing_removes_and_counts_everything_but_what_is_in_the_making(folder: Path) -> None:
    entry("one", make, nobody_waits)
    entry("two", make, nobody_waits)
    entries, size = cache_size()
    assert entries == 2
    assert size > 2 * len("a text of some length")
    (folder / ".three.abc").mkdir()
    with FileLock(folder / "three.lock"):
        assert clear_cache() == (2, size)
        assert names(folder) == [".three.abc"]
    clear_cache()
    assert names(folder) == []
    assert cache_size() == (0, 0)


def test_a_cache_that_cannot_be_made_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "file" / "cache"))
    made = entry("one", make, nobody_waits)
    assert made.path.is_dir()
    assert not made.is_kept
    assert tmp_path not in made.path.parents
    assert entry("one", forbidden, nobody_waits) == made


def test_a_full_disk_is_one_clear_error(folder: Path) -> None:
    def fill(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match="No space left on device") as caught:
        entry("one", fill, nobody_waits)
    assert "--clear-cache" in caught.value.remedy
    assert names(folder) == []


def test_names_tell_their_parts_apart() -> None:
    assert len({digest_of("a", "bc"), digest_of("ab", "c"), digest_of("abc"), digest_of("a", "b", "c")}) == 4


def test_other_code_has_another_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "some_package_of_the_tests"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    __import__(package.name)
    before = code_digest(package.name)
    (package / "more.py").write_text("x = 1\n")
    code_digest.cache_clear()
    assert code_digest(package.name) != before
