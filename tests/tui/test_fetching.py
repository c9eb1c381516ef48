"""A download is given up whenever the user says so, also when all of it has come."""

from queue import Queue
from threading import Event as Flag
from typing import Any

import pytest
from textual.message import Message

from babybert_tui.corpora.published import PUBLISHED
from babybert_tui.tui.fetching import Fetch, FetchEnded

PATIENCE = 30  # seconds


@pytest.mark.parametrize("gives_up", [False, True])
def test_escape_after_the_last_block_is_heard(gives_up: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    has_all, posted = Flag(), Queue[Message]()

    def obtain(*_: Any, **__: Any) -> None:
        assert has_all.wait(PATIENCE)

    monkeypatch.setattr("babybert_tui.tui.fetching.obtain", obtain)
    fetch = Fetch(PUBLISHED["imdb"], None, posted.put)
    if gives_up:
        fetch.give_up()
    has_all.set()
    assert posted.get(timeout=PATIENCE) == FetchEnded("imdb", is_given_up=gives_up)
