"""Requests that are wrong: one clear line, exit code 2, and nothing written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headless.conftest import write_corpus
from headless.program import SHORT, SMALL, call, files_below, train


def text(content: bytes) -> Callable[[Path], list[str]]:
    def arguments(directory: Path) -> list[str]:
        (directory / "text.txt").write_bytes(content)
        return ["--corpus", "text.txt"]

    return arguments


def folder_without_text(directory: Path) -> list[str]:
    (directory / "empty").mkdir()
    (directory / "empty" / "picture.png").write_bytes(b"\x89PNG")
    return ["--corpus", "empty"]


def named(*arguments: str) -> Callable[[Path], list[str]]:
    return lambda directory: ["--corpus", str(write_corpus(directory / "tiny.txt")), *arguments]


def unknown_key(directory: Path) -> list[str]:
    (directory / "babybert.toml").write_text("[train]\nlerning_rate = 1e-3\n", encoding="utf-8")
    return named()(directory)


FAULTS: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "empty corpus": (text(b""), "'text.txt' holds no text"),
    "corpus too small": (text(b"One.\nTwo.\n"), "'text.txt' is too small: 1 document and 2 sentences"),
    "invalid UTF-8": (text(b"Good.\nB\xffd.\n"), "byte 7"),
    "folder without text": (folder_without_text, "The folder 'empty' holds no text file"),
    "no such corpus": (lambda directory: ["--corpus", "storeis"], "Did you mean 'stories'?"),
    "heads that do not divide": (named("--num-heads", "3"), "hidden_size 16 is not divisible by num_heads 3"),
    "fractions": (
        named("--mask-token-fraction", "0.9", "--random-token-fraction", "0.2"),
        "mask_token_fraction 0.9 and random_token_fraction 0.2 add up to 1.1",
    ),
    "a learning rate of nan": (named("--learning-rate", "nan"), "'--learning-rate': 'nan' is not a finite number"),
    "an unknown key": (unknown_key, "there is no setting called lerning_rate. Did you mean learning_rate?"),
    "a name that is none": (named("--run", "../escape"), "'../escape' is no name for a run"),
    "nothing to go on with": (named("--run", "gone", "--resume"), "There is no run gone"),
    "a tokenizer that is not there": (named("--tokenizer", "nowhere"), "There is no directory nowhere"),
    "a checkpoint that is not there": (named("--checkpoint", "nowhere"), "no run called nowhere"),
    "a device that is not there": (named("--device", "mps"), "mps is not available"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_request_is_one_line_and_writes_nothing(fault: str, tmp_path: Path) -> None:
    arguments, expected = FAULTS[fault]
    given = arguments(tmp_path)
    before = files_below(tmp_path)
    outcome = call(tmp_path, "--headless", "train", *SMALL, *SHORT, "--quiet", *given)
    complaints = [line for line in outcome.err.splitlines() if not line.startswith("Try '")]
    assert outcome.code == 2, outcome.err
    assert outcome.out == ""
    assert len(complaints) == 1
    assert complaints[0].startswith("babybert-tui: ")
    assert expected in complaints[0]
    assert files_below(tmp_path) == before


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    outcome = call(tmp_path, "--headless", "train", "--hidden-size", "0", "--max-length", "3")
    assert outcome.code == 2
    assert "hidden_size must be at least 1" in outcome.err
    assert "max_length must be at least 5" in outcome.err


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    outcome = call(tmp_path, "--headless", "--checkpoints-dir", "file/below", "train", "--corpus", corpus, "--quiet")
    assert outcome.code == 2
    assert "file is no folder" in outcome.err
    assert files_below(tmp_path) == ["file"]


def test_an_unwritable_folder_is_refused(tmp_path: Path, corpus: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    # To root no folder of its own is locked, but nobody can make one in /proc.
    place = Path("/proc") if os.access(locked, os.W_OK) else locked
    outcome = call(
        tmp_path, "--headless", "--checkpoints-dir", place / "below", "train", "--corpus", corpus, *SMALL, "--quiet"
    )
    assert outcome.code == 2
    assert str(place) in outcome.err
    assert len(outcome.err.splitlines()) == 1
    assert files_below(tmp_path) == ["locked"]


def test_with_json_the_error_is_an_event_too(tmp_path: Path) -> None:
    outcome = call(tmp_path, "--headless", "train", "--corpus", "storeis", "--json", "--quiet")
    assert outcome.code == 2
    (event,) = outcome.events
    assert event["event"] == "error"
    assert event["message"] in outcome.err


def test_a_run_of_other_settings_is_refused_with_the_differences(tmp_path: Path, corpus: Path) -> None:
    assert train(tmp_path, corpus, "--run", "one", "--max-steps", "2").code == 0
    before = files_below(tmp_path)
    outcome = train(tmp_path, corpus, "--run", "one", "--max-steps", "2", "--learning-rate", "0.5", "--seed", "7")
    assert outcome.code == 2
    assert "learning_rate is 0.003 there, 0.5 here" in outcome.err
    assert "seed is 0 there, 7 here" in outcome.err
    assert files_below(tmp_path) == before


def test_a_run_of_another_text_is_refused(tmp_path: Path) -> None:
    text_file = write_corpus(tmp_path / "tiny.txt")
    assert train(tmp_path, text_file, "--run", "one", "--max-steps", "2").code == 0
    write_corpus(tmp_path / "tiny.txt", animal="dog")
    outcome = train(tmp_path, text_file, "--run", "one", "--max-steps", "4")
    assert outcome.code == 2
    assert "is not the one that the run one was started with" in outcome.err
