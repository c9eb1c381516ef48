"""Pairs from text that a run was not trained on, with the answer to whether B follows A."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from babybert_tui.errors import BabyBertError
from babybert_tui.presets import DEFAULT_PRESET, preset_values
from babybert_tui.settings import Settings, build
from babybert_tui.training.record import read_record
from babybert_tui.training.runs import RECORD
from babybert_tui.tui.inspect.weights import Weights

if TYPE_CHECKING:
    from babybert_tui.training.session import TrainingSession


@dataclass
class HeldOutPair(Message):
    """A pair was drawn, or could not be."""

    text_a: str = ""
    text_b: str = ""
    follows: bool | None = None
    failure: str = ""


def settings_of(weights: Weights) -> Settings:
    """How the run of these weights was trained; the default settings where nothing says it.

    Raises:
        RunError: The record of the run is damaged.
    """
    for folder in (weights.folder, weights.folder.parent) if weights.folder is not None else ():
        if (folder / RECORD).is_file():
            return read_record(folder).settings
    return build(preset_values(DEFAULT_PRESET))


class HeldOutTexts:
    """Draws pairs; keeps the last corpus. For one thread at a time."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._documents: list[tuple[str, ...]] = []

    def draw(self, weights: Weights, session: "TrainingSession | None", number: int) -> HeldOutPair:
        """The pair of this number, or why there is none.

        Args:
            weights: Of whose run.
            session: That run, where it is in training.
            number: Each stands for another pair.
        """
        try:
            settings = settings_of(weights) if session is None else session.settings_at(session.step + 1)
            return self._pair(settings, number)
        except (BabyBertError, OSError) as error:
            return HeldOutPair(failure=str(error))

    def _pair(self, settings: Settings, number: int) -> HeldOutPair:
        """Two neighbouring sentences; every second time B is from another document."""
        from babybert_tui.randomness import generator

        documents = [document for document in self._held_out(settings) if len(document) > 1]
        if len(documents) < 2:
            return HeldOutPair(failure="The corpus of this run has no held-out pairs.")
        random = generator(number, "inspected pair")
        first, other = random.permutation(len(documents))[:2]
        document = documents[int(first)]
        at = int(random.integers(len(document) - 1))
        follows = bool(random.integers(2))
        if follows:
            return HeldOutPair(document[at], document[at + 1], follows=True)
        stranger = documents[int(other)]
        return HeldOutPair(document[at], stranger[int(random.integers(len(stranger)))], follows=False)

    def _held_out(self, settings: Settings) -> list[tuple[str, ...]]:
        from babybert_tui.errors import RequestError
        from babybert_tui.training.preparation import held_out_documents

        if settings.corpus == "-":
            raise RequestError("This run was trained on piped text: it cannot be read again.")
        key = settings.corpus, settings.held_out_share, settings.text_field, settings.encoding_errors
        if key != self._key:
            self._documents, self._key = held_out_documents(settings), key
        return self._documents
