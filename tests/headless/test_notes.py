"""What there is to know about the reading of a text is said by every command that reads one."""

from pathlib import Path

import pytest

from headless.conftest import write_corpus
from headless.program import SHORT, SMALL, Outcome, call, train

REPLACED = "1 invalid byte sequence replaced by U+FFFD in"
REPEATED = "1 repeated document left out"


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A text with one byte that is not UTF-8, and with a document that stands twice."""
    path = write_corpus(tmp_path / "damaged.txt")
    content = path.read_bytes()
    first = content.split(b"\n\n")[0]
    path.write_bytes(content + b"\n" + first + b"\n\nLeon ate the caf\xe9.\nIt was sweet.\n")
    return path


def is_said_once(outcome: Outcome) -> bool:
    assert outcome.code == 0, outcome.err
    return [outcome.err.count(note) for note in (REPLACED, REPEATED)] == [1, 1]


@pytest.mark.parametrize("options", [(), ("--json",), ("--dry-run",)])
def test_training_says_how_the_text_was_read(tmp_path: Path, damaged: Path, options: tuple[str, ...]) -> None:
    named = ("--corpus", damaged, "--encoding-errors", "replace", *SMALL, *SHORT)
    assert is_said_once(call(tmp_path, "--headless", "train", *named, *options))


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_quiet_training_does_not(tmp_path: Path, damaged: Path, options: tuple[str, ...]) -> None:
    named = ("--corpus", damaged, "--encoding-errors", "replace", *SMALL, *SHORT)
    assert call(tmp_path, "--headless", "train", *named, "--quiet", *options).err == ""


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_evaluation_says_it_too(trained: tuple[Path, Outcome], damaged: Path, options: tuple[str, ...]) -> None:
    named = ("--checkpoint", "tiny", "--corpus", damaged, "--encoding-errors", "replace")
    assert is_said_once(call(trained[0], "evaluate", *named, *options))


def test_a_text_with_nothing_to_say_about_is_read_in_silence(tmp_path: Path, corpus: Path) -> None:
    lines = train(tmp_path, corpus).err.splitlines()
    assert not [line for line in lines if line.startswith("babybert-tui:")]
