"""The program as a whole: commands, help, where options may stand, how it leaves."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest

from babybert_tui import __version__
from babybert_tui.cli import cli, main
from babybert_tui.errors import RequestError, RunError

COMMANDS = ("train", "inspect", "evaluate", "corpus", "runs", "bench", "doctor")


@pytest.fixture
def leave(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*arguments: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as leaving:
            main([*arguments])
        captured = capsys.readouterr()
        return leaving.value.code, captured.out, captured.err

    return run


def python(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_python_m_is_the_same_program(tmp_path: Path) -> None:
    outcome = python("-m", "babybert_tui", "--version", cwd=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (0, f"babybert-tui, version {__version__}\n")


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["train", "-h"], ["evaluate", "-h"], ["bench", "-h"], ["runs"]]
)
def test_help_and_version_and_the_list_of_runs_import_no_torch(arguments: list[str], tmp_path: Path) -> None:
    script = (
        "import sys\nfrom babybert_tui.cli import main\n"
        f"try:\n    main({arguments!r})\n"
        "except SystemExit as leaving:\n"
        "    heavy = {'torch', 'transformers', 'textual'} & set(sys.modules)\n"
        "    sys.exit(f'imported {heavy}' if heavy else leaving.code)\n"
    )
    outcome = python("-c", script, cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr


def test_headless_without_a_command_lists_the_commands(leave: Any) -> None:
    code, out, err = leave("--headless")
    assert (code, out) == (2, "")
    assert all(command in err for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_both_ways_to_ask_for_help(command: str, leave: Any) -> None:
    code, short, _ = leave(command, "-h")
    assert code == 0
    assert short.startswith(f"Usage: babybert-tui {command}")
    assert leave(command, "--help")[1] == short


def test_an_unknown_command_is_told_with_the_nearest(leave: Any) -> None:
    code, _, err = leave("trian")
    assert code == 2
    assert "Did you mean train?" in err
    assert all(command in err for command in COMMANDS)


@pytest.mark.parametrize("arguments", [("--headless", "runs", "--json"), ("runs", "--headless", "--json")])
def test_headless_may_stand_before_or_after_the_command(arguments: tuple[str, ...], leave: Any) -> None:
    code, out, _ = leave(*arguments)
    assert code == 0
    assert out.startswith('{"schema": 1')


def test_headless_after_the_command_reaches_the_context(monkeypatch: pytest.MonkeyPatch, leave: Any) -> None:
    seen = []
    monkeypatch.setattr("babybert_tui.headless.runs.list_runs", lambda *_, **__: seen.append(_context().headless))

    def _context() -> Any:
        import click

        return click.get_current_context().obj

    leave("runs", "--headless")
    leave("runs")
    assert seen == [True, False]


@pytest.mark.parametrize("option", ["--learning-rate", "--dropout"])
def test_nan_is_refused(option: str, leave: Any) -> None:
    code, _, err = leave("train", option, "nan")
    assert code == 2
    assert f"'{option}': 'nan' is not a finite number." in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequestError("Wrong.", "Do right."), 2),
        (RunError("Failed."), 1),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (OSError(28, "No space left on device", "file"), 1),
        (ZeroDivisionError("by zero"), 1),
    ],
)
def test_each_way_to_fail_has_its_exit_code_and_no_traceback(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, leave: Any
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    monkeypatch.setattr(cli, "main", fail)
    left, out, err = leave("runs")
    assert (left, out) == (code, "")
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 1


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, leave: Any) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise RequestError("Wrong.")

    monkeypatch.setattr(cli, "main", fail)
    assert "Traceback" in leave("runs", "--debug")[2]


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_escapes_in_an_error_are_shown_and_not_sent(
    debug: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, leave: Any
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise RequestError("a\nb.jsonl has no field 'text'; its fields: te\x1b[31mxt\x07, \udcff.")

    monkeypatch.setattr(cli, "main", fail)
    code, _, err = leave("runs", *debug)
    assert code == 2
    assert err.splitlines()[-1] == (
        "babybert-tui: a\u240ab.jsonl has no field 'text'; its fields: te\u241b[31mxt\u2407, \ufffd."
    )
    assert not {"\x1b", "\x07", "\udcff"} & set(err)


def test_escapes_in_a_usage_error_are_shown_and_not_sent(monkeypatch: pytest.MonkeyPatch, leave: Any) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise click.UsageError("no\x1b[31m")

    monkeypatch.setattr(cli, "main", fail)
    assert leave("runs")[2] == "babybert-tui: no\u241b[31m\n"


def test_an_encoding_that_lacks_a_character_is_no_failure(tmp_path: Path) -> None:
    documents = "\n".join(f"Café {number}.\nThé {number}.\n" for number in range(8))
    (tmp_path / "french.txt").write_text(documents, encoding="utf-8")
    outcome = python("-m", "babybert_tui", "corpus", "--corpus", "french.txt", cwd=tmp_path, PYTHONIOENCODING="ascii")
    assert outcome.returncode == 0, outcome.stderr
    assert "Caf\\xe9 0." in outcome.stdout


@pytest.mark.parametrize("arguments", [["runs", "--json"], ["--help"], ["train", "--help"], ["doctor"]])
def test_a_closed_stdout_is_141(arguments: list[str], tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [sys.executable, "-m", "babybert_tui", *arguments],
        cwd=tmp_path, env=environment, stdout=writing, stderr=subprocess.PIPE,
    )  # fmt: skip
    os.close(writing)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 141
    assert complaints == b""


@pytest.mark.skipif(os.name == "nt", reason="there a shell cannot close a stream")
@pytest.mark.parametrize(
    ("closed", "arguments", "code", "complaint"),
    [
        (">&-", ("--version",), 141, ""),
        (">&-", ("runs", "--json"), 141, ""),
        (">&- 2>&- <&-", ("runs", "--json"), 141, ""),
        ("<&-", ("corpus", "--corpus", "-"), 2, "The corpus '-' holds no text."),
        ("2>&-", ("corpus", "--corpus", "absent"), 2, ""),
    ],
)
def test_a_stream_that_was_never_open_is_no_fault(
    closed: str, arguments: tuple[str, ...], code: int, complaint: str, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "babybert_tui", *arguments]
    outcome = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (outcome.returncode, outcome.stdout) == (code, "")
    assert complaint in outcome.stderr
    assert len(outcome.stderr.splitlines()) == bool(complaint)
