"""What a person asks of `inspect`, checked as far as it can be without a model: light enough to import at any start."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise

SHOW_ALL = "all"
SHOWN = ("tokens", "attention", "predictions", "heads")
EXPORTS = ("svg", "html", "png", "csv", "json", "npz")
STDIN = "-"
_DIGITS = 9  # beyond any position, and within what int() reads


@dataclass(frozen=True)
class InspectRequest:
    """The options of `inspect`."""

    text: str
    text_b: str | None = None
    checkpoint: str | None = None  # DIR_OR_RUN[@STEP] or hub:NAME; None for the newest run, else one that ships
    checkpoints_dir: Path = field(default_factory=lambda: Path("checkpoints"))
    mask: tuple[int, ...] | Literal["auto"] | None = None
    top_k: int = 5
    layer: int | None = None  # from 1; None for all
    head: int | None = None
    show: frozenset[str] = frozenset(SHOWN)
    as_json: bool = False
    export: Path | None = None
    seed: int = 0


def parse_mask(text: str) -> tuple[int, ...] | Literal["auto"]:
    """Reads `3,7` or `auto`. Raises RequestError for anything else."""
    if text.strip().lower() == "auto":
        return "auto"
    parts = [part.strip() for part in text.split(",")]
    wrong = [part for part in parts if not (part.isascii() and part.isdigit() and len(part) <= _DIGITS)]
    if wrong:
        raise RequestError(
            f'--mask: "{sanitise(wrong[0])[:40]}" is no position.',
            'Name positions as displayed, [CLS] being 0, as in "3,7"; or say "auto".',
        )
    return tuple(dict.fromkeys(int(part) for part in parts))


def parse_show(chosen: tuple[str, ...]) -> frozenset[str]:
    """The parts that `--show` names; all of them for `all`, or where it was not given."""
    return frozenset(SHOWN) if not chosen or SHOW_ALL in chosen else frozenset(chosen)


def parse_export(path: Path) -> Path:
    """The path again. Raises RequestError where its ending names no kind of file that there is."""
    if path.suffix.lower().removeprefix(".") not in EXPORTS:
        raise RequestError(f"--export {sanitise(str(path))}: the ending must be one of {', '.join(EXPORTS)}.")
    return path


def refuse_empty(name: str, text: str) -> None:
    """Raises RequestError where a text is blank: in a script it is most likely an unset variable."""
    if not text.strip():
        raise RequestError(f"{name} is empty.", "Give some text; [MASK] and [SEP] in it are the special tokens.")
