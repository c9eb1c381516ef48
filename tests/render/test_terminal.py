"""What is printed: no wider than the terminal, in its colours and no others, with the array's own numbers."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from babybert_tui.inspection.filters import Direction
from babybert_tui.inspection.trace import MaskedToken, Trace, UnknownWord
from babybert_tui.render.cells import Picture, line_width, plain_text
from babybert_tui.render.heatmap import Heatmap, MapChoice
from babybert_tui.render.overview import Overview
from babybert_tui.render.palette import Depth, Palette
from babybert_tui.render.scale import Scaling
from babybert_tui.render.strip import TokenStrip
from babybert_tui.render.terminal import render_trace

from .traces import make_trace

COLOUR_SYSTEMS = ["truecolor", "256", "standard", None]
PLAIN = Palette(Depth.NONE)
SMALL = make_trace(16)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = [
    "[CLS]",
    "\x1b[31mred",
    "\x1b]52;c;cm0gLXJm\x07",
    "\u202egnp.exe",
    "[/red]",
    "[bold]x[/bold]",
    "nul\x00",
    "\u4f60\u597d\u4e16\u754c",
    "\U0001f44d\U0001f3fd",
    "e\u0301te\u0301",
    "\u0301",
    "\u05e9\u05dc\u05d5\u05dd",
    "line\nbreak",
    "\u200d\u200b",
    "<b>&\"'",
    "[SEP]",
]


def printed(picture: Picture, width: int, colour_system: str | None = None, encoding: str = "utf-8") -> str:
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding=encoding, newline="\n")
    console = Console(
        file=stream, width=width, color_system=colour_system, force_terminal=colour_system is not None, _environ={}
    )
    console.print(picture)
    stream.flush()
    return buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("n", [1, 2, 3, 8, 17, 24, 40, 65, 200, 512])
def test_no_line_is_wider_than_the_terminal(n: int) -> None:
    picture = render_trace(make_trace(n, 2, 3))

    # The lines themselves: a console would crop them in silence.
    for width in (60, 80, 200):
        for palette in (PLAIN, Palette(Depth.TRUE), Palette(Depth.NONE, ascii_only=True)):
            assert max(line_width(line) for line in picture.lines(width, palette)) <= width


@pytest.mark.parametrize("colour_system", COLOUR_SYSTEMS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_hostile_tokens_only_ever_print_as_text(colour_system: str | None, encoding: str) -> None:
    trace = replace(
        make_trace(tokens=HOSTILE, masked=False),
        masked=(MaskedToken(1, "\x1b[2J", HOSTILE[1], "random"),),
        unknown=(UnknownWord("\x1b]0;title\x07[/red]", (3,), ("[UNK]",)),),
        checkpoint="\x1b[31mnice[/red]",
        notes=("\x1b[5mnote",),
    )

    picture = render_trace(trace, notes=True)
    text = printed(picture, 80, colour_system, encoding)
    without_colours = ESCAPE.sub("", text)

    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b-\u200f]", without_colours)
    assert "[/red]" in without_colours
    assert max(line_width(line) for line in picture.lines(80, Palette(Depth.TRUE, encoding == "ascii"))) <= 80
    assert encoding == "utf-8" or text.isascii()


@pytest.mark.parametrize("colour_system", COLOUR_SYSTEMS[:3])
def test_every_colour_is_one_of_the_colour_system(colour_system: str) -> None:
    codes = set(re.findall(r"\x1b\[([0-9;]*)m", printed(render_trace(SMALL), 80, colour_system)))

    assert any("48;2;" in code for code in codes) == (colour_system == "truecolor")
    assert any("48;5;" in code for code in codes) == (colour_system == "256")
    assert len(codes) > 5


def test_without_colours_there_is_no_escape() -> None:
    assert "\x1b" not in printed(render_trace(SMALL), 80, None)


def test_shades_stand_in_for_colours_and_only_without_them() -> None:
    assert "█" in plain_text(Heatmap(SMALL, 1, 1).lines(80, PLAIN))
    assert "░" not in plain_text(Heatmap(SMALL, 1, 3).lines(80, Palette(Depth.TRUE)))


@pytest.mark.parametrize("n", [8, 17, 40, 200])
def test_an_ascii_locale_gets_ascii_and_still_sees_strong_from_weak(n: int) -> None:
    text = printed(render_trace(make_trace(n)), 80, None, "ascii")

    assert text.isascii()
    assert "#" in text


@pytest.mark.parametrize(("width", "pattern"), [(120, r"\d?\.\d\d?|·"), (60, r"\d+|·")])
@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.NONE])
def test_the_numbers_on_the_map_are_those_of_the_array(width: int, pattern: str, depth: Depth) -> None:
    unit = 1 if width == 120 else 100
    lines = plain_text(Heatmap(SMALL, 1, 4).lines(width, Palette(depth))).split("\n")
    rows = [line for line in lines if re.match(r"\s*\d+ [\[\]\w.#]+\s", line) and len(re.findall(pattern, line)) >= 16]
    matrix = SMALL.map(1, 4)

    assert len(rows) == 16
    for row, weights in zip(rows, matrix, strict=True):
        shown = re.findall(pattern, re.sub(r"^\s*\d+ \S+", "", row))
        assert len(shown) == 16
        for figure, weight in zip(shown, weights, strict=True):
            assert abs((0 if figure == "·" else float(figure)) / unit - weight) <= 0.0051


def test_a_weight_of_one_fits_into_its_cell() -> None:
    matrix = np.eye(16, dtype=np.float32)[None, None]
    trace = replace(SMALL, attention=matrix, layers=(1,), head_numbers=(1,), heads=None)

    for width in (60, 80):
        for depth in Depth:
            text = plain_text(Heatmap(trace, 1, 1).lines(width, Palette(depth)))
            assert len(re.findall(r"1\.0|100", text)) >= 16


def test_extremes_are_exact_and_named() -> None:
    matrix = SMALL.map(1, 4)
    query, key = np.unravel_index(matrix.argmax(), matrix.shape)
    text = " ".join(plain_text(Heatmap(SMALL, 1, 4).lines(120, PLAIN)).split())

    place = f"{SMALL.tokens[query]} ({query}) → {SMALL.tokens[key]} ({key})"
    assert f"largest {place} = {matrix.max():.4f}" in text


@pytest.mark.parametrize("hide_special", [False, True])
@pytest.mark.parametrize("direction", list(Direction))
def test_hidden_mass_is_printed_and_true(direction: Direction, hide_special: bool) -> None:
    choice = MapChoice(direction, hide_special=hide_special, renormalise=True)
    text = " ".join(plain_text(Heatmap(SMALL, 1, 4, choice=choice).lines(80, PLAIN)).split())
    rows, columns = np.ones(16, bool), np.ones(16, bool)
    if direction is not Direction.ALL:
        rows = SMALL.segments == "AB".index(direction.value[0])
        columns = SMALL.segments == "AB".index(direction.value[-1])
    if hide_special:
        rows, columns = rows & ~SMALL.special, columns & ~SMALL.special
    expected = SMALL.map(1, 4)[rows][:, ~columns].sum(1).mean() if (~columns).any() else 0.0

    said = re.search(r"hidden mass ([\d.]+) a row", text)
    assert said
    assert float(said[1]) == pytest.approx(expected, abs=1e-4)
    assert ("special tokens hidden" in text) == hide_special
    assert "renormalised" in text


def test_long_names_at_the_edge_are_clipped_not_the_picture() -> None:
    tokens = ["[CLS]", *["word"] * 14, "supercalifragilisticexpialidocious"]
    trace = make_trace(tokens=tokens, masked=False)

    for width in range(40, 120, 7):
        lines = Heatmap(trace, 1, 1).lines(width, PLAIN)
        assert max(map(line_width, lines)) <= width


def test_a_filter_that_leaves_nothing_says_so() -> None:
    choice = MapChoice(Direction.A_TO_B)
    text = plain_text(Heatmap(make_trace(4), 1, 1, choice=choice).lines(80, PLAIN))

    assert "Nothing to show" in text


@pytest.mark.parametrize("scaling", list(Scaling))
def test_the_caption_names_the_scale(scaling: Scaling) -> None:
    assert f"{scaling} scale" in plain_text(Heatmap(SMALL, 1, 1, scaling=scaling).lines(80, PLAIN))


@pytest.mark.parametrize(("n", "pooled"), [(40, False), (60, False), (128, True), (512, True)])
def test_a_map_says_whether_it_was_pooled(n: int, pooled: bool) -> None:
    text = plain_text(Heatmap(make_trace(n, 1, 1), 1, 1).lines(80, Palette(Depth.TRUE)))

    assert ("pooled from" in text) == pooled


def test_a_twelve_by_twelve_overview_shows_one_named_statistic_in_eighty_columns() -> None:
    trace = make_trace(24, 12, 12)
    text = plain_text(Overview(trace, statistic="to_sep").lines(80, PLAIN))
    found = {(head.layer, head.head): head.to_sep for head in trace.heads or ()}

    assert "goes to [SEP]" in text
    rows = [line.split()[1:] for line in text.split("\n") if line.startswith("L")]
    assert len(rows) == 12
    for layer, row in enumerate(rows, 1):
        assert [int(re.sub(r"\D", "", cell)) for cell in row] == [round(100 * found[layer, h]) for h in range(1, 13)]


def test_an_overview_of_few_tokens_shows_every_one() -> None:
    assert "each map shows all 16 tokens" in plain_text(Overview(SMALL).lines(80, Palette(Depth.TRUE)))
    assert "pooled from 128" in plain_text(Overview(make_trace(128)).lines(80, Palette(Depth.TRUE)))


@pytest.mark.parametrize("width", [30, 60, 80, 200])
@pytest.mark.parametrize("n", [16, 64, 65, 300])
def test_the_strip_cuts_no_token_and_leaves_none_out(n: int, width: int) -> None:
    trace = make_trace(n, 1, 1, masked=False)
    words = plain_text(TokenStrip(trace).lines(width, PLAIN)).split()

    remaining = iter(words)
    assert all(token in remaining for token in trace.tokens)


def test_the_strip_says_what_became_of_each_selected_token() -> None:
    lines = plain_text(TokenStrip(SMALL).lines(120, PLAIN)).split("\n")
    text = "\n".join(lines)

    assert "▲was gave" in text
    assert "▲random, was cake" in text
    assert "▲kept as it was" in text
    assert "▲unknown: zyzzyva" in text
    remark = next(line for line in lines if "was gave" in line)
    assert remark.index("▲") == lines[1].index("[MASK]")


def test_the_strip_brackets_the_two_segments_and_can_show_ids() -> None:
    text = plain_text(TokenStrip(SMALL, ids=True).lines(200, PLAIN))

    assert re.search(r"└─+A─+┘ +└─+B─+┘", text)
    assert f"3·{SMALL.ids[3]}" in text


def test_a_rank_outside_the_candidates_still_gets_its_bar() -> None:
    predictions = SMALL.predictions
    assert predictions
    outside = replace(predictions[0], original="boat", rank=1234, probability=0.0004)
    text = plain_text(render_trace(replace(SMALL, predictions=(outside,)), show="predictions").lines(80, PLAIN))

    assert "rank 1,234" in text
    assert re.search(r"▶ boat +<\.001", text)


def test_what_the_trace_lacks_is_not_shown() -> None:
    bare = replace(SMALL, attention=None, heads=None, predictions=None, is_next=None)
    text = plain_text(render_trace(bare).lines(80, PLAIN))

    assert "Tokens" in text
    assert not any(word in text for word in ("Predictions", "Layers", "P(B", "Heads"))


def test_one_chosen_head_is_drawn_and_another_is_refused() -> None:
    text = plain_text(render_trace(SMALL, show="attention", layer=2, head=3).lines(80, PLAIN))

    assert "Layer 2 · Head 3" in text
    assert "Layers by heads" not in text
    with pytest.raises(ValueError, match="not in"):
        render_trace(SMALL, show="attention", layer=2, head=9)


def test_a_show_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="picture"):
        render_trace(SMALL, show="picture")


def test_large_traces_are_drawn_quickly_enough() -> None:
    trace: Trace = make_trace(512, 2, 12)

    assert len(printed(render_trace(trace), 120, "truecolor")) < 400_000
