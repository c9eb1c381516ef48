"""A text of one line, as long as a large file: read in a stream, like any other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SENTENCES = 2_100_000
MEMORY, STRETCH = 1 << 30, 16_000_000


@pytest.mark.slow
def test_a_line_of_a_hundred_megabytes_is_prepared_in_bounded_memory(tmp_path: Path) -> None:
    text = tmp_path / "line.txt"
    with text.open("w") as file:
        for first in range(0, SENTENCES, 10_000):
            file.writelines(
                f"This is sentence number {number} of one line only. " for number in range(first, first + 10_000)
            )
        file.write("\n\nA short document.\nOf two sentences.\n")
    assert text.stat().st_size > 100_000_000
    environment = {**os.environ, "BABYBERT_TUI_CACHE_DIR": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "babybert_tui", "corpus", "--corpus", str(text), "--vocab-size", "500", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        found = json.loads(running.stdout.read())
        said = running.stderr.read().decode()
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    assert 0 <= found["sentences"] - (SENTENCES + 2) <= text.stat().st_size // STRETCH, "one more where it was cut"
    assert usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) < MEMORY
    assert "cut into short parts" in said
