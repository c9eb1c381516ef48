"""`evaluate`: the figures of a run's own evaluation, of any Hugging Face directory, and what is said of both."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertForPreTraining, BertModel

from babybert_tui.headless.evaluate import _how_far
from babybert_tui.tokenization import load_tokenizer, save_tokenizer
from headless.program import Outcome, call, train

FIGURES = ("mlm_loss", "mlm_accuracy", "mlm_nats_per_word", "nsp_loss", "nsp_accuracy")


def evaluate(directory: Path, *arguments: str | Path) -> Outcome:
    return call(directory, "--headless", "evaluate", "--threads", "1", "--json", *arguments)


@pytest.fixture(scope="module")
def hugging_face(tmp_path_factory: pytest.TempPathFactory, trained: tuple[Path, Outcome]) -> Any:
    """Makes a directory with a model of `kind` that `transformers` has saved, of 40 positions."""
    tokenizer = load_tokenizer(trained[0] / "checkpoints/tiny/latest")

    def save(kind: type[Any], **more: Any) -> Path:
        torch.manual_seed(0)
        directory = tmp_path_factory.mktemp(kind.__name__)
        shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
        config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=40, **shape, **more)
        kind(config).save_pretrained(directory)
        save_tokenizer(tokenizer, directory)
        return directory

    return save


@pytest.mark.parametrize(("name", "number"), [("tiny", 2), ("tiny@3", 1), ("checkpoints/tiny/latest", 2)])
def test_a_run_has_the_figures_of_its_own_evaluation(trained: tuple[Path, Outcome], name: str, number: int) -> None:
    directory, outcome = trained
    figures = evaluate(directory, "--checkpoint", name).json
    known = outcome.of("evaluation")[number]
    assert {one: figures[one] for one in FIGURES} == {one: pytest.approx(known[one]) for one in FIGURES}
    assert figures["step"] == known["step"]
    assert figures["baselines"] == outcome.events[0]["baselines"]
    assert figures["held_out"] is True
    assert figures["documents"] == outcome.events[0]["held_out_documents"]
    assert figures["masked_tokens"] > figures["pairs"] > 0


def test_the_newest_run_is_the_default(trained: tuple[Path, Outcome]) -> None:
    directory, _ = trained
    assert evaluate(directory).json["checkpoint"] == "checkpoints/tiny/step-000006"


def test_on_another_text_all_documents_are_taken(trained: tuple[Path, Outcome], other_corpus: Path) -> None:
    directory, _ = trained
    figures = evaluate(directory, "--checkpoint", "tiny", "--corpus", other_corpus).json
    assert figures["held_out"] is False
    assert figures["documents"] == 24
    assert figures["corpus"] == str(other_corpus)
    said = call(directory, "evaluate", "--checkpoint", "tiny", "--corpus", other_corpus).out
    assert "24 documents, all there are: none is known to be held out" in said


def test_on_another_text_the_rivals_have_counted_what_the_model_was_trained_on(
    tmp_path: Path, corpus: Path, other_corpus: Path
) -> None:
    mine, copied = tmp_path / "mine.txt", tmp_path / "copied.txt"
    mine.write_bytes(corpus.read_bytes())
    train(tmp_path, mine, "--run", "own")

    def known(text: Path) -> dict[str, Any]:
        baselines: dict[str, Any] = evaluate(tmp_path, "--checkpoint", "own", "--corpus", text).json["baselines"]
        return baselines

    known_text = known(other_corpus)
    assert known_text["mlm_accuracy_count"] > known_text["mlm_accuracy_unigram"]
    assert known_text["nsp_accuracy_overlap"] > 0
    copied.write_bytes(other_corpus.read_bytes())
    mine.unlink()
    unknown_text = known(copied)
    assert unknown_text["mlm_accuracy_count"] is unknown_text["nsp_accuracy_overlap"] is None
    assert unknown_text["mlm_loss_unigram"] < known_text["mlm_loss_unigram"]  # of the judged text itself
    mine.write_bytes(other_corpus.read_bytes())  # not what the model was trained on any more
    assert known(copied)["mlm_accuracy_count"] is None


def test_a_person_sees_the_figures_beside_those_without_learning(trained: tuple[Path, Outcome]) -> None:
    directory, outcome = trained
    lines = call(directory, "evaluate", "--checkpoint", "tiny").out.splitlines()
    assert "held-out documents of the text that it was trained on" in lines[1]
    assert lines[-4].split()[:2] == ["held", "out"]
    rivals = outcome.events[0]["baselines"]
    assert lines[-2].split() == [
        *("cheap", "rivals"),
        *(f"{rivals[name]:.3f}" for name in ("mlm_accuracy_count", "nsp_accuracy_overlap")),
    ]
    assert lines[-1].split()[:3] == ["this", "model", f"{outcome.of('evaluation')[-1]['mlm_loss']:.3f}"]


def test_a_directory_of_transformers_is_evaluated(tmp_path: Path, corpus: Path, hugging_face: Any) -> None:
    figures = evaluate(tmp_path, "--checkpoint", hugging_face(BertForPreTraining), "--corpus", corpus).json
    assert figures["step"] is None
    assert figures["held_out"] is False
    assert figures["mlm_loss"] == pytest.approx(figures["baselines"]["mlm_loss_uniform"], rel=0.1)
    assert figures["nsp_loss"] > 0


def test_without_an_nsp_head_its_figures_are_null(tmp_path: Path, corpus: Path, hugging_face: Any) -> None:
    outcome = evaluate(tmp_path, "--checkpoint", hugging_face(BertForMaskedLM), "--corpus", corpus)
    assert "no NSP head" in outcome.err
    assert outcome.json["mlm_loss"] > 0
    assert outcome.json["nsp_loss"] is outcome.json["nsp_accuracy"] is None


def test_a_bare_encoder_is_refused(tmp_path: Path, corpus: Path, hugging_face: Any) -> None:
    outcome = evaluate(tmp_path, "--checkpoint", hugging_face(BertModel), "--corpus", corpus)
    assert (outcome.code, outcome.out) == (2, "")
    assert "bare encoder" in outcome.err


def test_a_model_of_one_segment_is_given_no_second_one(tmp_path: Path, corpus: Path, hugging_face: Any) -> None:
    checkpoint = hugging_face(BertForMaskedLM, type_vocab_size=1)
    assert evaluate(tmp_path, "--checkpoint", checkpoint, "--corpus", corpus).json["nsp_loss"] is None


def test_inputs_are_no_longer_than_the_model(tmp_path: Path, corpus: Path, hugging_face: Any) -> None:
    arguments = ("--checkpoint", hugging_face(BertForPreTraining), "--corpus", corpus)
    longer = evaluate(tmp_path, *arguments, "--max-length", "100")
    assert "40 positions" in longer.err
    assert longer.json["mlm_loss"] == evaluate(tmp_path, *arguments).json["mlm_loss"]
    assert longer.json["mlm_loss"] != evaluate(tmp_path, *arguments, "--max-length", "12").json["mlm_loss"]


def test_fewer_pairs_can_be_asked_for(trained: tuple[Path, Outcome]) -> None:
    directory, _ = trained
    assert evaluate(directory, "--checkpoint", "tiny", "--max-pairs", "5").json["pairs"] == 5


@pytest.mark.parametrize("objective", ["none", "sop"])
def test_a_run_is_judged_by_its_own_objective(objective: str, tmp_path: Path, corpus: Path) -> None:
    run = train(tmp_path, corpus, "--run", "own", "--sentence-objective", objective, "--max-steps", "2")
    figures = evaluate(tmp_path, "--checkpoint", "own").json
    known = run.of("evaluation")[-1]
    assert {one: figures[one] for one in FIGURES} == {one: pytest.approx(known[one]) for one in FIGURES}
    assert (figures["nsp_loss"] is None) == (objective == "none")


def test_a_run_on_piped_text_asks_for_it(tmp_path: Path, corpus: Path) -> None:
    assert train(tmp_path, corpus, "--run", "piped", "--max-steps", "1").code == 0
    record = tmp_path / "checkpoints/piped/run.toml"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace(f'corpus = "{corpus}"', 'corpus = "-"'), encoding="utf-8")
    outcome = evaluate(tmp_path, "--checkpoint", "piped")
    assert outcome.code == 2
    assert "Pipe it in again" in outcome.err
    assert evaluate(tmp_path, "--checkpoint", "piped", "--corpus", corpus).json["held_out"] is True


@pytest.mark.parametrize("checkpoint", ["nowhere", "tiny@5"])
def test_a_checkpoint_that_is_not_there_is_one_line(trained: tuple[Path, Outcome], checkpoint: str) -> None:
    directory, _ = trained
    outcome = evaluate(directory, "--checkpoint", checkpoint)
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1


def test_the_wait_says_how_much_is_done_and_how_long_the_rest_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 130.0])
    monkeypatch.setattr("babybert_tui.headless.evaluate.time.monotonic", lambda: next(clock))
    said: list[str] = []
    tell = _how_far("evaluating", said.append)
    tell(0.0)
    tell(0.25)
    assert said == ["evaluating: 0%", "evaluating: 25%, 1:30 left"]
