"""`runs`: the list, one run, several beside each other, deletion; and folders that are damaged."""

import json
import os
import pty
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from babybert_tui.training.runs import RunFolder
from headless.program import Outcome, call, spawn, train


@pytest.fixture
def place(tmp_path: Path, trained: tuple[Path, Outcome]) -> Path:
    """A folder of one's own with a copy of the finished run `tiny`."""
    shutil.copytree(trained[0] / "checkpoints", tmp_path / "checkpoints", symlinks=True)
    return tmp_path


def rewrite_metrics(place: Path, change: Callable[[list[str]], list[str]]) -> None:
    file = place / "checkpoints/tiny/metrics.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(change(lines)), encoding="utf-8")


def state_of(place: Path) -> str:
    (run,) = call(place, "runs", "--json").json["runs"]
    return str(run["state"])


def test_the_list_has_settings_and_results(place: Path, trained: tuple[Path, Outcome]) -> None:
    (run,) = call(place, "--headless", "runs", "--json").json["runs"]
    last = trained[1].of("evaluation")[-1]
    assert (run["run"], run["state"], run["step"], run["max_steps"]) == ("tiny", "finished", 6, 6)
    assert run["evaluation"] == last
    assert run["baselines"] == trained[1].events[0]["baselines"]
    assert run["settings"]["hidden_size"] == 16
    assert run["checkpoints"] == [3, 6]
    assert run["problem"] is None
    text = call(place, "runs").out
    assert text.splitlines()[1].split()[:4] == ["tiny", "finished", "6/6", f"{last['mlm_loss']:.3f}"]
    assert "hidden_size 16" in text


def test_list_is_another_word_for_it(place: Path) -> None:
    assert call(place, "runs", "list", "--json").out == call(place, "runs", "--json").out


def test_without_runs_it_says_so(tmp_path: Path) -> None:
    assert call(tmp_path, "runs", "--json").json["runs"] == []
    outcome = call(tmp_path, "runs")
    assert (outcome.code, outcome.out) == (0, "")
    assert "There are no runs in checkpoints" in outcome.err


def test_a_run_that_is_held_is_running(place: Path) -> None:
    with RunFolder(place / "checkpoints/tiny").held():
        assert state_of(place) == "running"
    assert state_of(place) == "finished"


def test_a_run_that_was_killed_is_interrupted(place: Path) -> None:
    shutil.rmtree(place / "checkpoints/tiny/step-000006")
    rewrite_metrics(place, lambda lines: lines[:-2])
    assert state_of(place) == "interrupted"


def test_a_run_that_was_stopped_says_so(place: Path) -> None:
    shutil.rmtree(place / "checkpoints/tiny/step-000006")
    rewrite_metrics(place, lambda lines: [*lines[:-1], lines[-1].replace('"finished"', '"stopped"')])
    assert state_of(place) == "stopped"


def test_an_extended_run_is_as_long_as_it_is_now(place: Path) -> None:
    event = {"event": "setting", "step": 6, "name": "max_steps", "value": 12}
    rewrite_metrics(place, lambda lines: [*lines, json.dumps(event) + "\n"])
    (run,) = call(place, "runs", "--json").json["runs"]
    assert (run["max_steps"], run["state"]) == (12, "interrupted")


def remove_record(run: Path) -> None:
    (run / "run.toml").unlink()


def tear_record(run: Path) -> None:
    (run / "run.toml").write_text("schema = 1\n[settings", encoding="utf-8")


def replace_record(run: Path) -> None:
    (run / "run.toml").write_text("settings = 3\n", encoding="utf-8")


def record_of_bytes(run: Path) -> None:
    (run / "run.toml").write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize("damage", [remove_record, tear_record, replace_record, record_of_bytes])
def test_a_damaged_record_is_one_line_and_the_run_can_be_deleted(damage: Callable[[Path], None], place: Path) -> None:
    damage(place / "checkpoints/tiny")
    for arguments in (("runs",), ("runs", "show", "tiny"), ("runs", "compare", "tiny", "tiny")):
        outcome = call(place, *arguments)
        assert outcome.code == 0
        assert "damaged" in outcome.out
        assert "tiny is damaged: " in outcome.err
        assert "Traceback" not in outcome.err
    assert call(place, "runs", "--json").json["runs"][0]["problem"]
    assert call(place, "runs", "delete", "tiny", "--yes").code == 0
    assert not (place / "checkpoints/tiny").exists()


@pytest.mark.parametrize(
    "tail", [b'{"event": "step", "st', b"\x00\xff\n", b'{"event": "evaluation"}\n', b"[1]\n", b'{"step": "x"}\n']
)
def test_torn_metrics_hide_nothing_else(tail: bytes, place: Path) -> None:
    with (place / "checkpoints/tiny/metrics.jsonl").open("ab") as file:
        file.write(tail)
    run = call(place, "runs", "show", "tiny", "--json").json
    assert run["state"] == "finished"
    assert [one["step"] for one in run["evaluations"]] == [0, 3, 6]
    assert call(place, "runs", "show", "tiny").code == 0


def test_numbers_that_json_has_not_become_null(place: Path) -> None:
    event = '{"event": "evaluation", "step": 6, "mlm_loss": NaN, "mlm_accuracy": Infinity, "elapsed_seconds": 1}\n'
    rewrite_metrics(place, lambda lines: [*lines, event])
    assert call(place, "runs", "--json").json["runs"][0]["evaluation"]["mlm_loss"] is None
    assert call(place, "runs").code == 0


def test_a_broken_manifest_is_no_trouble_for_the_list(place: Path) -> None:
    (place / "checkpoints/tiny/step-000006/manifest.json").write_text("{", encoding="utf-8")
    assert state_of(place) == "finished"


def test_show_says_all_that_is_known(place: Path) -> None:
    lines = call(place, "runs", "show", "tiny").out.splitlines()
    facts = dict(line.split(maxsplit=1) for line in lines[:9])
    assert facts["state"].startswith("finished, step 6 of 6")
    assert facts["checkpoints"] == "3, 6"
    assert facts["command"].startswith("babybert-tui --headless train --run tiny")
    assert [line.split("  ")[0] for line in lines[-3:]] == ["step 0", "step 3", "step 6"]


def test_compare_shows_what_differs_and_nothing_else(place: Path, corpus: Path) -> None:
    assert train(place, corpus, "--run", "other", "--max-steps", "6", "--learning-rate", "0.5", "--keep", "1").code == 0
    found = call(place, "runs", "compare", "tiny", "other", "--json").json
    assert found["differences"] == {"learning_rate": [0.003, 0.5]}
    assert [run["run"] for run in found["runs"]] == ["tiny", "other"]
    outcome = call(place, "runs", "compare", "tiny", "other")
    rows = {line.split("  ")[0]: line.split() for line in outcome.out.splitlines()}
    assert rows["learning_rate"][1:] == ["0.003", "0.5"]
    assert rows["MLM loss"][2:] == [f"{run['evaluation']['mlm_loss']:.3f}" for run in found["runs"]]
    assert outcome.err == ""


def before_there_were_rivals(lines: list[str]) -> list[str]:
    """The stream as it was written when only guessing was known."""
    events = [json.loads(line) for line in lines]
    for event in events:
        if event["event"] == "start":
            known = event["baselines"].items()
            event["baselines"] = {
                name: value for name, value in known if name.endswith(("uniform", "gram", "majority"))
            }
    return [json.dumps(event) + "\n" for event in events]


def test_runs_are_seen_beside_the_cheap_rivals(place: Path, trained: tuple[Path, Outcome]) -> None:
    known = trained[1].events[0]["baselines"]
    for arguments in (("show", "tiny"), ("compare", "tiny", "tiny")):
        lines = [line.split() for line in call(place, "runs", *arguments).out.splitlines()]
        said = [number for words in lines if words[:2] == ["cheap", "rivals"] for number in words[2:]]
        assert set(said) == {f"{known[name]:.3f}" for name in ("mlm_accuracy_count", "nsp_accuracy_overlap")}
    assert f"{known['mlm_accuracy_count']:.3f} (counted" in (place / "checkpoints/tiny/latest/README.md").read_text()


def test_runs_recorded_before_there_were_rivals_can_be_read(place: Path) -> None:
    rewrite_metrics(place, before_there_were_rivals)
    (run,) = call(place, "runs", "--json").json["runs"]
    assert run["baselines"]["mlm_accuracy_unigram"] > 0
    assert run["baselines"]["mlm_accuracy_count"] is None
    for arguments in (("show", "tiny"), ("compare", "tiny", "tiny")):
        outcome = call(place, "runs", *arguments)
        assert outcome.code == 0
        assert "without learning" in outcome.out
        assert "cheap rivals" not in outcome.out


def test_compare_warns_where_figures_do_not_compare(place: Path, corpus: Path, other_corpus: Path) -> None:
    assert train(place, other_corpus, "--run", "other", "--max-steps", "2").code == 0
    assert "trained on different texts" in call(place, "runs", "compare", "tiny", "other").err
    assert train(place, corpus, "--run", "smaller", "--max-steps", "2", "--vocab-size", "60").code == 0
    assert "only nats per word compare" in call(place, "runs", "compare", "tiny", "smaller").err


def test_compare_wants_two(place: Path) -> None:
    outcome = call(place, "runs", "compare", "tiny")
    assert outcome.code == 2
    assert "Name two runs or more." in outcome.err


@pytest.mark.parametrize("command", ["show", "delete"])
def test_a_run_that_is_not_there_is_told_with_the_nearest(command: str, place: Path) -> None:
    outcome = call(place, "runs", command, "tyni")
    assert (outcome.code, outcome.out) == (2, "")
    assert "Did you mean tiny?" in outcome.err


def test_a_name_cannot_lead_out_of_the_folder(place: Path) -> None:
    outcome = call(place, "runs", "delete", "../checkpoints", "--yes")
    assert outcome.code == 2
    assert (place / "checkpoints/tiny/run.toml").is_file()


def test_delete_asks_for_yes_where_there_is_no_terminal(place: Path) -> None:
    outcome = call(place, "runs", "delete", "tiny")
    assert outcome.code == 2
    assert "--yes" in outcome.err
    assert (place / "checkpoints/tiny/run.toml").is_file()


def test_delete_with_yes_deletes(place: Path) -> None:
    found = call(place, "runs", "delete", "tiny", "--yes", "--json").json
    assert (found["deleted"], found["path"]) == ("tiny", "checkpoints/tiny")
    assert found["bytes"] > 10_000
    assert not (place / "checkpoints/tiny").exists()


def test_a_run_in_use_is_not_deleted(place: Path) -> None:
    with RunFolder(place / "checkpoints/tiny").held():
        outcome = call(place, "runs", "delete", "tiny", "--yes")
    assert outcome.code == 2
    assert "in use" in outcome.err
    assert (place / "checkpoints/tiny/run.toml").is_file()


def test_a_folder_that_is_no_run_is_not_deleted(place: Path) -> None:
    mine = place / "checkpoints" / "mine"
    mine.mkdir()
    (mine / "config.json").write_text("{}", encoding="utf-8")
    assert call(place, "runs", "delete", "mine", "--yes").code == 2
    assert (mine / "config.json").is_file()
    assert [run["run"] for run in call(place, "runs", "--json").json["runs"]] == ["tiny"]


@pytest.mark.parametrize(("answer", "code", "stays"), [(b"n\n", 1, True), (b"y\n", 0, False)])
def test_delete_asks_on_a_terminal(answer: bytes, code: int, place: Path, *, stays: bool) -> None:
    ours, theirs = pty.openpty()
    process = spawn(place, "runs", "delete", "tiny", stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(ours, 1024)
    os.write(ours, answer)
    assert process.wait(timeout=60) == code
    os.close(ours)
    assert (place / "checkpoints/tiny/run.toml").is_file() is stays
