"""The thread that draws questions and puts them to the model."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from babybert_tui.errors import BabyBertError, RequestError
from babybert_tui.settings import Settings
from babybert_tui.tui import computing
from babybert_tui.tui.game.hand import Hand
from babybert_tui.tui.inspect.held_out import settings_of
from babybert_tui.tui.inspect.models import Loaded, ModelShelf, SessionNow
from babybert_tui.tui.inspect.weights import Weights
from babybert_tui.tui.prepared import PreparedTexts

if TYPE_CHECKING:
    from babybert_tui.game.deck import Deck, GameText


@dataclass
class Dealt(Message):
    """There is a question, or a reason why there is none."""

    hand: Hand | None = None
    failure: str = ""


class Dealer:
    """Deals in `Dealt` messages.

    Args:
        post: Posts a message; safe on any thread.
        weights_now: Whose weights play, asked on the dealer's thread before each question.
        session_now: The run in training, if any.
        texts: Corpora that were read before.
        seed: Of the questions.
    """

    def __init__(
        self,
        post: Callable[[Message], object],
        weights_now: Callable[[], Weights | None],
        session_now: SessionNow,
        texts: PreparedTexts,
        seed: int,
    ) -> None:
        self._post = post
        self._weights_now = weights_now
        self._session_now = session_now
        self._texts = texts
        self._seed = seed
        self._shelf = ModelShelf(session_now)
        self._deck: Deck | None = None
        self._text: GameText | None = None
        self._corpus = ""
        self._numbers: SimpleQueue[int | None] = SimpleQueue()
        Thread(target=self._work, name="dealer", daemon=True).start()

    def deal(self, number: int) -> None:
        """Asks for the question of this number, from 0."""
        self._numbers.put(number)

    def end(self) -> None:
        """The thread leaves."""
        self._numbers.put(None)

    def _work(self) -> None:
        while (number := self._numbers.get()) is not None:
            try:
                self._post(Dealt(computing.in_passing(partial(self._hand, number))))
            except BabyBertError as error:
                self._post(Dealt(failure=str(error)))
            except Exception as error:  # noqa: BLE001 - the screen says so; the thread lives on
                traceback.print_exc()
                self._post(Dealt(failure=f"{type(error).__name__}: {error}"))

    def _hand(self, number: int) -> Hand:
        computing.load()
        from babybert_tui.game.asking import ask

        weights = self._weights_now()
        if weights is None:
            raise RequestError("There is no model to play against yet.", "Esc, then space trains one.")
        loaded = self._shelf.get(weights)
        deck = self._deck_for(loaded)
        assert self._text is not None
        card = deck.card(number)
        name, objective = loaded.weights.words, deck.objective
        return Hand(card, ask(loaded.model, card.item), self._text.vocabulary.pieces, name, self._corpus, objective)

    def _deck_for(self, loaded: Loaded) -> "Deck":
        """The deck of this game; another vocabulary needs another one."""
        from babybert_tui.game.deck import Deck
        from babybert_tui.tokenization import vocabulary_of
        from babybert_tui.training.preparation import pair_settings

        if self._deck is None or self._text is None or self._text.vocabulary.pieces != vocabulary_of(loaded.tokenizer):
            settings = self._settings(loaded.weights)
            objective = loaded.objective if loaded.model.nsp_head is not None else "none"
            longest = min(settings.max_length, loaded.model.config.max_position_embeddings)
            pairs = replace(pair_settings(settings), max_length=longest, objective=objective)
            self._text = self._text_for(loaded, settings)
            self._deck, self._corpus = Deck(self._text, pairs, self._seed), settings.corpus
        return self._deck

    def _settings(self, weights: Weights) -> Settings:
        session = self._session_now() if weights.is_live else None
        settings = settings_of(weights) if session is None else session.settings_at(session.step + 1)
        if settings.corpus == "-":
            raise RequestError(
                "This run was trained on piped text, which cannot be read again.", "b in Inspect chooses other weights."
            )
        return settings

    def _text_for(self, loaded: Loaded, settings: Settings) -> "GameText":
        """The text that the model was trained on, cut as the model reads it."""
        from babybert_tui.game.deck import GameText
        from babybert_tui.tokenization import vocabulary_of

        prepared, folder = self._texts.prepared(settings), loaded.weights.folder
        if prepared.vocabulary.pieces != vocabulary_of(loaded.tokenizer) and folder is not None:
            prepared = self._texts.prepared(replace(settings, tokenizer=str(folder)))
        return GameText(prepared.training, prepared.held_out, prepared.vocabulary)
