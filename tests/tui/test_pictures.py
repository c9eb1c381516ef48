"""The pictures in the README: what the first screen replays from the checkpoint that ships, at two sizes.

`BABYBERT_TUI_DRAW_PICTURES=1 pytest tests/tui/test_pictures.py` draws them anew; look at them before they are kept.
"""

import os
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from babybert_tui.settings import Settings
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.history import State
from babybert_tui.tui.screens.bench import Bench
from tui.waiting import app_of, until

pytestmark = pytest.mark.asyncio
PICTURES = Path(__file__).parent / "pictures"
SHIPPED = Path(__file__).parents[2] / "checkpoints"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_the_first_screen_looks_as_in_the_readme(
    make_app: Callable[..., BabyBertApp], monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("babybert_tui.tui.trainer.Trainer.load", lambda self: None)
    monkeypatch.setattr("babybert_tui.tui.previewer.Previewer.ask", lambda self, settings: None)
    monkeypatch.setattr("babybert_tui.tui.past.shipped_checkpoints", lambda: SHIPPED)
    monkeypatch.setattr(Bench, "_play", lambda self: None)  # stands still
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    app = make_app(**vars(Settings()))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app_of(pilot).replay is not None and pilot.app.screen.view.state is State.REPLAY)
        screen = pilot.app.screen
        assert isinstance(screen, Bench)
        screen._cursor = len(screen.view.probe.snapshots) - 1
        screen.refresh_view()
        await pilot.pause()
        picture = pilot.app.export_screenshot(title="babybert-tui")
    path = PICTURES / f"first-screen-{size[0]}x{size[1]}.svg"
    if os.environ.get("BABYBERT_TUI_DRAW_PICTURES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(picture, encoding="utf-8")
    assert words(picture) == words(path.read_text(encoding="utf-8")), "draw it anew, and look at it"


def words(picture: str) -> list[str]:
    """The texts of an SVG in order, without the colours and ids, which change with the version of the exporter."""
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", picture)]
