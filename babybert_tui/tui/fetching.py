"""A published data set on its way onto this machine, on a thread of its own."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag
from threading import Thread

from textual.message import Message

from babybert_tui.corpora.published import PublishedSet, data_root_of, obtain
from babybert_tui.errors import BabyBertError


@dataclass
class FetchMoved(Message):
    """It is so far."""

    text: str

    def can_replace(self, message: Message) -> bool:
        """The newest one says all."""
        return isinstance(message, FetchMoved)


@dataclass
class FetchEnded(Message):
    """It is here; or `wrong` says why not, or it was given up."""

    name: str
    wrong: str = ""
    is_given_up: bool = False


class _GivenUpError(Exception):
    """The user has had enough."""


class Fetch:
    """Begins at once; what came is kept for the next try.

    Args:
        published: What to fetch.
        data_root: Where to, as in the settings.
        post: Posts a message to the screen; safe on any thread.
    """

    def __init__(self, published: PublishedSet, data_root: str | None, post: Callable[[Message], object]) -> None:
        self._published, self._data_root, self._post = published, data_root, post
        self._given_up = Flag()
        Thread(target=self._work, name="fetching", daemon=True).start()

    def give_up(self) -> None:
        """Ends it at the next block that comes."""
        self._given_up.set()

    def _work(self) -> None:
        name = self._published.name
        try:
            root = data_root_of(self._data_root)
            obtain(self._published, root, progress=self._tell, say=lambda text: self._tell(text, None))
        except _GivenUpError:
            self._post(FetchEnded(name, is_given_up=True))
        except BabyBertError as error:
            self._post(FetchEnded(name, str(error)))
        except Exception as error:  # noqa: BLE001 - the screen says so
            traceback.print_exc()
            self._post(FetchEnded(name, f"{type(error).__name__}: {error}"))
        else:
            self._post(FetchEnded(name, is_given_up=self._given_up.is_set()))  # perhaps after the last block came

    def _tell(self, message: str, share: float | None) -> None:
        if self._given_up.is_set():
            raise _GivenUpError
        self._post(FetchMoved(message if share is None else f"{message}: {share:.0%}"))
