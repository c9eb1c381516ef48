"""A run imports no compiler, and learns what it would learn with one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_to_its_end_imports_no_compiler(corpus: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from training.small_runs import small_settings, train\n"
        "events = train(small_settings(sys.argv[1], max_steps=2), pathlib.Path(sys.argv[2]))\n"
        "print(events[-1].reason, 'torch._dynamo' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, str(corpus), str(tmp_path)]
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "BABYBERT_TUI_CACHE_DIR": str(tmp_path / "cache")}
    outcome = subprocess.run(command, env=paths, capture_output=True, text=True, check=True)
    assert outcome.stdout.split() == ["finished", "False"]
