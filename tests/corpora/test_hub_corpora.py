"""Data sets of the Hub are streamed, with the Hub itself replaced; what fails is one line."""

import logging
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from babybert_tui.corpora.hub import HubName, HubSource, parse_hub_name
from babybert_tui.corpora.opening import open_corpus
from babybert_tui.errors import RequestError

RECORDS = [{"id": number, "text": f"Record {number} begins. It goes on."} for number in range(5)]


class Hub(ModuleType):
    """The package `datasets` with one data set."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        super().__init__("datasets")
        self.records = records
        self.asked: list[tuple[str, str | None, str]] = []
        self.taken = 0
        self.revision = "abc"
        self.fails_after: int | None = None
        self.logging = SimpleNamespace(set_verbosity=logging.getLogger("datasets").setLevel)

    def disable_progress_bars(self) -> None:
        pass

    def load_dataset_builder(self, name: str, configuration: str | None) -> Any:
        def stream(split: str) -> Iterator[dict[str, Any]]:
            self.asked.append((name, configuration, split))
            return self._records()

        info = SimpleNamespace(version="1.0.0")
        return SimpleNamespace(hash=self.revision, info=info, as_streaming_dataset=stream)

    def _records(self) -> Iterator[dict[str, Any]]:
        for record in self.records:
            if self.taken == self.fails_after:
                raise ConnectionError("Could not reach the server\nmore lines of advice")
            self.taken += 1
            yield record


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    found = Hub(RECORDS)
    monkeypatch.setitem(sys.modules, "datasets", found)
    return found


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("hub:imdb", HubName("imdb", None, "train")),
        ("hub:someone/texts:en", HubName("someone/texts", "en", "train")),
        ("hub:someone/texts:en:test", HubName("someone/texts", "en", "test")),
        ("hub:someone/texts::test", HubName("someone/texts", None, "test")),
    ],
)
def test_name_configuration_and_split_are_told_apart(name: str, meant: HubName) -> None:
    assert parse_hub_name(name) == meant


@pytest.mark.parametrize("name", ["hub:", "hub:../x", "hub:/etc", "hub:a/b/c", "hub:a:b:c:d", "hub:a b", "hub:x:../y"])
def test_what_is_no_name_is_refused(hub: Hub, name: str) -> None:
    with pytest.raises(RequestError, match="no name of a data set"):
        open_corpus(name)
    assert hub.asked == []


def test_records_become_documents_in_their_order(hub: Hub) -> None:
    corpus = open_corpus("hub:someone/texts:en:test")
    assert hub.asked == [("someone/texts", "en", "test")]
    assert [document[0] for document in corpus.documents] == [f"Record {number} begins." for number in range(5)]
    assert corpus.name == "hub:someone/texts:en:test"


def test_records_are_streamed_and_not_gathered_first(hub: Hub) -> None:
    hub.records = [{"text": f"Record {number}. " + "It goes on. " * 10_000} for number in range(500)]
    blocks = HubSource("hub:someone/texts", None).blocks(lambda _done: None)
    next(iter(blocks))
    assert hub.taken < 300


def test_the_column_is_named_or_the_only_one_with_words(hub: Hub) -> None:
    hub.records = [{"id": number, "body": f"Record {number}. It ends."} for number in range(5)]
    assert len(open_corpus("hub:someone/texts").documents) == 5
    hub.records = [{**record, "title": "A title."} for record in hub.records]
    with pytest.raises(RequestError, match=r"its fields: id, body, title\. Name it with --text-field"):
        open_corpus("hub:someone/texts")
    assert len(open_corpus("hub:someone/texts", text_field="body").documents) == 5
    with pytest.raises(RequestError, match="record 1: 'id' is no field with a text"):
        open_corpus("hub:someone/texts", text_field="id")


def test_empty_records_are_counted(hub: Hub) -> None:
    hub.records = [*RECORDS, {"id": 9, "text": None}, {"id": 10, "text": "  "}]
    assert "2 empty records left out" in open_corpus("hub:someone/texts").notes


def test_another_revision_is_another_text(hub: Hub) -> None:
    before = HubSource("hub:someone/texts", None).fingerprint(lambda _done: None)
    assert HubSource("hub:someone/texts", None).fingerprint(lambda _done: None) == before
    hub.revision = "def"
    assert HubSource("hub:someone/texts", None).fingerprint(lambda _done: None) != before


@pytest.mark.parametrize("fails_after", [0, 3])
def test_a_network_that_fails_is_one_line_and_never_half_a_text(hub: Hub, fails_after: int) -> None:
    hub.fails_after = fails_after
    with pytest.raises(RequestError, match="cannot be read from the Hub: Could not reach the server") as caught:
        open_corpus("hub:someone/texts")
    assert "\n" not in str(caught.value)


def test_without_the_package_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(RequestError, match=r"pip install 'babybert-tui\[hub\]'"):
        open_corpus("hub:someone/texts")


@pytest.mark.usefixtures("hub")
def test_what_the_package_logs_before_it_fails_is_not_shown() -> None:
    open_corpus("hub:owner/records")
    assert not logging.getLogger("datasets").isEnabledFor(logging.ERROR)
