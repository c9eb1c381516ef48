"""Choosing a corpus: what each one is and how it begins, and the download of a data set that is not here yet."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from corpora.mirror import Mirror, Served, serving
from corpora.published_copies import write_treebank
from corpora.test_hub_corpora import Hub
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from babybert_tui.corpora.download import RemoteFile
from babybert_tui.corpora.published import PUBLISHED
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.screens.choose_corpus import ChooseCorpus
from tui.waiting import app_of, shown, until

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]
NAME = "penn-treebank"


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """The address of a small treebank."""
    copy = write_treebank(tmp_path / "elsewhere")
    with serving() as found:
        found.files = {path.name: Served(path.read_bytes()) for path in sorted(copy.iterdir())}
        files = tuple(
            RemoteFile(file.name, (found.address_of(file.name),), len(found[file.name].content))
            for file in PUBLISHED[NAME].files
        )
        monkeypatch.setitem(PUBLISHED, NAME, replace(PUBLISHED[NAME], files=files))
        yield found


async def open_list(pilot: Pilot, name: str) -> ChooseCorpus:
    """Opens the list at a corpus."""
    app_of(pilot)._tune.choose("corpus")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChooseCorpus) and pilot.app.screen.query(OptionList))
    screen = pilot.app.screen
    assert isinstance(screen, ChooseCorpus)
    screen.query_one(OptionList).highlighted = screen._names.index(name)
    await pilot.pause()
    return screen


def said(screen: ChooseCorpus) -> str:
    return str(screen.query_one("#fetch", Static).content)


def glimpsed(screen: ChooseCorpus) -> str:
    return str(screen.query_one("#glimpse-text", Static).content)


async def test_the_highlighted_corpus_is_shown_as_it_is_read(make_app: MakeApp, corpus: Path) -> None:
    app = make_app()
    app.state.corpora = [str(corpus)]
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(pilot, str(corpus))
        await until(pilot, lambda: "the cat likes a cake" in glimpsed(screen))
        assert "blank line between documents" in glimpsed(screen)
        assert app_of(pilot).tuning.settings.corpus == str(corpus)


async def test_a_data_set_of_the_hub_begins_as_its_records_do(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [{"text": "The first [MASK] record. It goes on."}, {"text": "The second one. It ends."}]
    monkeypatch.setitem(sys.modules, "datasets", Hub(records))
    app = make_app()
    app.state.corpora = ["hub:someone/texts:en:test"]
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(pilot, "hub:someone/texts:en:test")
        await until(pilot, lambda: "The second one." in glimpsed(screen))
        assert "The first [MASK] record." in glimpsed(screen)
        assert "records of someone/texts, en, test, each one's 'text' a document" in glimpsed(screen)


async def test_without_the_hubs_package_or_the_hub_the_pane_says_what_to_do(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_reach = Hub([])
    out_of_reach.load_dataset_builder = _unreachable  # type: ignore[method-assign]
    for package, words in ((None, "pip install 'babybert-tui[hub]'"), (out_of_reach, "is there one?")):
        monkeypatch.setitem(sys.modules, "datasets", package)
        app = make_app()
        app.state.corpora = ["hub:someone/texts"]
        async with app.run_test(size=(120, 36)) as pilot:
            screen = await open_list(pilot, "hub:someone/texts")
            await until(pilot, lambda words=words, screen=screen: words in glimpsed(screen))


def _unreachable(name: str, configuration: str | None) -> None:
    raise ConnectionError(f"no way to {name} {configuration}")


async def test_a_text_that_cannot_be_read_says_so_in_its_place(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"caf\xe9 and more")
    app = make_app()
    app.state.corpora = [str(tmp_path / "bad.txt")]
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await open_list(pilot, str(tmp_path / "bad.txt"))
        await until(pilot, lambda: "is not valid UTF-8: line 1, byte 3" in glimpsed(screen))


async def test_escapes_in_a_text_and_its_name_are_shown_and_not_sent(make_app: MakeApp, tmp_path: Path) -> None:
    evil = tmp_path / "[red]evil\x1b[31m.txt"
    evil.write_text("A \x1b]52;c;eA==\x07 [bold]word[/ here.\n", encoding="utf-8")
    app = make_app()
    app.state.corpora = [str(evil)]
    async with app.run_test(size=(120, 36)) as pilot:
        await open_list(pilot, str(evil))
        await until(pilot, lambda: "[bold]word[/ here." in shown(pilot))
        assert "\x1b" not in shown(pilot)


async def test_a_data_set_that_is_not_here_is_downloaded_and_taken(
    make_app: MakeApp, mirror: Mirror, tmp_path: Path
) -> None:
    async with make_app(data_root=str(tmp_path / "data")).run_test(size=(120, 36)) as pilot:
        screen = await open_list(pilot, NAME)
        assert "not on this machine" in glimpsed(screen)
        assert mirror.asked == [], "nothing is fetched before it is asked for"
        await pilot.press("enter")
        await until(pilot, lambda: app_of(pilot).tuning.settings.corpus == NAME)
        assert (tmp_path / "data" / NAME / "ptb.train.txt").is_file()
        preview = app_of(pilot).previewer
        await until(pilot, lambda: preview.outlook.preview is not None and preview.outlook.preview.documents == 8)


async def test_a_download_that_fails_says_so_and_the_list_stays(
    make_app: MakeApp, mirror: Mirror, tmp_path: Path
) -> None:
    del mirror.files["ptb.valid.txt"]
    async with make_app(data_root=str(tmp_path / "data")).run_test(size=(120, 36)) as pilot:
        screen = await open_list(pilot, NAME)
        await pilot.press("enter")
        await until(pilot, lambda: "answered 404 Not Found" in said(screen))
        assert pilot.app.screen is screen
        assert str(tmp_path / "data") in said(screen)
        assert app_of(pilot).tuning.settings.corpus != NAME


async def test_escape_stops_a_download_and_takes_nothing(
    make_app: MakeApp, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Escape is heard with the next news; between two of them so small a file can come to its end.
    monkeypatch.setattr("babybert_tui.corpora.published.obtaining._SECONDS_BETWEEN_NEWS", 0.0)
    mirror["ptb.train.txt"].hold = Event()
    async with make_app(data_root=str(tmp_path / "data")).run_test(size=(120, 36)) as pilot:
        screen = await open_list(pilot, NAME)
        await pilot.press("enter")
        await until(pilot, lambda: mirror.asked)
        await pilot.press("escape")
        mirror["ptb.train.txt"].hold.set()
        await until(pilot, lambda: "stopped" in said(screen))
        assert not (tmp_path / "data" / NAME).exists()
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is not screen)
        assert app_of(pilot).tuning.settings.corpus != NAME


async def test_it_fits_the_smallest_terminal(make_app: MakeApp, corpus: Path) -> None:
    app = make_app()
    app.state.corpora = [str(corpus)]
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_list(pilot, str(corpus))
        await until(pilot, lambda: "the cat likes" in glimpsed(screen))
        assert "Enter: take it" in shown(pilot)
        assert "a file or folder …" in shown(pilot)
