"""`bench`: the table, the object, what is refused, and what is left when it is interrupted."""

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from babybert_tui.benchmarks import speed
from babybert_tui.headless import bench
from babybert_tui.pretraining.masking import EVALUATION_MASKING
from babybert_tui.training.preparation import masking_of
from headless.program import Outcome, call

SMALL = (
    *("--hidden-size", "16", "--num-layers", "1", "--num-heads", "2", "--max-length", "24", "--vocab-size", "300"),
    *("--batch-size", "4", "--threads", "1"),
)
SPREAD = {"median", "least", "most", "rounds"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    monkeypatch.setattr(speed, "product_flops_per_second", lambda *_: 1e9)
    monkeypatch.setattr(bench, "precisions_here", lambda: ["fp32", "bf16"])
    monkeypatch.setattr("babybert_tui.training.calibration._MEASURED_SECONDS", 0.0)


def measure(directory: Path, corpus: Path, *arguments: str) -> Outcome:
    quick = ("--rounds", "2", "--seconds", "0.001")
    return call(directory, "bench", "--corpus", corpus, *SMALL, *quick, *arguments)


def test_one_object_with_a_spread_for_every_figure(tmp_path: Path, corpus: Path) -> None:
    found = measure(tmp_path, corpus, "--json").json
    assert (found["schema"], found["kind"], found["complete"]) == (1, "speed", True)
    assert {"processor", "capability", "threads", "torch", "transformers"} <= set(found["machine"])
    (case,) = found["cases"]
    assert (case["hidden_size"], case["max_length"], case["dropout"], case["optimizer"]) == (16, 24, 0.1, "adamw")
    assert case["vocab_size"] == 300
    assert 30 < case["vocabulary_pieces"] <= 300
    sides = {(one["side"], one["precision"]) for one in case["contenders"]}
    assert sides == {(side, precision) for side in ("ours", "hugging-face") for precision in ("fp32", "bf16")}
    spreads = [one[name] for one in case["contenders"] for name in ("tokens_per_second", "share_of_peak")]
    spreads += [*case["times_as_fast"], *case["peak_flops_per_second"].values()]
    spreads += [value for name, value in found["text"].items() if name != "characters"]
    for one in spreads:
        assert set(one) >= SPREAD
        assert len(one["rounds"]) == 2
        assert 0 < one["least"] <= one["median"] <= one["most"]
    assert len(case["times_as_fast"]) == 4
    assert not list(tmp_path.iterdir())


def test_a_table_of_at_most_eighty_columns_for_people(tmp_path: Path, corpus: Path) -> None:
    outcome = measure(tmp_path, corpus, "--rounds", "1")
    assert outcome.code == 0, outcome.err
    for label in ("BabyBERT, bf16", "BabyBERT, fp32", "Hugging Face, bf16 autocast", "Hugging Face, fp32"):
        assert re.search(rf"^{label} +[\d,]+ \([\d,]+ to [\d,]+\) +[\d.]+ +\.?\d+", outcome.out, re.MULTILINE), label
    assert re.search(
        r"BabyBERT in bf16 trains [\d.]+ × \([\d.]+ to [\d.]+\) as fast as Hugging Face, fp32", outcome.out
    )
    assert "square products, bf16" in outcome.out
    assert "encode_batch alone" in outcome.out
    table = outcome.out[outcome.out.index("Medians") :]
    assert max(map(len, table.splitlines())) <= 84


def test_what_is_measured_is_one_case_whatever_runs_are_like_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(bench, "bench_speed", lambda settings, *_, **__: seen.append(settings))
    monkeypatch.setenv("BABYBERT_TUI_TRAIN_HIDDEN_SIZE", "64")
    assert call(tmp_path, "bench", "--batch-size", "16").code == 0
    (one,) = seen
    assert (one.hidden_size, one.num_layers, one.num_heads, one.vocab_size) == (128, 4, 4, 8192)
    assert (one.batch_size, one.max_length, one.dropout, one.optimizer) == (16, 128, 0.1, "adamw")
    assert masking_of(one, 1) == masking_of(one, one.max_steps) == EVALUATION_MASKING


def test_without_bf16_there_are_no_rows_of_it(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "precisions_here", lambda: ["fp32"])
    outcome = measure(tmp_path, corpus, "--rounds", "1")
    assert "bf16" not in outcome.out
    assert "BabyBERT, fp32" in outcome.out


def test_several_sizes_are_rows_of_one_table(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "precisions_here", lambda: ["fp32"])
    sizes = [("16", "1", "24"), ("32", "2", "12")]
    outcome = measure(tmp_path, corpus, "--sizes", "16x1x24,32x2x12")
    assert outcome.code == 0, outcome.err
    assert re.findall(r"^ +(\d+) +(\d+) +(\d+) +[\d,]+ ", outcome.out, re.MULTILINE) == sizes
    cases = measure(tmp_path, corpus, "--sizes", "16x1x24,32x2x12", "--json").json["cases"]
    found = [(one["hidden_size"], one["num_layers"], one["max_length"]) for one in cases]
    assert found == [tuple(map(int, size)) for size in sizes]


def test_interrupted_it_prints_what_it_has(tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []
    whole = speed._take_turn

    def then_interrupt(*arguments: Any) -> Any:
        taken.append(whole(*arguments))
        if len(taken) == 4 + 5:  # after the warm-up a round, and the first of the second
            os.kill(os.getpid(), signal.SIGINT)
        return taken[-1]

    monkeypatch.setattr(speed, "_take_turn", then_interrupt)
    outcome = measure(tmp_path, corpus, "--json")
    assert outcome.code == 130
    assert "Interrupted" in outcome.err
    (found,) = outcome.events
    assert found["complete"] is False
    turns = [len(one["tokens_per_second"]["rounds"]) for one in found["cases"][0]["contenders"]]
    assert sorted(turns) == [1, 1, 1, 2]
    assert found["text"] is None


def test_interrupted_while_the_text_is_prepared_it_leaves_with_130(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "obtain_and_prepare", lambda *_, **__: os.kill(os.getpid(), signal.SIGINT))
    outcome = measure(tmp_path, corpus)
    assert (outcome.code, outcome.out) == (130, "")
    assert "Interrupted before anything was measured." in outcome.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rounds", "0"), "--rounds"),
        (("--seconds", "0"), "more than 0"),
        (("--seconds", "nan"), "finite"),
        (("--sizes", "128x4"), "no size"),
        (("--sizes", "30x4x128"), "not divisible"),
        (("--minutes", "1"), "needs --learning"),
        (("--save", "kept"), "needs --learning"),
        (("--learning", "--rounds", "3"), "does not go with --learning"),
        (("--learning", "--minutes", "-1"), "more than 0"),
        (("--learning", "--save", "."), "exists"),
        (("--num-heads", "3"), "not divisible"),
        (("--corpus", "nowhere.txt"), "nowhere.txt"),
    ],
)
def test_what_is_wrong_is_said_with_2_and_nothing_is_written(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    outcome = call(tmp_path, "bench", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert not list(tmp_path.iterdir())


def learn(directory: Path, corpus: Path, *arguments: str) -> Outcome:
    return call(directory, "bench", "--learning", "--minutes", "0.01", "--corpus", corpus, *SMALL, *arguments)


def test_learning_is_compared_in_one_object(tmp_path: Path, corpus: Path) -> None:
    found = learn(tmp_path, corpus, "--json", "--save", "kept").json
    assert (found["schema"], found["kind"], found["complete"], found["minutes"]) == (1, "learning", True, 0.01)
    assert {"mlm_loss_unigram", "mlm_accuracy_count", "nsp_accuracy_overlap"} <= set(found["baselines"])
    for side in ("ours", "hugging_face"):
        figures = found[side]
        assert figures["updates"] > 0
        assert figures["tokens_per_second"] > 0
        assert {"mlm_accuracy", "nsp_accuracy", "mlm_nats_per_word"} <= set(figures)
    again = call(tmp_path, "evaluate", "--checkpoint", "kept/hugging-face", "--corpus", corpus, "--json")
    assert again.json["mlm_loss"] > 0


def test_learning_is_compared_in_a_table(tmp_path: Path, corpus: Path) -> None:
    outcome = learn(tmp_path, corpus)
    assert outcome.code == 0, outcome.err
    for label in ("always the commonest", "Hugging Face, bf16 autocast", "BabyBERT, "):
        assert re.search(rf"^{label}.* \d\.\d\d\d", outcome.out, re.MULTILINE), label
    assert re.search(r"adamw at 0\.0005, dropout 0\.1", outcome.out)
    assert not list(tmp_path.iterdir())
