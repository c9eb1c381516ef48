"""A prepared text is found again by everything that it depends on, and by nothing else."""

import io
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from babybert_tui import parallel
from babybert_tui.cache import ENVIRONMENT, clear_cache, prepared_folder
from babybert_tui.corpora.holdout import hold_out
from babybert_tui.corpora.opening import open_corpus
from babybert_tui.errors import RequestError
from babybert_tui.settings import Settings
from babybert_tui.tokenization import encode_documents, make_tokenizer, save_tokenizer, train_vocabulary
from babybert_tui.training import tokenizing
from babybert_tui.training.preparation import Prepared, held_out_documents, prepare, training_data
from training.small_runs import small_settings, write_corpus

ROOT = Path(__file__).resolve().parents[2]


class GaveUpError(Exception):
    """Somebody has pressed Ctrl-C."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "cache"))
    return prepared_folder()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return small_settings(write_corpus(tmp_path / "days.txt", 40), sentence_objective="nsp")


def entries(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir()}


def made_by(folder: Path, settings: Settings) -> int:
    """How many parts had to be prepared for these settings."""
    before = entries(folder)
    prepare(settings)
    return len(entries(folder) - before)


def arrays_of(prepared: Prepared) -> list[np.ndarray]:
    return [array for side in (prepared.training, prepared.held_out) for array in vars(side).values()]


def assert_same(one: Prepared, two: Prepared) -> None:
    for ours, theirs in zip(arrays_of(one), arrays_of(two), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert one.corpus == replace(two.corpus, documents=one.corpus.documents)
    assert list(one.corpus.documents) == list(two.corpus.documents)
    assert one.vocabulary == two.vocabulary


def test_it_is_what_reading_splitting_and_tokenizing_give(settings: Settings) -> None:
    prepared, corpus = prepare(settings), open_corpus(settings.corpus)
    sides = [[corpus.documents[index] for index in side] for side in hold_out(corpus, settings.held_out_share)]
    pieces = train_vocabulary((sentence for document in sides[0] for sentence in document), settings.vocab_size)
    assert prepared.vocabulary.pieces == pieces
    tokenizer = make_tokenizer(pieces, max_length=settings.max_length)
    expected = [array for side in sides for array in vars(encode_documents(tokenizer, side)).values()]
    for ours, theirs in zip(arrays_of(prepared), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert prepared.corpus.sha256 == corpus.sha256
    assert held_out_documents(settings) == sides[1]


def test_the_second_time_everything_is_there_and_the_same(folder: Path, settings: Settings) -> None:
    first = prepare(settings)
    assert len(entries(folder)) == 2
    assert made_by(folder, settings) == 0
    assert_same(first, prepare(settings))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"text_field": "body"}, 2),
        ({"encoding_errors": "replace"}, 2),
        ({"held_out_share": 0.4}, 1),
        ({"vocab_size": 90}, 1),
        ({"cased": True}, 1),
        ({"max_length": 16, "mask_probability": 0.3, "masking": "span", "seed": 9, "batch_size": 3, "threads": 2}, 0),
        ({"sentence_objective": "none", "short_sequence_probability": 0.5, "hidden_size": 32, "max_steps": 5}, 0),
    ],
)
def test_only_what_matters_is_prepared_anew(
    folder: Path, settings: Settings, change: dict[str, Any], parts: int
) -> None:
    prepare(settings)
    assert made_by(folder, replace(settings, **change)) == parts


def test_another_text_is_prepared_anew_and_the_same_text_is_not(folder: Path, settings: Settings) -> None:
    prepare(settings)
    path = Path(settings.corpus)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"apple", b"apricot", 1))
    assert made_by(folder, settings) == 2
    path.write_bytes(content)
    assert made_by(folder, settings) == 0


def test_a_named_tokenizer_counts_by_its_content_and_the_settings_of_training_one_do_not(
    folder: Path, settings: Settings, tmp_path: Path
) -> None:
    pieces = prepare(settings).vocabulary.pieces
    for name, lowercase in (("a", True), ("b", False)):
        (tmp_path / name).mkdir()
        save_tokenizer(make_tokenizer(pieces, lowercase=lowercase), tmp_path / name)
    named = replace(settings, tokenizer=str(tmp_path / "a"))
    assert made_by(folder, named) == 1
    assert made_by(folder, replace(named, vocab_size=70, cased=True)) == 0
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    assert made_by(folder, replace(named, tokenizer=str(tmp_path / "copy"))) == 0
    assert made_by(folder, replace(named, tokenizer=str(tmp_path / "b"))) == 1
    assert prepare(named).vocabulary.tokenizer.get_vocab() == {piece: n for n, piece in enumerate(pieces)}


def test_several_processes_prepare_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    alone = prepare(settings)
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "another cache"))
    monkeypatch.setattr(parallel, "_PAYS_FROM", 1)
    monkeypatch.setattr(tokenizing, "_STRETCH_BYTES", 700)
    assert_same(alone, prepare(replace(settings, threads=2)))


@pytest.mark.parametrize("stage", ["looking at", "reading", "preparing", "tokenizing"])
def test_giving_up_leaves_nothing_and_the_next_try_is_whole(folder: Path, settings: Settings, stage: str) -> None:
    def give_up(message: str, share: float | None = None, /) -> None:
        if message.startswith(stage):
            raise GaveUpError

    with pytest.raises(GaveUpError):
        prepare(settings, progress=give_up)
    finished = {"looking at": 0, "reading": 0, "preparing": 1, "tokenizing": 1}[stage]
    assert len(entries(folder)) == finished
    assert not any(name.startswith(".") for name in entries(folder))
    assert len(prepare(settings).corpus.documents) == 40


def test_a_damaged_part_is_made_anew_with_a_note(folder: Path, settings: Settings) -> None:
    first = prepare(settings)
    assert not first.corpus.notes
    ids = next(folder.glob("*/training.uint16"))
    content = ids.read_bytes()
    ids.write_bytes(content[:-2] + b"\x07\x00")
    mended = prepare(settings)
    assert any("damaged" in note for note in mended.corpus.notes)
    assert ids.read_bytes() == content
    assert not prepare(settings).corpus.notes


def test_piped_text_is_found_again_by_its_content(folder: Path, settings: Settings) -> None:
    content = Path(settings.corpus).read_bytes()
    piped = replace(settings, corpus="-")
    first = prepare(piped, stdin=io.BytesIO(content))
    before = entries(folder)
    again = prepare(piped, stdin=io.BytesIO(content))
    assert entries(folder) == before
    assert first.corpus.sha256 == again.corpus.sha256 == prepare(settings).corpus.sha256
    assert first.corpus.name == "-"


@pytest.mark.parametrize("stage", ["reading the corpus", "preparing the vocabulary", "tokenizing"])
def test_another_program_may_clear_the_cache_meanwhile(folder: Path, settings: Settings, stage: str) -> None:
    """The text piped in, the text read and the tokens in the making all stay."""
    cleared: list[str] = []

    def clear(message: str, _share: float | None = None, /) -> None:
        if message == stage:
            clear_cache()
            cleared.append(message)

    text, piped = Path(settings.corpus).read_bytes(), replace(settings, corpus="-")
    prepared = prepare(piped, stdin=io.BytesIO(text), progress=clear)
    assert cleared
    assert_same(prepared, prepare(piped, stdin=io.BytesIO(text)))
    clear_cache()
    assert list(folder.iterdir()) == []


def test_a_text_that_is_changed_while_it_is_read_is_refused_and_not_kept(folder: Path, settings: Settings) -> None:
    path = Path(settings.corpus)
    text = path.read_bytes()

    def change(message: str, _share: float | None = None, /) -> None:
        if message == "reading the corpus":
            path.write_bytes(text.replace(b"a", b"o"))

    with pytest.raises(RequestError, match=r"days\.txt was changed while it was read"):
        prepare(settings, progress=change)
    path.write_bytes(text)
    assert entries(folder) == set()


def test_a_cache_that_cannot_be_written_to_is_said(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "file" / "cache"))
    notes = prepare(settings).corpus.notes
    assert len([one for one in notes if "cannot be written to: what was prepared is not kept" in one]) == 1


def test_it_is_told_how_far_it_is(settings: Settings) -> None:
    told: list[tuple[str, float | None]] = []
    prepare(settings, progress=lambda message, share=None, /: told.append((message, share)))
    stages = list(dict.fromkeys(message for message, _ in told))
    assert stages == ["looking at the corpus", "reading the corpus", "preparing the vocabulary", "tokenizing"]
    assert [share for _, share in told if share is not None][-1] == 1.0


def test_a_text_of_words_that_nothing_is_left_of_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n\n".join(f"\x01{sign}\x02" for sign in "abcd") + "\n\none\ntwo")
    (tmp_path / "b.txt").write_text("\n\n".join(f"{n}\x01\n\x01" for n in range(6)))
    with pytest.raises(RequestError):
        prepare(replace(settings, corpus=str(tmp_path / "b.txt")))


def test_a_start_from_the_cache_imports_no_transformers(settings: Settings) -> None:
    program = (
        "import sys\n"
        "from training.small_runs import small_settings\n"
        "from babybert_tui.training.preparation import prepare, training_data\n"
        "settings = small_settings(sys.argv[1])\n"
        "training_data(settings, prepare(settings))[1]\n"
        "print('transformers' in sys.modules, 'tokenizers.tools' in sys.modules)\n"
    )
    for _ in range(2):
        command = [sys.executable, "-c", program, settings.corpus]
        environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", ENVIRONMENT: str(prepared_folder().parent)}
        outcome = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert outcome.stdout.startswith("False")


def test_training_reads_from_files_mapped_into_memory(settings: Settings) -> None:
    prepared = prepare(settings)
    for array in arrays_of(prepared):
        assert isinstance(array.base, np.memmap)
        assert not array.flags.writeable
    assert training_data(settings, prepared)[1][0].tokens > 0


def test_short_rows_come_first_and_the_long_ones_begin_as_those_of_a_run_without(settings: Settings) -> None:
    prepared, until = prepare(settings), 7  # 70 %
    settings = replace(settings, max_length=24, batch_size=6, max_steps=10)
    without = training_data(settings, prepared)
    data = training_data(replace(settings, initial_max_length=12), prepared)
    for step in range(1, 11):
        (batch,) = data[step]
        rows, length = batch.input_ids.shape
        assert rows == (12 if step <= until else 6)
        assert length <= (12 if step <= until else 24)
    assert (data[until + 1][0].original_ids == without[1][0].original_ids).all()
