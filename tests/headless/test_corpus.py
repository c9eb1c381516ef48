"""`corpus`: what is counted, what is shown, and that samples are what the model would be given."""

from pathlib import Path
from typing import Any

import pytest

from headless.program import call

FIELDS = {
    "schema", "corpus", "format", "documents", "held_out_documents", "sentences", "words", "tokens", "vocabulary_size",
    "duplicates_dropped", "baselines", "pairs",
}  # fmt: skip


@pytest.fixture
def reading(tmp_path: Path, corpus: Path) -> dict[str, Any]:
    return call(tmp_path, "corpus", "--corpus", corpus, "--max-length", "32", "--json").json


def test_the_object_has_the_fields_and_counts_everything(reading: dict[str, Any], corpus: Path) -> None:
    assert set(reading) == FIELDS
    assert reading["corpus"] == str(corpus)
    assert reading["format"].startswith("one sentence a line")
    assert (reading["documents"], reading["sentences"]) == (24, 24 * 5)
    assert reading["words"] == len(corpus.read_text(encoding="utf-8").split())
    assert reading["tokens"] > reading["words"]
    assert reading["duplicates_dropped"] == 0


def test_training_says_the_same_of_the_text(reading: dict[str, Any], tmp_path: Path, corpus: Path) -> None:
    start = call(
        tmp_path, "train", "--corpus", corpus, "--max-length", "32", "--max-steps", "1", "--threads", "1", "--json"
    ).events[0]
    for name in ("documents", "held_out_documents", "vocabulary_size", "baselines"):
        assert reading[name] == start[name]


def test_samples_are_laid_out_and_masked_as_in_training(reading: dict[str, Any]) -> None:
    for pair in reading["pairs"]:
        tokens, segments = pair["tokens"], pair["segments"]
        ends = [position for position, token in enumerate(tokens) if token == "[SEP]"]
        assert tokens[0] == "[CLS]"
        assert len(tokens) == len(segments) <= 32
        assert len(ends) == 2
        assert ends[-1] == len(tokens) - 1
        assert segments == [0] * (ends[0] + 1) + [1] * (len(tokens) - ends[0] - 1)
        assert len(pair["masked"]) == max(1, round(0.15 * len(tokens)))
        for masked in pair["masked"]:
            assert set(masked) == {"position", "original", "shown", "fate"}
            assert tokens[masked["position"]] == masked["shown"]
            assert masked["original"] not in ("[CLS]", "[SEP]", "[PAD]", "[MASK]")
            assert (masked["shown"] == "[MASK]") == (masked["fate"] == "mask")
            assert masked["fate"] != "kept" or masked["shown"] == masked["original"]
    assert {pair["is_next"] for pair in reading["pairs"]} == {True, False}


def test_masking_options_concern_the_samples(tmp_path: Path, corpus: Path) -> None:
    options = ("--mask-probability", "0.5", "--mask-token-fraction", "0", "--random-token-fraction", "0")
    for pair in call(tmp_path, "corpus", "--corpus", corpus, *options, "--json").json["pairs"]:
        assert len(pair["masked"]) == round(0.5 * len(pair["tokens"]))
        assert {masked["fate"] for masked in pair["masked"]} == {"kept"}


def test_without_pairs_there_is_no_verdict(tmp_path: Path, corpus: Path) -> None:
    reading = call(tmp_path, "corpus", "--corpus", corpus, "--sentence-objective", "none", "--json").json
    assert reading["baselines"]["nsp_accuracy_majority"] is reading["baselines"]["nsp_accuracy_overlap"] is None
    assert reading["baselines"]["mlm_accuracy_count"] > reading["baselines"]["mlm_accuracy_unigram"]
    for pair in reading["pairs"]:
        assert pair["is_next"] is None
        assert set(pair["segments"]) == {0}


def test_a_person_sees_how_the_text_was_read(tmp_path: Path, corpus: Path) -> None:
    outcome = call(tmp_path, "--headless", "corpus", "--corpus", corpus)
    assert outcome.code == 0
    assert f"{corpus}: one sentence a line" in " ".join(outcome.out.split())
    assert "1  Anna found the apple." in outcome.out
    for how in (
        'always saying "',
        "between the same two neighbours",
        "the larger class",
        "words the two segments share",
    ):
        assert how in outcome.out
    assert "knowing how the stories are made" not in outcome.out
    assert "Sample 3" in outcome.out
    assert "B follows A" in outcome.out
    assert "B is from another document" in outcome.out
    assert "\u25b2was " in outcome.out
    assert "\x1b" not in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


@pytest.mark.parametrize("width", [60, 200])
def test_it_fits_the_width(width: int, tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = call(tmp_path, "corpus", "--corpus", corpus).out.splitlines()
    assert max(map(len, lines)) <= width


def test_a_long_sentence_takes_one_line(tmp_path: Path) -> None:
    documents = "\n".join(f"Number {number} {'and on ' * 20}.\nIt ended.\n" for number in range(8))
    (tmp_path / "long.txt").write_text(documents, encoding="utf-8")
    lines = call(tmp_path, "corpus", "--corpus", "long.txt").out.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("  1  Number 0"))
    assert lines[first].endswith("…")
    assert lines[first + 1] == "  2  It ended."


def test_escapes_of_a_text_are_shown_and_not_sent(tmp_path: Path) -> None:
    documents = "\n".join(f"Red \x1b[31m number {number}.\nIt glowed.\n" for number in range(8))
    (tmp_path / "evil.txt").write_text(documents, encoding="utf-8")
    outcome = call(tmp_path, "corpus", "--corpus", "evil.txt")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    assert "Red \u241b[31m number 0." in outcome.out


def test_notes_are_on_stderr_beside_json(tmp_path: Path, corpus: Path) -> None:
    outcome = call(tmp_path, "corpus", "--corpus", corpus, "--text-field", "body", "--json")
    assert "the text field has no effect" in outcome.err
    assert set(outcome.json) == FIELDS


def test_settings_of_other_kinds_in_a_file_are_no_trouble(tmp_path: Path, corpus: Path) -> None:
    content = f'[train]\ncorpus = "{corpus}"\nhidden_size = 7\nnum_heads = 2\nmax_length = 16\n'
    (tmp_path / "babybert.toml").write_text(content, encoding="utf-8")
    reading = call(tmp_path, "corpus", "--json").json
    assert reading["documents"] == 24
    assert max(len(pair["tokens"]) for pair in reading["pairs"]) <= 16


def test_a_corpus_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    outcome = call(tmp_path, "corpus", "--corpus", "storeis", "--json")
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1


def test_of_the_stories_it_says_what_the_best_possible_is(tmp_path: Path) -> None:
    reading = call(tmp_path, "corpus", "--json").json["baselines"]
    shown = [line.strip() for line in call(tmp_path, "corpus").out.splitlines()]
    for task in ("mlm", "nsp"):
        best, error = (reading[f"{task}_accuracy_oracle{kind}"] for kind in ("", "_error"))
        assert reading["mlm_accuracy_count"] < best <= 1
        assert 0 < error < 0.05
        assert f"{best:.3f} ± {error:.3f} at best, knowing how the stories are made" in shown
