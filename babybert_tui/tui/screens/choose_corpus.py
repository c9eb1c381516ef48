"""The corpora to choose from: each with its size, how it begins, and its download where it is not here yet."""

import traceback
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from babybert_tui.corpora.glimpse import Glimpse, glimpse
from babybert_tui.corpora.hub import PREFIX as HUB_PREFIX
from babybert_tui.corpora.opening import BUILT_IN_NAMES
from babybert_tui.corpora.published import PUBLISHED, data_root_of, locate
from babybert_tui.errors import BabyBertError
from babybert_tui.render.labels import fitted
from babybert_tui.render.palette import Palette
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.tui import computing
from babybert_tui.tui.fetching import Fetch, FetchEnded, FetchMoved
from babybert_tui.tui.offers import OWN_FILE, corpus_help
from babybert_tui.tui.screens.dialog import Dialog

_SENTENCES = 4  # of each document
_SENTENCE_CHARACTERS = 300
_NAME_CELLS = 17  # of a terminal: enough for the longest of ours
_MB = 10**6
_HELP = "Enter: take it · Esc: leave it"
_HELP_FETCHING = "Esc: stop the download; what came is kept"


@dataclass
class Glimpsed(Message):
    """A glimpse has been had."""

    name: str
    seen: Content


class ChooseCorpus(Dialog[str]):
    """Enter or a click chooses; a data set that is not on this machine is downloaded first.

    Args:
        settings: Those of the Tune pane: which corpus is chosen now, and how texts are read.
        own: Files and folders that were chosen before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close")]

    def __init__(self, settings: Settings, own: list[str]) -> None:
        super().__init__()
        self._settings = settings
        self._root = data_root_of(settings.data_root)
        self._names = list(dict.fromkeys([*BUILT_IN_NAMES, *PUBLISHED, *own, OWN_FILE]))
        self._seen: dict[str, Content] = {}
        self._fetch: Fetch | None = None

    def compose(self) -> ComposeResult:
        """What it is made of."""
        with Vertical(classes="dialog wide"):
            yield Static(Content("Corpus"), classes="dialog-title")
            with Horizontal(id="corpora"):
                yield OptionList(*(Option(self._row(name)) for name in self._names))
                with VerticalScroll(id="glimpse", can_focus=False):
                    yield Static("", id="glimpse-text")
            yield Static("", id="fetch", classes="setting-error")
            yield Static(Content(_HELP), id="corpus-help", classes="dialog-help")

    def on_mount(self) -> None:
        """Begins at what is chosen now."""
        options = self.query_one(OptionList)
        now = self._settings.corpus
        options.highlighted = self._names.index(now) if now in self._names else 0
        options.focus()

    def _row(self, name: str) -> Content:
        if name == OWN_FILE:
            return Content.styled(name, "bold")
        shown = fitted(sanitise(_short(name)), _NAME_CELLS, Palette())
        return Content.styled(shown, "bold") + Content.styled(f"  {self._state_of(name)}", "dim")

    def _state_of(self, name: str) -> str:
        if name in BUILT_IN_NAMES:
            return "built in"
        if name not in PUBLISHED:
            return "yours"
        return "here" if self._is_here(name) else f"↓ {PUBLISHED[name].download_size / _MB:,.0f} MB"

    def _is_here(self, name: str) -> bool:
        return locate(PUBLISHED[name], self._root) is not None

    @on(OptionList.OptionHighlighted)
    def _look(self, event: OptionList.OptionHighlighted) -> None:
        name = self._names[event.option_index]
        if name not in self._seen:
            self._seen[name] = self._at_first(name)
            if self._can_be_read(name):
                # A daemon: who leaves the program does not wait for the Hub.
                Thread(target=self._glimpse, args=(name,), name="glimpse", daemon=True).start()
        self._show(name)

    def _can_be_read(self, name: str) -> bool:
        return name != OWN_FILE and (name not in PUBLISHED or self._is_here(name))

    def _at_first(self, name: str) -> Content:
        """What is known of a corpus without looking into it."""
        head = Content.styled(f"{sanitise(name)}\n", "bold")
        if name == OWN_FILE:
            return head + Content(".txt .md .jsonl .csv, also .gz; a folder of them; or hub:NAME, of the Hub")
        if name.startswith(HUB_PREFIX):
            return head + Content("asking the Hugging Face Hub …")
        if name not in PUBLISHED or self._is_here(name):
            return head + Content("looking …")
        published = PUBLISHED[name]
        return head + Content(
            f"{published.title}\n\nnot on this machine: Enter downloads {published.download_size / _MB:,.1f} MB, "
            f"{published.unpacked / _MB:,.0f} MB unpacked, to {sanitise(str(self._root))}"
        )

    def _glimpse(self, name: str) -> None:
        """On a thread."""
        settings = self._settings
        head = Content.styled(f"{sanitise(name)}\n", "bold")
        try:
            if name in PUBLISHED or name.startswith(HUB_PREFIX):
                computing.load()  # torchtext and datasets import torch, which two threads must not do at once
            found = glimpse(
                name,
                text_field=settings.text_field,
                encoding_errors=settings.encoding_errors,
                data_root=settings.data_root,
            )
        except BabyBertError as error:
            self.post_message(Glimpsed(name, head + Content.styled(sanitise(str(error)), "$text-error")))
        except Exception as error:  # noqa: BLE001 - the pane says so
            traceback.print_exc()
            self.post_message(Glimpsed(name, head + Content(sanitise(f"{type(error).__name__}: {error}"))))
        else:
            self.post_message(Glimpsed(name, head + _content_of(name, found)))

    @on(Glimpsed)
    def _keep(self, event: Glimpsed) -> None:
        self._seen[event.name] = event.seen
        if self._highlighted() == event.name:
            self._show(event.name)

    def _highlighted(self) -> str | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None else self._names[index]

    def _show(self, name: str) -> None:
        self.query_one("#glimpse-text", Static).update(self._seen[name])
        self.query_one("#glimpse", VerticalScroll).scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        name = self._names[event.option_index]
        if self._fetch is not None:
            return
        if name in PUBLISHED and not self._is_here(name):
            self._fetch = Fetch(PUBLISHED[name], self._settings.data_root, self.post_message)
            self._say(f"downloading {name} …", _HELP_FETCHING)
        else:
            self.dismiss(name)

    @on(FetchMoved)
    def _show_progress(self, event: FetchMoved) -> None:
        if self._fetch is not None:
            self._say(event.text, _HELP_FETCHING)

    @on(FetchEnded)
    def _end_fetch(self, event: FetchEnded) -> None:
        self._fetch = None
        if event.wrong or event.is_given_up:
            self._say(event.wrong or "stopped: the next try goes on where this one ended", _HELP)
        else:
            self.dismiss(event.name)

    def _say(self, text: str, keys: str) -> None:
        status = self.query_one("#fetch", Static)
        status.update(Content(sanitise(text)))
        status.display = True
        self.query_one("#corpus-help", Static).update(Content(keys))

    def action_leave(self) -> None:
        """Stops a download; without one, leaves all as it is."""
        if self._fetch is not None:
            self._fetch.give_up()
        else:
            self.dismiss(None)


def _short(name: str) -> str:
    """A path by its last part: the list is narrow, and the glimpse has all of it."""
    is_path = "/" in name and not name.startswith(HUB_PREFIX)
    return Path(name).name or name if is_path else name


def _what_it_is(name: str) -> str:
    if name.startswith(HUB_PREFIX):
        return "of the Hugging Face Hub, read over the network when it is used"
    return PUBLISHED[name].title if name in PUBLISHED else corpus_help(name)


def _content_of(name: str, found: Glimpse) -> Content:
    facts = [_what_it_is(name), f"{found.size / _MB:,.1f} MB" if found.size else "", found.format]
    lines = [Content.styled("\n".join(filter(None, facts)), "dim")]
    for document in found.documents:
        lines += [Content(""), *(Content(_shown(sentence)) for sentence in document[:_SENTENCES])]
        if len(document) > _SENTENCES:
            lines.append(Content.styled(f"and {len(document) - _SENTENCES:,} sentences more", "dim"))
    return Content("\n").join(lines)


def _shown(sentence: str) -> str:
    shown = sanitise(sentence[:_SENTENCE_CHARACTERS])
    return shown if len(sentence) <= _SENTENCE_CHARACTERS else f"{shown} …"
