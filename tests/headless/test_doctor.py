"""`doctor`: well where all is well, and a remedy for each fault."""

import os
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from babybert_tui.headless.machine_checks import TORCH_RANGE, cpu_quota, existing, in_torch_range
from headless.program import call


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def checks(directory: Path, *before: str | Path) -> dict[str, Any]:
    outcome = call(directory, *before, "--headless", "doctor", "--json")
    found = next(iter(outcome.events))
    assert outcome.code == (0 if found["ok"] else 1)
    assert all(check["remedy"] for check in found["checks"] if check["status"] != "ok")
    return {check["name"]: check for check in found["checks"]}


def test_a_sound_machine_exits_with_0(tmp_path: Path) -> None:
    found = checks(tmp_path)
    assert {check["status"] for check in found.values()} <= {"ok", "hint"}
    assert {"program", "torch", "device", "bf16", "threads", "terminal", "encoding", "checkpoints", "free disk"} <= set(
        found
    )
    assert found["torch"]["found"] == torch.__version__


def test_a_person_sees_a_line_for_each_and_the_sum(tmp_path: Path) -> None:
    outcome = call(tmp_path, "doctor")
    assert outcome.code == 0
    assert outcome.out.splitlines()[0].startswith("ok     program")
    assert outcome.out.splitlines()[-1].startswith("0 faults, ")
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    checks(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    found = checks(tmp_path, "--checkpoints-dir", "file/below")
    assert found["checkpoints"]["status"] == "fault"
    assert "--checkpoints-dir" in found["checkpoints"]["remedy"]


def test_a_wrong_configuration_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "babybert.toml").write_text("[train]\nlerning_rate = 1\n", encoding="utf-8")
    assert "Did you mean learning_rate?" in checks(tmp_path)["settings"]["found"]


def test_settings_from_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[train]\nseed = 3\n", encoding="utf-8")
    assert "seed" in checks(tmp_path, "--config", "mine.toml")["settings"]["found"]


@pytest.mark.parametrize(("free", "status"), [(10**6, "fault"), (5 * 10**8, "hint"), (10**12, "ok")])
def test_little_disk_is_said(free: int, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**13, 10**13 - free, free))
    assert checks(tmp_path)["free disk"]["status"] == status


def test_a_cuda_build_without_a_gpu_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    found = checks(tmp_path)["torch"]
    assert found["status"] == "hint"
    assert "https://download.pytorch.org/whl/cpu" in found["remedy"]


def test_another_torch_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "__version__", "2.3.1")
    assert checks(tmp_path)["torch"]["remedy"] == "Run: pip install 'torch>=2.10,<2.14'"


def test_a_torch_that_does_not_load_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert checks(tmp_path)["torch"]["status"] == "fault"


def test_the_range_of_torch_is_the_one_that_is_declared() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    low, high = (".".join(map(str, bound)) for bound in TORCH_RANGE)
    assert f"torch>={low},<{high}" in project["dependencies"]
    assert in_torch_range("2.13.0+cpu")
    assert not in_torch_range("2.14.0")
    assert not in_torch_range("2.9.1")
    assert not in_torch_range("unknown")


def test_a_small_terminal_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from babybert_tui.headless import machine_checks

    class Terminal:
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    class System:
        stdin = stdout = Terminal()

    monkeypatch.setattr(machine_checks, "sys", System)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_: os.terminal_size((60, 20)))
    found = {check.name: check for check in machine_checks._terminal()}
    assert found["terminal"].status == "hint"
    assert "80 × 24" in found["terminal"].remedy
    monkeypatch.setenv("TERM", "dumb")
    assert "--headless" in next(iter(machine_checks._terminal())).remedy


def test_the_quota_of_a_container_is_read(tmp_path: Path) -> None:
    file = tmp_path / "cpu.max"
    file.write_text("150000 100000\n", encoding="ascii")
    assert cpu_quota(file) == 1.5
    file.write_text("max 100000\n", encoding="ascii")
    assert cpu_quota(file) is None
    assert cpu_quota(tmp_path / "none") is None


def test_the_nearest_folder_is_found(tmp_path: Path) -> None:
    assert existing(tmp_path / "a" / "b") == tmp_path
