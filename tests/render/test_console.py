"""The console for standard output: when it colours, and how wide it is."""

import io
import os
import subprocess
import sys

import pytest
from rich.text import Text

from babybert_tui.render.console import output_width, stdout_console
from babybert_tui.render.terminal import render_trace

from .traces import make_trace


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def printed(environment: dict[str, str], stream: io.StringIO) -> str:
    stdout_console(stream, environment=environment).print(render_trace(make_trace(8)))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_gets_colours_unless_it_is_told_not_to(environment: dict[str, str], coloured: bool) -> None:
    assert ("\x1b[" in printed(environment, Terminal())) == coloured


def test_a_pipe_gets_no_escape_unless_forced() -> None:
    assert "\x1b" not in printed({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, io.StringIO())
    assert "\x1b" in printed({"TERM": "xterm-256color", "FORCE_COLOR": "1"}, io.StringIO())


@pytest.mark.parametrize(
    ("environment", "width"),
    [({}, 80), ({"COLUMNS": "132"}, 132), ({"COLUMNS": "0"}, 80), ({"COLUMNS": "wide"}, 80), ({"COLUMNS": "3"}, 20)],
)
def test_a_pipe_is_as_wide_as_columns_says_else_eighty(environment: dict[str, str], width: int) -> None:
    assert output_width(environment, is_terminal=False) == width
    assert stdout_console(io.StringIO(), environment=environment).width == width


def test_no_color_also_takes_bold_away() -> None:
    stream = Terminal()
    stdout_console(stream, environment={"TERM": "xterm", "NO_COLOR": "1"}).print(Text("x", style="bold"))

    assert stream.getvalue() == "x\n"


def test_a_terminal_is_as_wide_as_it_is_and_a_pipe_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda _: os.terminal_size((133, 40)))

    assert output_width({}, is_terminal=True) == 133
    assert output_width({}, is_terminal=False) == 80


def test_markup_and_emoji_codes_are_not_read() -> None:
    stream = io.StringIO()
    stdout_console(stream, environment={}).print("[red]x[/red] :smile:")

    assert stream.getvalue() == "[red]x[/red] :smile:\n"


def test_rendering_imports_nothing_heavy() -> None:
    code = (
        "import sys, babybert_tui.render.terminal, babybert_tui.render.console, babybert_tui.render.export;"
        "print({'torch', 'transformers', 'click', 'textual', 'PIL', 'matplotlib', 'rich.markdown'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"
