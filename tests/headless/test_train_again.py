"""The same command again: a run goes on, is finished, grows, starts anew; one process holds it at a time."""

import json
from pathlib import Path

import pytest

from babybert_tui.training.runs import RunFolder
from headless.program import Outcome, call, files_below, parse, train


def test_a_finished_run_says_its_start_and_its_end(trained: tuple[Path, Outcome], corpus: Path) -> None:
    directory, first = trained
    before = files_below(directory)
    again = train(directory, corpus, "--run", "tiny")
    assert again.code == 0
    assert [event["event"] for event in again.events] == ["start", "end"]
    assert again.events[-1]["state_sha256"] == first.events[-1]["state_sha256"]
    assert set(again.events[0]) == set(first.events[0])
    assert files_below(directory) == before


def test_a_finished_run_tells_a_person_where_it_is(trained: tuple[Path, Outcome], corpus: Path) -> None:
    directory, _ = trained
    given = [word for word in _command(directory) if word != "--json"]
    outcome = call(directory, *given, "--run", "tiny")
    assert outcome.code == 0
    assert outcome.out == "tiny is finished: checkpoints/tiny/step-000006\n"


def _command(directory: Path) -> list[str]:
    start = parse((directory / "checkpoints/tiny/metrics.jsonl").read_text(encoding="utf-8").splitlines()[0])
    settings = start["settings"]
    names = ("corpus", "hidden_size", "num_layers", "num_heads", "max_length", "vocab_size", "batch_size", "max_steps")
    options = [word for name in names for word in (f"--{name.replace('_', '-')}", str(settings[name]))]
    return ["--headless", "train", *options, "--threads", "1", "--precision", "fp32"]


def test_log_and_save_intervals_are_free_to_change(trained: tuple[Path, Outcome], corpus: Path) -> None:
    directory, _ = trained
    assert train(directory, corpus, "--run", "tiny", "--log-every", "1", "--save-every", "2", "--keep", "1").code == 0


def test_more_steps_extend_a_run_and_are_recorded(tmp_path: Path, corpus: Path) -> None:
    assert train(tmp_path, corpus, "--run", "grows", "--max-steps", "4").code == 0
    longer = train(tmp_path, corpus, "--run", "grows", "--max-steps", "8")
    assert longer.code == 0
    assert longer.of("setting") == [{"event": "setting", "step": 4, "name": "max_steps", "value": 8}]
    assert longer.events[-1]["step"] == 8
    lines = (tmp_path / "checkpoints/grows/metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [event["step"] for event in map(parse, lines) if event["event"] == "step"] == [2, 4, 6, 8]
    # The next one of the shorter length finds nothing to do: the run has its new length.
    assert train(tmp_path, corpus, "--run", "grows", "--max-steps", "8").events[-1]["step"] == 8


def test_restart_moves_the_old_run_aside(tmp_path: Path, corpus: Path) -> None:
    assert train(tmp_path, corpus, "--run", "anew", "--max-steps", "2").code == 0
    outcome = train(tmp_path, corpus, "--run", "anew", "--max-steps", "3", "--seed", "1", "--restart")
    assert outcome.code == 0
    assert outcome.events[0]["step"] == 0
    assert "anew.old-1" in outcome.err
    assert (tmp_path / "checkpoints/anew.old-1/step-000002/manifest.json").is_file()
    assert (tmp_path / "checkpoints/anew/step-000003/manifest.json").is_file()


def test_two_processes_cannot_hold_one_run(tmp_path: Path, corpus: Path) -> None:
    assert train(tmp_path, corpus, "--run", "held", "--max-steps", "2").code == 0
    with RunFolder(tmp_path / "checkpoints/held").held():
        outcome = train(tmp_path, corpus, "--run", "held", "--max-steps", "4")
    assert outcome.code == 2
    assert "The run held is in use by another process." in outcome.err
    assert train(tmp_path, corpus, "--run", "held", "--max-steps", "4").code == 0


@pytest.mark.parametrize("as_json", [True, False])
def test_a_dry_run_shows_the_plan_and_writes_nothing(tmp_path: Path, corpus: Path, *, as_json: bool) -> None:
    extra = ["--json"] if as_json else []
    outcome = call(tmp_path, "--headless", "train", "--corpus", corpus, "--hidden-size", "32", "--dry-run", *extra)
    assert outcome.code == 0
    assert files_below(tmp_path) == []
    if as_json:
        plan = json.loads(outcome.out)
        assert plan["run"] == "tiny-baby-1"
        assert plan["documents"] == 24
        assert plan["settings"]["hidden_size"] == 32
    else:
        assert "tiny-baby-1" in outcome.out
        assert "hidden_size" in outcome.out


def test_a_folder_that_is_no_run_is_left_alone(tmp_path: Path, corpus: Path) -> None:
    mine = tmp_path / "checkpoints" / "mine"
    mine.mkdir(parents=True)
    (mine / "thesis.txt").write_text("Years of work.", encoding="utf-8")
    outcome = train(tmp_path, corpus, "--run", "mine", "--restart")
    assert outcome.code == 2
    assert "exists and is no run" in outcome.err
    assert files_below(mine) == ["thesis.txt"]
