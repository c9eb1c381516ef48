"""Inspect can be opened before anything that computes is there."""

import subprocess
import sys


def test_what_opens_the_room_imports_no_torch() -> None:
    code = (
        "import sys, babybert_tui.tui.inspect.pane; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
