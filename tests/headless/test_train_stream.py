"""The stream of `train --json`, field by field, and what else training prints."""

import math
from pathlib import Path

import pytest

from babybert_tui.headless.report import JsonReport, QuietReport, TextReport
from headless.program import SHORT, SMALL, Outcome, call, parse, train

STEP_FIELDS = {
    "event", "step", "loss", "mlm_loss", "nsp_loss", "mlm_accuracy", "nsp_accuracy", "learning_rate", "tokens",
    "tokens_per_second", "elapsed_seconds",
}  # fmt: skip
EVALUATION_FIELDS = {
    "event", "step", "mlm_loss", "mlm_accuracy", "mlm_nats_per_word", "nsp_loss", "nsp_accuracy", "elapsed_seconds",
}  # fmt: skip


@pytest.fixture
def outcome(trained: tuple[Path, Outcome]) -> Outcome:
    return trained[1]


def test_the_events_come_in_order_and_nothing_else_is_on_stdout(outcome: Outcome) -> None:
    assert outcome.code == 0
    assert [(event["event"], event["step"]) for event in outcome.events] == [
        ("start", 0),
        ("evaluation", 0),
        ("step", 2),
        ("evaluation", 3),
        ("checkpoint", 3),
        ("step", 4),
        ("step", 6),
        ("evaluation", 6),
        ("checkpoint", 6),
        ("end", 6),
    ]


def test_the_start_says_what_is_trained_on_what(outcome: Outcome, corpus: Path) -> None:
    start = outcome.events[0]
    assert set(start) == {
        "schema", "event", "step", "run", "path", "settings", "parameters", "vocabulary_size", "documents",
        "held_out_documents", "training_tokens", "baselines",
    }  # fmt: skip
    assert (start["schema"], start["run"], start["path"]) == (1, "tiny", "checkpoints/tiny")
    assert start["documents"] == 24
    assert start["held_out_documents"] >= 2
    assert start["settings"]["corpus"] == str(corpus)
    assert start["settings"]["intermediate_size"] == 64
    assert start["settings"]["device"] == "cpu"


def test_the_baselines_are_what_guessing_and_cheap_rivals_reach(outcome: Outcome) -> None:
    start = outcome.events[0]
    baselines = start["baselines"]
    assert set(baselines) == {
        "mlm_loss_uniform", "mlm_loss_unigram", "mlm_accuracy_unigram", "nsp_accuracy_majority", "mlm_accuracy_count",
        "nsp_accuracy_overlap", "mlm_accuracy_oracle", "mlm_accuracy_oracle_error", "nsp_accuracy_oracle",
        "nsp_accuracy_oracle_error",
    }  # fmt: skip
    assert baselines["mlm_accuracy_unigram"] < baselines["mlm_accuracy_count"] < 1
    assert 0 < baselines["nsp_accuracy_overlap"] <= 1
    assert baselines["mlm_accuracy_oracle"] is baselines["nsp_accuracy_oracle"] is None  # no generated text
    assert baselines["mlm_loss_uniform"] == pytest.approx(math.log(start["vocabulary_size"]))
    assert baselines["mlm_loss_unigram"] < baselines["mlm_loss_uniform"]
    assert 0.5 <= baselines["nsp_accuracy_majority"] <= 1


def test_a_step_has_its_fields_and_its_loss_is_the_sum(outcome: Outcome) -> None:
    for step in outcome.of("step"):
        assert set(step) == STEP_FIELDS
        assert step["loss"] == pytest.approx(step["mlm_loss"] + step["nsp_loss"])
        assert 0 <= step["mlm_accuracy"] <= 1
    tokens = [step["tokens"] for step in outcome.of("step")]
    assert tokens == sorted(tokens)
    assert tokens[-1] <= 6 * 4 * 24


def test_an_evaluation_has_its_fields(outcome: Outcome) -> None:
    for evaluation in outcome.of("evaluation"):
        assert set(evaluation) == EVALUATION_FIELDS
        assert evaluation["mlm_nats_per_word"] > 0


def test_the_end_names_the_last_checkpoint(outcome: Outcome) -> None:
    saved, end = outcome.of("checkpoint")[-1], outcome.events[-1]
    assert set(saved) == {"event", "step", "path", "state_sha256"}
    assert set(end) == {"event", "step", "reason", "checkpoint", "state_sha256", "elapsed_seconds"}
    assert end["reason"] == "finished"
    assert end["checkpoint"] == saved["path"] == "checkpoints/tiny/step-000006"
    assert end["state_sha256"] == saved["state_sha256"]
    assert len(end["state_sha256"]) == 64


def test_the_file_holds_the_stream(trained: tuple[Path, Outcome]) -> None:
    directory, outcome = trained
    lines = (directory / "checkpoints/tiny/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [parse(line) for line in lines] == outcome.events


def test_without_a_sentence_objective_its_fields_are_null(tmp_path: Path, corpus: Path) -> None:
    outcome = train(tmp_path, corpus, "--sentence-objective", "none", "--max-steps", "2")
    assert outcome.code == 0
    assert outcome.events[0]["baselines"]["nsp_accuracy_majority"] is None
    for event in (*outcome.of("step"), *outcome.of("evaluation")):
        assert event["nsp_loss"] is None
        assert event["nsp_accuracy"] is None


def test_without_a_name_each_start_is_a_new_run(tmp_path: Path, corpus: Path) -> None:
    runs = [train(tmp_path, corpus, "--max-steps", "1").events[0]["run"] for _ in range(2)]
    assert runs == ["tiny-baby-1", "tiny-baby-2"]


def test_progress_goes_to_stderr_and_quiet_stops_it(tmp_path: Path, corpus: Path) -> None:
    assert "step 2/2" in train(tmp_path, corpus, "--max-steps", "2").err
    assert train(tmp_path, corpus, "--max-steps", "2", "--quiet").err == ""


def test_quiet_text_prints_nothing_at_all(tmp_path: Path, corpus: Path) -> None:
    outcome = call(tmp_path, "--headless", "train", "--corpus", corpus, *SMALL, *SHORT, "--quiet")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")
    assert (tmp_path / "checkpoints/tiny-baby-1/latest/model.safetensors").is_file()


@pytest.mark.parametrize("report", [QuietReport, JsonReport, TextReport])
def test_escapes_in_a_message_are_shown_and_not_sent(
    report: type[QuietReport], capsys: pytest.CaptureFixture[str]
) -> None:
    report().message("a\x1b[31m.txt was passed over\n")
    assert capsys.readouterr().err == "babybert-tui: a\u241b[31m.txt was passed over\u240a\n"


def test_a_person_sees_the_figures_under_those_without_learning(tmp_path: Path, corpus: Path) -> None:
    outcome = call(tmp_path, "--headless", "train", "--corpus", corpus, *SMALL, *SHORT, "--run", "seen")
    lines = outcome.out.splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("held out"))
    assert " ".join(lines[head].split()) == "held out MLM loss accuracy nats/word NSP loss accuracy time"
    assert lines[head + 1].startswith("without learning")
    assert lines[head + 2].startswith("cheap rivals")
    assert [line.split("  ")[0] for line in lines[head + 3 : head + 6]] == ["step 0", "step 3", "step 6"]
    assert lines[-1].startswith("finished after ")
    assert lines[-1].endswith("saved in checkpoints/seen/step-000006")
    assert max(map(len, lines[head:])) <= 80
    assert "\x1b" not in outcome.out + outcome.err
