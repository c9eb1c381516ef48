"""The table of held-out figures."""

import re
from dataclasses import replace

import pytest

from babybert_tui.headless.evaluation_table import EvaluationTable
from babybert_tui.render.figures import clock
from babybert_tui.training.events import Baselines

BASELINES = Baselines(7.5, 5.147, 0.121, 0.575)
RIVALS = replace(BASELINES, mlm_accuracy_count=0.0, nsp_accuracy_overlap=0.664)
ORACLE = replace(
    RIVALS,
    mlm_accuracy_oracle=0.936,
    mlm_accuracy_oracle_error=0.004,
    nsp_accuracy_oracle=0.988,
    nsp_accuracy_oracle_error=0.005,
)
FIGURES = {
    "mlm_loss": 1.25,
    "mlm_accuracy": 0.5,
    "mlm_nats_per_word": 2.5,
    "nsp_loss": 0.25,
    "nsp_accuracy": 0.75,
    "elapsed_seconds": 61,
}


def test_figures_stand_under_their_titles_and_baselines() -> None:
    table = EvaluationTable(80)
    head, known = table.head("held out", BASELINES).split("\n")
    row = table.row("step 10", FIGURES)
    for title, baseline, figure in (("MLM loss", "5.147", "1.250"), ("NSP loss", "", "0.250"), ("time", "", "1:01")):
        end = head.index(title) + len(title)
        assert row[:end].endswith(figure)
        assert known[:end].endswith(baseline)


def test_rivals_and_oracle_stand_between_guessing_and_the_model() -> None:
    titles, _, *known = EvaluationTable(80).head("held out", ORACLE).split("\n")
    assert [line.split() for line in known] == [
        ["cheap", "rivals", "0.000", "0.664"],
        ["best", "possible", "0.936", "0.988"],
        ["give", "or", "take", "0.004", "0.005"],
    ]
    ends = [place.end() for place in re.finditer("accuracy", titles)]
    for line in known:
        assert [line[end - 5 : end] for end in ends] == line.split()[-2:]


@pytest.mark.parametrize("baselines", [BASELINES, RIVALS])
def test_what_is_not_known_has_no_row(baselines: Baselines) -> None:
    lines = EvaluationTable(80).head("held out", baselines).split("\n")
    assert [line[:16].strip() for line in lines] == [
        "held out",
        "without learning",
        *["cheap rivals"] * (baselines is RIVALS),
    ]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_it_fits_the_width(width: int) -> None:
    table = EvaluationTable(width)
    lines = [*table.head("held out", ORACLE).split("\n"), table.row("step 1,000,000", FIGURES)]
    assert max(map(len, lines)) <= width
    assert ("nats/word" in lines[0]) == (width >= 80)


def test_the_sentence_columns_follow_the_objective() -> None:
    assert "SOP loss" in EvaluationTable(80, "sop").head("held out", BASELINES)
    assert "NSP" not in EvaluationTable(80, "none").head("held out", BASELINES)


def test_what_is_not_known_is_blank() -> None:
    assert EvaluationTable(80).row("step 1", {"mlm_loss": None}) == "step 1"


@pytest.mark.parametrize(("seconds", "shown"), [(0.4, "0:00"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03")])
def test_times_are_short(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown
