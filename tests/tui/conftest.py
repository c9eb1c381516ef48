"""Small runs, and a folder of its own for each app."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from babybert_tui.configuration import Configuration
from babybert_tui.settings import Settings, build
from babybert_tui.training import runs
from babybert_tui.tui.app import BabyBertApp, Opening
from babybert_tui.tui.launch import SWITCH_SECONDS
from babybert_tui.tui.trainer import RunOrder
from tui.waiting import let_the_screen_work

_SUBJECTS = ("the cat", "the dog", "anna", "ben", "the old man", "a small bird")
_VERBS = ("sees", "likes", "finds", "wants", "has")
_SECONDS_TO_STOP = 20
_THINGS = ("the ball", "a cake", "the red boat", "some milk", "the key")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A text of sixty documents."""
    documents = []
    for number in range(60):
        subject = _SUBJECTS[number % 6]
        parts = [(subject, _VERBS[(number + k) % 5], _THINGS[(number * k + k) % 5]) for k in range(1, 5)]
        documents.append(" ".join(" ".join(part) + " ." for part in parts))
    path = tmp_path / "small.txt"
    path.write_text("\n\n".join(documents), encoding="utf-8")
    return path


@pytest.fixture
def small(corpus: Path) -> Settings:
    """A run of a second."""
    return build(
        {
            "corpus": str(corpus),
            "hidden_size": 16,
            "num_layers": 2,
            "num_heads": 2,
            "max_length": 24,
            "batch_size": 4,
            "vocab_size": 200,
            "max_steps": 40,
            "threads": 1,
            "precision": "fp32",
        }
    )


@pytest.fixture(autouse=True)
def threads_take_turns_as_in_the_program() -> Iterator[None]:
    """Small models hold the interpreter nearly all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(autouse=True)
def the_pilot_waits_for_the_screen_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot waits until the process rests: seconds a key in training, and not at all where it starves."""
    for module in ("textual.pilot", "textual.app"):
        monkeypatch.setattr(f"{module}.wait_for_idle", let_the_screen_work)


@pytest.fixture(autouse=True)
def nothing_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first screen replays is up to each test."""
    monkeypatch.setattr(runs, "shipped_checkpoints", lambda: tmp_path / "none")
    monkeypatch.setattr("babybert_tui.tui.past.shipped_checkpoints", lambda: tmp_path / "none")


@pytest.fixture(autouse=True)
def nothing_is_measured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's speed is measured only where a test is about it: that takes a second of its time."""
    if "measures_speed" not in request.fixturenames:
        monkeypatch.setattr("babybert_tui.tui.previewer.Previewer._measure_speed", lambda *_: None)


@pytest.fixture
def measures_speed() -> None:
    """For tests of what is measured before the first run."""


@pytest.fixture
def make_app(tmp_path: Path, small: Settings) -> Iterator[Callable[..., BabyBertApp]]:
    """Makes an app that trains small runs in a folder of its own, and at once where `trains`."""
    made: list[BabyBertApp] = []

    def make(*, trains: bool = False, **changes: object) -> BabyBertApp:
        settings = build({**vars(small), **changes})
        configuration = Configuration(settings, "baby", frozenset(vars(small)))
        order = RunOrder(settings, "baby") if trains else None
        made.append(
            BabyBertApp(Opening(configuration, tmp_path / "checkpoints", order, tmp_path / "state" / "app.json"))
        )
        return made[-1]

    yield make
    for app in made:
        app.trainer.stop()  # a test that failed leaves it training, and the interpreter would end by aborting
        app.trainer.wait_until_free(_SECONDS_TO_STOP)
