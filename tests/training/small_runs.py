"""Training runs of a second or less, on a text made up on the spot."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from babybert_tui.settings import Settings, build
from babybert_tui.training.events import Ended, Event
from babybert_tui.training.opening import FinishedRun, RunRequest, open_session
from babybert_tui.training.session import TrainingSession

RUN = "small"
_NAMES, _PLACES = ("anna", "ben", "clara", "david"), ("garden", "kitchen", "forest", "playground")
_THINGS, _DEEDS = ("apple", "lantern", "basket", "whistle"), ("found", "carried", "painted", "remembered")


def write_corpus(path: Path, documents: int = 12) -> Path:
    """One sentence a line, a blank line after each document."""
    rng = random.Random(4)
    lines = []
    for number in range(documents):
        for _ in range(rng.randint(3, 9)):
            name, deed, thing, place = (rng.choice(words) for words in (_NAMES, _DEEDS, _THINGS, _PLACES))
            more = rng.choice(["", " again", f", and {rng.choice(_NAMES)} laughed", " before breakfast"])
            lines.append(f"{name} {deed} the {thing} in the {place}{more}.")
        lines += [f"that was day {number}.", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def small_settings(corpus: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "corpus": str(corpus),
        "run": RUN,
        "vocab_size": 120,
        "hidden_size": 16,
        "num_layers": 2,
        "num_heads": 2,
        "max_length": 24,
        "batch_size": 6,
        "dropout": 0.1,
        "max_steps": 12,
        "save_every": 5,
        "eval_every": 6,
        "log_every": 1,
        "precision": "fp32",
        "device": "cpu",
        "threads": 1,
        "keep": 0,
    }
    return build(values | changes)


@contextmanager
def opened(settings: Settings, directory: Path, warnings: list[str] | None = None) -> Iterator[TrainingSession]:
    """A session that has something to do."""
    request = RunRequest(settings, "baby", directory)
    with open_session(request, warn=(warnings if warnings is not None else []).append) as session:
        assert isinstance(session, TrainingSession)
        yield session


def train(
    settings: Settings,
    directory: Path,
    at_event: Callable[[TrainingSession, Event], None] = lambda _session, _event: None,
    warnings: list[str] | None = None,
) -> list[Event]:
    """Runs a session to its end; `at_event` may give it orders on the way."""
    events = []
    with opened(settings, directory, warnings) as session:
        for event in session.events():
            events.append(event)
            at_event(session, event)
    return events


def digest_of(events: list[Event]) -> str:
    """The `state_sha256` at the end of a run."""
    last = events[-1]
    assert isinstance(last, Ended)
    assert last.state_sha256 is not None
    return last.state_sha256


def stop_at(step: int, reason: str = "interrupted") -> Callable[[TrainingSession, Event], None]:
    """Stops the session once update `step` was made."""

    def order(session: TrainingSession, event: Event) -> None:
        if event.name == "step" and event.step == step:
            session.orders.stop(reason)

    return order


def is_finished(settings: Settings, directory: Path) -> bool:
    with open_session(RunRequest(settings, "baby", directory)) as session:
        return isinstance(session, FinishedRun)


def metrics_of(directory: Path, run: str = RUN) -> list[dict[str, Any]]:
    """The lines of `metrics.jsonl`, every one of which must be whole."""
    text = (directory / run / "metrics.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
