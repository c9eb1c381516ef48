"""What the app remembers from one start to the next: a small JSON file in the user's state folder."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from babybert_tui.files import write_text

_FILE = "app.json"
_MOST_CORPORA = 8


@dataclass
class SavedState:
    """All of it. What cannot be read is as on the first day."""

    theme: str = ""
    preset: str = ""
    settings: dict[str, Any] = field(default_factory=dict)  # those that differ from the preset's
    corpora: list[str] = field(default_factory=list)  # of the user's own, the newest first
    probe_a: str = ""
    probe_b: str = ""
    inspect_a: str = ""
    inspect_b: str = ""
    is_tune_shown: bool = True
    are_all_settings_shown: bool = False
    is_log: bool = False
    figure: str = "mlm_accuracy"
    speeds: dict[str, float] = field(default_factory=dict)  # operations a second in earlier runs, by kind of model

    def add_corpus(self, name: str) -> None:
        """Remembers a file or folder."""
        self.corpora = [name, *(one for one in self.corpora if one != name)][:_MOST_CORPORA]


def state_file() -> Path:
    """Where it is kept."""
    return platformdirs.user_state_path("babybert-tui") / _FILE


def load_state(path: Path) -> SavedState:
    """Reads it. Entries of the wrong kind are left out."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return SavedState()
    if not isinstance(content, dict):
        return SavedState()
    known = {one.name: getattr(SavedState(), one.name) for one in fields(SavedState)}
    fitting = {name: value for name, value in content.items() if name in known and isinstance(value, type(known[name]))}
    state = SavedState(**fitting)
    state.speeds = {str(kind): speed for kind, speed in state.speeds.items() if _is_speed(speed)}
    return state


def _is_speed(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def save_state(state: SavedState, path: Path) -> None:
    """Writes it, atomically; a folder that cannot be written to costs the memory and nothing else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(asdict(state), indent=2) + "\n")
    except OSError:
        pass
