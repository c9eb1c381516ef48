"""A run that was interrupted ends as if it had not been."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from babybert_tui.errors import RequestError
from babybert_tui.training.events import Ended, Event, Saved, Stepped
from babybert_tui.training.runs import RunFolder
from babybert_tui.training.session import TrainingSession
from training.small_runs import (
    RUN,
    digest_of,
    is_finished,
    metrics_of,
    opened,
    small_settings,
    stop_at,
    train,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def steps_logged(directory: Path) -> list[int]:
    return [entry["step"] for entry in metrics_of(directory) if entry["event"] == "step"]


def test_two_fresh_runs_end_in_the_same_state(corpus: Path, tmp_path: Path, uninterrupted: str) -> None:
    assert digest_of(train(small_settings(corpus), tmp_path)) == uninterrupted
    assert digest_of(train(small_settings(corpus, seed=1), tmp_path / "other")) != uninterrupted


@pytest.mark.slow
@pytest.mark.parametrize("step", range(1, 12))
def test_interrupted_at_any_step_a_run_ends_in_the_same_state(
    step: int, corpus: Path, tmp_path: Path, uninterrupted: str
) -> None:
    first = train(small_settings(corpus), tmp_path, stop_at(step))
    assert isinstance(first[-1], Ended)
    assert (first[-1].step, first[-1].reason) == (step, "interrupted")
    second = train(small_settings(corpus), tmp_path)
    assert digest_of(second) == uninterrupted
    assert second[0].step == step
    assert steps_logged(tmp_path) == list(range(1, 13))


def test_the_corpus_makes_the_run_cross_epochs(corpus: Path, tmp_path: Path) -> None:
    """Else the tests above would show less than they seem to."""
    with opened(small_settings(corpus), tmp_path) as session:
        assert 1 < session.data.position_at(12).epoch + 1 < 6
        assert session.data.position_at(12).examples_before % 6


@pytest.mark.parametrize("step", [7, 8, 11])
def test_a_run_that_begins_with_short_rows_resumes_at_the_change_and_when_it_is_made_longer(
    step: int, corpus: Path, tmp_path: Path
) -> None:
    settings = small_settings(corpus, initial_max_length=12)
    whole = digest_of(train(settings, tmp_path / "whole"))
    train(settings, tmp_path / "parts", stop_at(step))
    assert digest_of(train(settings, tmp_path / "parts")) == whole
    longer = small_settings(corpus, initial_max_length=12, max_steps=14)
    train(longer, tmp_path / "whole")
    train(longer, tmp_path / "parts", stop_at(13))
    train(longer, tmp_path / "parts")
    lengths = [entry["tokens"] for entry in metrics_of(tmp_path / "whole") if entry["event"] == "step"]
    assert lengths == [entry["tokens"] for entry in metrics_of(tmp_path / "parts") if entry["event"] == "step"]


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adamw", "learning_rate": 1e-2},
        {"gradient_accumulation": 3, "batch_size": 2},
        {"precision": "bf16"},
        {"masking": "span", "sentence_objective": "sop"},
        {"masking": "whole-word", "sentence_objective": "none"},
        {"initial_max_length": 12},
    ],
)
def test_other_settings_resume_as_exactly(changes: dict[str, Any], corpus: Path, tmp_path: Path) -> None:
    settings = small_settings(corpus, **changes)
    whole = digest_of(train(settings, tmp_path / "whole"))
    for step in (4, 9):
        train(settings, tmp_path / "parts", stop_at(step))
    assert digest_of(train(settings, tmp_path / "parts")) == whole


def test_a_run_that_was_killed_goes_on_from_its_last_checkpoint(
    corpus: Path, tmp_path: Path, uninterrupted: str
) -> None:
    """What was logged after the checkpoint is logged anew, also where the last line is torn."""
    with opened(small_settings(corpus), tmp_path) as session:
        events = session.events()
        while not (isinstance(event := next(events), Stepped) and event.step == 8):
            pass
        events.close()  # no end event, no checkpoint: as after kill -9
    log = tmp_path / RUN / "metrics.jsonl"
    assert steps_logged(tmp_path) == list(range(1, 9))
    with log.open("ab") as file:
        file.write(b'{"event": "step", "step": 9, "lo')
    second = train(small_settings(corpus), tmp_path)
    assert second[0].step == 5
    assert digest_of(second) == uninterrupted
    assert steps_logged(tmp_path) == list(range(1, 13))
    evaluations = [entry["step"] for entry in metrics_of(tmp_path) if entry["event"] == "evaluation"]
    assert evaluations == [0, 6, 12]


def test_a_run_killed_before_its_first_checkpoint_begins_again(
    corpus: Path, tmp_path: Path, uninterrupted: str
) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        events = session.events()
        while not (isinstance(event := next(events), Stepped) and event.step == 3):
            pass
        events.close()
    assert digest_of(train(small_settings(corpus), tmp_path)) == uninterrupted
    assert steps_logged(tmp_path) == list(range(1, 13))


def test_a_run_stopped_before_its_first_step_evaluates_once(corpus: Path, tmp_path: Path, uninterrupted: str) -> None:
    def stop_at_once(session: TrainingSession, event: Event) -> None:
        if event.name == "evaluation":
            session.orders.stop("stopped")

    first = train(small_settings(corpus), tmp_path, stop_at_once)
    assert (first[-1].step, first[-1].reason) == (0, "stopped")  # type: ignore[attr-defined]
    assert digest_of(train(small_settings(corpus), tmp_path)) == uninterrupted
    evaluations = [entry["step"] for entry in metrics_of(tmp_path) if entry["event"] == "evaluation"]
    assert evaluations == [0, 6, 12]


def test_metrics_and_losses_are_those_of_the_uninterrupted_run(corpus: Path, tmp_path: Path) -> None:
    def told(directory: Path) -> list[tuple[Any, ...]]:
        volatile = {"tokens_per_second", "elapsed_seconds"}
        kept = [entry for entry in metrics_of(directory) if entry["event"] in ("step", "evaluation")]
        return [tuple((name, value) for name, value in entry.items() if name not in volatile) for entry in kept]

    train(small_settings(corpus), tmp_path / "whole")
    train(small_settings(corpus), tmp_path / "parts", stop_at(7))
    train(small_settings(corpus), tmp_path / "parts")
    assert told(tmp_path / "parts") == told(tmp_path / "whole")


def flip_a_bit(path: Path, place: float = 0.7) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "damage", ["model.safetensors", "optimizer.safetensors", "vocab.txt", "config.json", "manifest"]
)
def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(
    damage: str, corpus: Path, tmp_path: Path, uninterrupted: str
) -> None:
    train(small_settings(corpus), tmp_path, stop_at(11))
    newest = tmp_path / RUN / "step-000011"
    if damage == "manifest":
        (newest / "manifest.json").unlink()
    else:
        flip_a_bit(newest / damage)
    warnings: list[str] = []
    second = train(small_settings(corpus), tmp_path, warnings=warnings)
    assert second[0].step == 10
    assert any("step-000011" in warning for warning in warnings)
    assert digest_of(second) == uninterrupted
    assert steps_logged(tmp_path) == list(range(1, 13))


def test_damaged_checkpoints_do_not_crowd_out_whole_ones(corpus: Path, tmp_path: Path, uninterrupted: str) -> None:
    """`keep` counts what can be resumed from; a damaged newer one must not cost the one just written its place."""
    settings = small_settings(corpus, keep=1)
    train(settings, tmp_path, stop_at(11))
    flip_a_bit(tmp_path / RUN / "step-000011" / "model.safetensors")
    second = train(settings, tmp_path, stop_at(3))
    assert isinstance(second[-1], Ended)
    assert second[-1].checkpoint is not None
    assert (Path(second[-1].checkpoint) / "model.safetensors").is_file()
    assert (tmp_path / RUN / "latest" / "model.safetensors").is_file()
    third = train(settings, tmp_path)
    assert third[0].step == 3
    assert digest_of(third) == uninterrupted


def test_a_finished_run_has_nothing_left_to_do(corpus: Path, tmp_path: Path) -> None:
    train(small_settings(corpus), tmp_path)
    before = (tmp_path / RUN / "metrics.jsonl").read_bytes()
    assert is_finished(small_settings(corpus), tmp_path)
    assert is_finished(small_settings(corpus, log_every=3, keep=1), tmp_path)
    assert (tmp_path / RUN / "metrics.jsonl").read_bytes() == before


def test_a_larger_number_of_steps_extends_a_run_and_is_recorded(corpus: Path, tmp_path: Path) -> None:
    train(small_settings(corpus), tmp_path)
    events = train(small_settings(corpus, max_steps=20), tmp_path)
    assert events[-1].step == 20
    assert steps_logged(tmp_path) == list(range(1, 21))
    changes = [entry for entry in metrics_of(tmp_path) if entry["event"] == "setting"]
    assert changes == [{"event": "setting", "step": 12, "name": "max_steps", "value": 20}]
    assert is_finished(small_settings(corpus, max_steps=20), tmp_path)


def test_an_extended_run_resumes_to_the_same_state_too(corpus: Path, tmp_path: Path) -> None:
    train(small_settings(corpus), tmp_path / "whole")
    whole = train(small_settings(corpus, max_steps=20), tmp_path / "whole")
    train(small_settings(corpus), tmp_path / "parts", stop_at(7))
    train(small_settings(corpus), tmp_path / "parts")
    train(small_settings(corpus, max_steps=20), tmp_path / "parts", stop_at(14))
    parts = train(small_settings(corpus, max_steps=20), tmp_path / "parts")
    assert digest_of(parts) == digest_of(whole)
    assert steps_logged(tmp_path / "parts") == list(range(1, 21))


@pytest.mark.parametrize(
    "changes",
    [{"learning_rate": 1e-4}, {"batch_size": 7}, {"seed": 3}, {"dropout": 0.2}, {"max_steps": 5}, {"masking": "span"}],
)
def test_other_settings_are_refused_and_nothing_is_touched(
    changes: dict[str, Any], corpus: Path, tmp_path: Path
) -> None:
    train(small_settings(corpus), tmp_path, stop_at(6))
    before = {path: path.read_bytes() for path in (tmp_path / RUN).rglob("*") if path.is_file()}
    with pytest.raises(RequestError, match=next(iter(changes))), opened(small_settings(corpus, **changes), tmp_path):
        pass
    assert {path: path.read_bytes() for path in (tmp_path / RUN).rglob("*") if path.is_file()} == before


def test_another_text_is_refused(corpus: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    shutil.copy(corpus, text)
    train(small_settings(text), tmp_path / "runs", stop_at(3))
    text.write_text(text.read_text(encoding="utf-8").replace("anna", "nora"), encoding="utf-8")
    with pytest.raises(RequestError, match="not the one"), opened(small_settings(text), tmp_path / "runs"):
        pass


# Live changes.


def change_at(changes: dict[int, tuple[str, Any]], stop: int | None = None) -> Any:
    def order(session: TrainingSession, event: Event) -> None:
        if event.name == "step" and event.step in changes:
            session.change(*changes[event.step])
        if event.name == "step" and event.step == stop:
            session.orders.stop()

    return order


CHANGES = {
    3: ("learning_rate", 5e-4),
    4: ("masking", "span"),
    6: ("mask_probability", 0.3),
    8: ("sentence_weight", 0.25),
}


def test_live_changes_are_recorded_and_in_force_from_the_next_update(corpus: Path, tmp_path: Path) -> None:
    events = train(small_settings(corpus), tmp_path, change_at(CHANGES))
    recorded = [entry for entry in metrics_of(tmp_path) if entry["event"] == "setting"]
    assert recorded == [
        {"event": "setting", "step": step, "name": name, "value": value} for step, (name, value) in CHANGES.items()
    ]
    steps = {event.step: event for event in events if isinstance(event, Stepped)}
    assert steps[3].learning_rate > 5e-4 >= steps[4].learning_rate
    assert steps[9].loss == pytest.approx(steps[9].mlm_loss + 0.25 * (steps[9].nsp_loss or 0))
    assert steps[8].loss == pytest.approx(steps[8].mlm_loss + (steps[8].nsp_loss or 0))


@pytest.mark.parametrize("stop", [4, 7, 10])
def test_live_changes_are_replayed_when_a_run_goes_on(
    stop: int, corpus: Path, tmp_path: Path, uninterrupted: str
) -> None:
    whole = digest_of(train(small_settings(corpus), tmp_path / "whole", change_at(CHANGES)))
    assert whole != uninterrupted
    train(small_settings(corpus), tmp_path / "parts", change_at(CHANGES, stop))
    later = {step: change for step, change in CHANGES.items() if step > stop}
    assert digest_of(train(small_settings(corpus), tmp_path / "parts", change_at(later))) == whole


def test_live_changes_after_the_checkpoint_are_replayed_too(corpus: Path, tmp_path: Path) -> None:
    whole = digest_of(train(small_settings(corpus), tmp_path / "whole", change_at(CHANGES)))
    with opened(small_settings(corpus), tmp_path / "parts") as session:
        order = change_at(CHANGES)
        for event in (events := session.events()):
            order(session, event)
            if event.name == "setting" and event.step == 8:
                events.close()  # killed, the last checkpoint being that of step 5
                break
    resumed = train(small_settings(corpus), tmp_path / "parts")
    assert resumed[0].step == 5
    assert digest_of(resumed) == whole


def test_what_cannot_change_while_training_is_refused(corpus: Path, tmp_path: Path) -> None:
    with opened(small_settings(corpus), tmp_path) as session:
        for name, value in (("hidden_size", 32), ("learning_rate", float("nan")), ("mask_token_fraction", 0.95)):
            with pytest.raises(RequestError, match=name):
                session.change(name, value)


def test_checkpoints_come_when_asked_for_and_the_newest_are_kept(corpus: Path, tmp_path: Path) -> None:
    events = train(small_settings(corpus, keep=2), tmp_path)
    assert [event.step for event in events if isinstance(event, Saved)] == [5, 10, 12]
    folder = tmp_path / RUN
    assert sorted(path.name for path in folder.glob("step-*")) == ["step-000010", "step-000012"]
    latest = folder / "latest"
    assert latest.is_symlink()
    assert latest.readlink() == Path("step-000012")
    assert not list(folder.glob(".step-*"))


def test_what_a_kill_while_saving_left_behind_is_cleared(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    (folder.path / ".step-000100.abc").mkdir(parents=True)
    (folder.path / ".step-000100.abc" / "model.safetensors").write_bytes(b"half")
    (folder.path / "step-000050").mkdir()
    folder.clear_leftovers()
    assert [entry.name for entry in folder.path.iterdir()] == ["step-000050"]
