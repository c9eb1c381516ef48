"""`python -m babybert_tui` is `babybert-tui`."""

from babybert_tui.cli import main

if __name__ == "__main__":
    main()
