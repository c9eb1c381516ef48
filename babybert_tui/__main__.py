"""The program: `babybert-tui`, and `python -m babybert_tui`.

Imports nothing by itself: the processes that prepare a long text import it too, and wait for that.
"""

from typing import NoReturn


def main() -> NoReturn:
    """Runs a command and leaves with its exit code."""
    from babybert_tui.cli import main as run

    run()


if __name__ == "__main__":
    main()
