"""Tokenizers go to Hugging Face directories and come back; what is broken is said plainly."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE
from transformers import BertTokenizer

from babybert_tui.errors import RequestError
from babybert_tui.tokenization import (
    continuation_flags,
    load_tokenizer,
    make_tokenizer,
    save_tokenizer,
    vocabulary_of,
)

_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.txt")
_TEXT = "The Café walks, the cats [MASK] über"


def _directory(path: Path, vocabulary: list[str], *, lowercase: bool = True, max_length: int = 64) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    save_tokenizer(make_tokenizer(vocabulary, lowercase=lowercase, max_length=max_length), path)
    return path


def test_all_three_files_are_written(tmp_path: Path, vocabulary: list[str]) -> None:
    directory = _directory(tmp_path, vocabulary)
    assert sorted(file.name for file in directory.iterdir()) == sorted(_FILES)
    assert (directory / "vocab.txt").read_text(encoding="utf-8").split("\n") == [*vocabulary, ""]


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("removed", [None, "tokenizer.json", "vocab.txt"])
def test_transformers_reads_back_the_same_ids(
    tmp_path: Path, vocabulary: list[str], lowercase: bool, removed: str | None
) -> None:
    ours = make_tokenizer(vocabulary, lowercase=lowercase, max_length=64)
    directory = _directory(tmp_path, vocabulary, lowercase=lowercase)
    if removed:
        (directory / removed).unlink()
    theirs = BertTokenizer.from_pretrained(directory, local_files_only=True)
    assert theirs(_TEXT, "the cat")["input_ids"] == ours(_TEXT, "the cat")["input_ids"]
    assert theirs.model_max_length == 64


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("removed", [(), ("vocab.txt",), ("tokenizer.json",), ("vocab.txt", "tokenizer_config.json")])
def test_loading_gives_the_same_ids_from_either_file(
    tmp_path: Path, vocabulary: list[str], lowercase: bool, removed: tuple[str, ...]
) -> None:
    ours = make_tokenizer(vocabulary, lowercase=lowercase)
    directory = _directory(tmp_path, vocabulary, lowercase=lowercase)
    for name in removed:
        (directory / name).unlink()
    assert load_tokenizer(directory)(_TEXT)["input_ids"] == ours(_TEXT)["input_ids"]


def test_saving_twice_and_after_use_gives_the_same_bytes(tmp_path: Path, vocabulary: list[str]) -> None:
    tokenizer = make_tokenizer(vocabulary, max_length=64)
    first, second, third = (tmp_path / name for name in "abc")
    save_tokenizer(tokenizer, first)
    tokenizer(["the cat", "the"], padding=True, truncation=True, max_length=5)
    save_tokenizer(tokenizer, second)
    save_tokenizer(load_tokenizer(first), third)
    for name in ("tokenizer.json", "vocab.txt"):
        assert (first / name).read_bytes() == (second / name).read_bytes() == (third / name).read_bytes()
    assert (first / "tokenizer_config.json").read_bytes() == (second / "tokenizer_config.json").read_bytes()


def test_another_process_saves_the_same_bytes(tmp_path: Path, vocabulary: list[str]) -> None:
    here = _directory(tmp_path / "here", vocabulary)
    there = tmp_path / "there"
    program = (
        "import json, sys, pathlib\n"
        "from babybert_tui.tokenization import make_tokenizer, save_tokenizer\n"
        "save_tokenizer(make_tokenizer(json.loads(sys.argv[1]), max_length=64), pathlib.Path(sys.argv[2]))\n"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", program, json.dumps(vocabulary), str(there)], cwd=root, check=True)
    for name in _FILES:
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_a_directory_saved_by_transformers_is_read(tmp_path: Path, vocabulary: list[str]) -> None:
    theirs = BertTokenizer(vocab={token: number for number, token in enumerate(vocabulary)}, do_lower_case=False)
    theirs.add_tokens(["zebra"])
    theirs.save_pretrained(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert vocabulary_of(loaded) == [*vocabulary, "zebra"]
    assert loaded("The zebra")["input_ids"] == theirs("The zebra")["input_ids"]


def test_case_and_accents_go_only_where_lower_casing_is_wanted(vocabulary: list[str]) -> None:
    assert make_tokenizer(vocabulary).tokenize("The café") == ["the", "cafe"]
    assert make_tokenizer(vocabulary, lowercase=False).tokenize("The café") == ["The", "café"]


def test_continuation_flags_mark_the_pieces_within_words(vocabulary: list[str]) -> None:
    flags = continuation_flags(make_tokenizer(vocabulary))
    assert flags.shape == (len(vocabulary),)
    assert {token for token, flag in zip(vocabulary, flags, strict=True) if flag} == {
        token for token in vocabulary if token.startswith("##")
    }


def _only(directory: Path, name: str, content: bytes) -> None:
    (directory / name).write_bytes(content)


def _bpe(directory: Path) -> None:
    Tokenizer(BPE(vocab={"a": 0, "b": 1, "ab": 2}, merges=[("a", "b")])).save(str(directory / "tokenizer.json"))


_SPECIAL = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        pytest.param(lambda d: None, "neither tokenizer.json nor vocab.txt", id="no files"),
        pytest.param(lambda d: d.rmdir(), "no directory", id="no directory"),
        pytest.param(lambda d: _only(d, "tokenizer.json", b"{broken"), "not valid JSON", id="broken JSON"),
        pytest.param(lambda d: _only(d, "tokenizer.json", b"[" * 100_000), "not valid JSON", id="deep JSON"),
        pytest.param(lambda d: _only(d, "tokenizer.json", b"[]"), "JSON object", id="no object"),
        pytest.param(lambda d: _only(d, "tokenizer.json", b"{}"), "no WordPiece vocabulary", id="no model"),
        pytest.param(_bpe, "BPE", id="another kind"),
        pytest.param(lambda d: _only(d, "vocab.txt", b"\xff\xfe\n"), "not UTF-8", id="not UTF-8"),
        pytest.param(lambda d: _only(d, "vocab.txt", b""), r"has no \[PAD\]", id="empty vocabulary"),
        pytest.param(lambda d: _only(d, "vocab.txt", b"the\ncat\n"), r"has no \[PAD\], \[UNK\]", id="no specials"),
        pytest.param(lambda d: _only(d, "vocab.txt", _SPECIAL), "nothing but its special tokens", id="only specials"),
        pytest.param(lambda d: (d / "vocab.txt").mkdir(), "neither", id="folder for a file"),
    ],
)
def test_faults_are_one_request_error(tmp_path: Path, break_it, complaint: str) -> None:  # type: ignore[no-untyped-def]
    directory = tmp_path / "checkpoint"
    directory.mkdir()
    break_it(directory)
    with pytest.raises(RequestError, match=complaint):
        load_tokenizer(directory)


def test_the_network_is_never_asked(tmp_path: Path, vocabulary: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("socket.socket.connect", lambda *arguments: asked.append(arguments))
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **_: asked.append(arguments))
    load_tokenizer(_directory(tmp_path, vocabulary))
    with pytest.raises(RequestError, match="no directory"):
        load_tokenizer(Path("google-bert/bert-base-uncased"))
    assert not asked
