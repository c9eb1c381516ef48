"""The `inspect` command from the outside: what stands on stdout, on stderr, and the exit code."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForMaskedLM, BertForPreTraining, BertModel

from babybert_tui.cli import main
from babybert_tui.inspection.request import EXPORTS
from babybert_tui.render.export import SUFFIXES
from babybert_tui.tokenization import SPECIAL_TOKENS, make_tokenizer, save_tokenizer

PIECES = "anna gave the apple to ben . he ate it in garden un ##able a b ##a ##b"
WORDS = [*SPECIAL_TOKENS, *PIECES.split()]
TEXT_A, TEXT_B = "anna gave the apple to ben .", "he ate it in the garden ."
LAYERS, HEADS, N = 2, 3, 17


def save(kind: type[Any], directory: Path) -> Path:
    torch.manual_seed(1)
    shape = {"hidden_size": 24, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 32}
    kind(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **shape)).save_pretrained(directory)
    save_tokenizer(make_tokenizer(WORDS, max_length=32), directory)
    return directory


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save(BertForPreTraining, tmp_path_factory.mktemp("checkpoint")))


class Outcome:
    def __init__(self, code: Any, captured: Any) -> None:
        self.code = code
        self.out: str = captured.out
        self.err: str = captured.err

    @property
    def json(self) -> dict[str, Any]:
        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        assert self.code == 0, self.err
        assert self.out.count("\n") == 1
        found: dict[str, Any] = json.loads(self.out, parse_constant=refuse)
        return found


@pytest.fixture
def inspect(capsys: pytest.CaptureFixture[str], checkpoint: str) -> Any:
    def run(*arguments: str, model: str | Path = checkpoint) -> Outcome:
        with pytest.raises(SystemExit) as leaving:
            main(["--headless", "inspect", "--checkpoint", str(model), *arguments])
        return Outcome(leaving.value.code, capsys.readouterr())

    return run


def give_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_json_holds_every_field_of_the_contract(inspect: Any, checkpoint: str) -> None:
    found = inspect(TEXT_A, TEXT_B, "--mask", "2,10", "--json").json
    assert list(found) == [
        "schema", "checkpoint", "tokens", "ids", "segments", "special", "words", "masked", "predictions", "nsp",
        "attention", "heads",
    ]  # fmt: skip
    assert found["schema"] == 1
    assert found["checkpoint"] == checkpoint
    assert [len(found[name]) for name in ("tokens", "ids", "segments", "special", "words")] == [N] * 5
    assert found["tokens"][2] == "[MASK]"
    assert found["ids"][2] == 4
    assert found["special"][0] is True
    assert found["words"][:3] == [None, 0, 1]
    assert found["masked"][0] == {"position": 2, "original": "gave", "shown": "[MASK]", "fate": "mask"}
    attention = np.array(found["attention"])
    assert attention.shape == (LAYERS, HEADS, N, N)
    np.testing.assert_allclose(attention.sum(-1), 1, atol=1e-5)
    first, second = found["predictions"]
    assert list(first) == ["position", "original", "rank", "probability", "top"]
    assert (first["position"], first["original"], second["position"]) == (2, "gave", 10)
    assert len(first["top"]) == 5
    assert list(first["top"][0]) == ["token", "probability"]
    assert list(found["nsp"]) == ["is_next"]
    assert 0 < found["nsp"]["is_next"] < 1
    assert len(found["heads"]) == LAYERS * HEADS
    assert list(found["heads"][0]) == [
        "layer", "head", "entropy", "confidence", "to_cls", "to_sep", "to_self", "to_previous", "to_next",
        "to_punctuation", "label",
    ]  # fmt: skip
    assert [(one["layer"], one["head"]) for one in found["heads"]][:4] == [(1, 1), (1, 2), (1, 3), (2, 1)]


@pytest.mark.parametrize(
    ("show", "fields"),
    [
        (["tokens"], {"tokens", "ids", "segments", "special", "words", "masked"}),
        (["attention"], {"attention"}),
        (["predictions"], {"predictions", "nsp"}),
        (["heads"], {"heads"}),
        (["attention", "heads"], {"attention", "heads"}),
    ],
)
def test_what_is_not_shown_is_absent(inspect: Any, show: list[str], fields: set[str]) -> None:
    options = [word for part in show for word in ("--show", part)]
    found = inspect(TEXT_A, "--json", *options).json
    assert set(found) == {"schema", "checkpoint"} | fields


def test_layer_and_head_choose_from_attention_and_statistics(inspect: Any) -> None:
    whole = inspect(TEXT_A, "--json").json
    part = inspect(TEXT_A, "--json", "--layer", "2", "--head", "3").json
    assert part["attention"] == [[whole["attention"][1][2]]]
    assert part["heads"] == [whole["heads"][5]]


def test_a_typed_mask_has_no_original(inspect: Any) -> None:
    found = inspect("anna [MASK] it", "--json").json
    (masked,) = found["masked"]
    assert masked == {"position": 2, "original": None, "shown": "[MASK]", "fate": "mask"}
    (prediction,) = found["predictions"]
    assert prediction["original"] is prediction["rank"] is prediction["probability"] is None
    assert found["nsp"] is None


def test_auto_masks_by_the_seed(inspect: Any) -> None:
    first, again, other = (
        inspect(TEXT_A, TEXT_B, "--mask", "auto", "--seed", seed, "--json", "--show", "tokens").json["masked"]
        for seed in ("1", "1", "2")
    )
    assert first == again
    assert first != other


def test_top_k_counts_candidates(inspect: Any) -> None:
    found = inspect("anna [MASK]", "--top-k", "2", "--json").json
    assert len(found["predictions"][0]["top"]) == 2


@pytest.mark.parametrize(("kind", "word"), [(BertForMaskedLM, "NSP head"), (BertModel, "bare encoder")])
def test_heads_that_are_missing_are_null_with_a_message(
    inspect: Any, tmp_path: Path, kind: type[Any], word: str
) -> None:
    outcome = inspect(TEXT_A, TEXT_B, "--mask", "2", "--json", model=save(kind, tmp_path))
    assert outcome.json["nsp"] is None
    assert (outcome.json["predictions"] is None) == (kind is BertModel)
    assert word in outcome.err


def test_unknown_words_are_said_on_stderr(inspect: Any) -> None:
    outcome = inspect("anna unable \x1b[31m☃", "--json")
    assert outcome.json["tokens"][2:4] == ["un", "##able"]
    assert "words are not in this model's vocabulary" in outcome.err
    assert "\x1b" not in outcome.err


def test_text_is_read_from_stdin(inspect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, b"\xef\xbb\xbfanna gave it\n")
    assert inspect("-", "--json").json["tokens"] == ["[CLS]", "anna", "gave", "it", "[SEP]"]
    give_stdin(monkeypatch, b"he ate it")
    assert inspect("anna", "-", "--json").json["segments"] == [0, 0, 0, 1, 1, 1, 1]


def test_a_megabyte_on_stdin_is_cut_and_said_so(inspect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, b"anna gave \xff\x00 it. " * 60_000)
    outcome = inspect("-", "--json")
    assert len(outcome.json["tokens"]) == 32
    assert "longer than the 32 tokens" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["", "--json"], "TEXT is empty"),
        ([" \n\t"], "TEXT is empty"),
        (["anna", ""], "TEXT_B is empty"),
        (["-", "-"], "stdin"),
        (["anna", "--mask", "x"], "no position"),
        (["anna", "--mask", "1,"], "no position"),
        (["anna", "--mask", "-1"], "no position"),
        (["anna", "--mask", "9"], "positions are 0 to 2"),
        (["anna", "--mask", "0"], "[CLS]"),
        (["anna", "--layer", "3"], "layers are 1 to 2"),
        (["anna", "--head", "4"], "heads are 1 to 3"),
        (["anna", "--layer", "0"], "--layer"),
        (["anna", "--top-k", "0"], "--top-k"),
        (["anna", "--show", "nothing"], "--show"),
        (["anna", "--export", "picture.gif"], "svg, html"),
        ([("anna " * 40) + "[MASK]"], "[MASK]"),
        (["anna", "--checkpoint", "/nowhere"], "/nowhere"),
        (["anna", "--checkpoint", "hub:no such name"], "hub"),
        ([], "TEXT"),
    ],
)
def test_a_wrong_request_is_said_in_a_line(inspect: Any, arguments: list[str], word: str) -> None:
    outcome = inspect(*arguments)
    assert outcome.code == 2
    assert outcome.out == ""
    assert word in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.err.count("\n") <= 3


def test_blank_stdin_is_refused(inspect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, b" \n")
    assert inspect("-", "--json").code == 2


def test_pictures_are_drawn_without_escapes_into_a_pipe(inspect: Any) -> None:
    outcome = inspect(TEXT_A, TEXT_B, "--mask", "2")
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    for word in ("anna", "[MASK]", "P(B follows A)", "gave"):
        assert word in outcome.out


@pytest.mark.parametrize("ending", EXPORTS)
@pytest.mark.parametrize("show", ["all", "tokens"])
def test_a_file_is_written_beside_the_output(inspect: Any, tmp_path: Path, ending: str, show: str) -> None:
    path = tmp_path / f"picture.{ending}"
    outcome = inspect(TEXT_A, TEXT_B, "--json", "--show", show, "--export", str(path))
    assert ("attention" in outcome.json) == (show == "all")
    assert path.stat().st_size > 200
    assert str(path) in outcome.err


def test_every_kind_of_file_that_can_be_written_can_be_asked_for() -> None:
    assert tuple(f".{ending}" for ending in EXPORTS) == SUFFIXES


def test_an_exported_object_is_the_printed_one(inspect: Any, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    outcome = inspect(TEXT_A, "--json", "--layer", "2", "--export", str(path))
    assert json.loads(path.read_text(encoding="utf-8")) == outcome.json


def test_a_file_that_cannot_be_written_is_said_and_nothing_printed(inspect: Any, tmp_path: Path) -> None:
    outcome = inspect(TEXT_A, "--export", str(tmp_path / "missing" / "picture.svg"))
    assert outcome.code == 2
    assert outcome.out == ""


@pytest.mark.parametrize("show", ["tokens", "attention", "predictions", "heads", "all"])
def test_every_part_can_be_drawn(inspect: Any, show: str) -> None:
    outcome = inspect(TEXT_A, "[/red]\x1b[2J שלום 👩‍👩‍👧", "--mask", "2", "--show", show)
    assert outcome.code == 0, outcome.err
    assert outcome.out
    assert "\x1b" not in outcome.out


def test_the_command_line_is_read_without_importing_torch() -> None:
    heavy = ("torch", "transformers", "numpy", "rich")
    code = f"import sys, babybert_tui.cli.inspect; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
