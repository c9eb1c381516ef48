"""Models ready to be looked into, the last few kept: stepping through a run's checkpoints comes back to them."""

import copy
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import ref

from babybert_tui.errors import RequestError
from babybert_tui.tui import computing
from babybert_tui.tui.inspect.weights import Weights

if TYPE_CHECKING:
    from transformers import BertTokenizer

    from babybert_tui.bert import BabyBert
    from babybert_tui.training.session import TrainingSession

Result = TypeVar("Result")
SessionNow = Callable[[], "TrainingSession | None"]

_KEPT = 8
_COPIES_KEPT = 2  # of the model in training: one looked at, and one beside it
_SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model of one's own: nobody trains it."""

    weights: Weights  # with the step that it really is of
    model: "BabyBert"
    tokenizer: "BertTokenizer"
    objective: str


class ModelShelf:
    """Loads models and keeps the last few. For one thread.

    Args:
        session_now: The run in training, if any; asked on the thread that looks.
    """

    def __init__(self, session_now: SessionNow) -> None:
        self._session_now = session_now
        self._kept: OrderedDict[tuple[Path, int], Loaded] = OrderedDict()
        self._copies: OrderedDict[Weights, Loaded] = OrderedDict()
        self._tokenizer: tuple[ref[TrainingSession], BertTokenizer] | None = None

    def get(self, weights: Weights) -> Loaded:
        """The model of these weights. Raises RequestError where there is none."""
        return self._copied(weights) if weights.folder is None else self._read(weights, weights.folder)

    def _read(self, weights: Weights, folder: Path) -> Loaded:
        computing.load()
        from babybert_tui.inspection.checkpoint import load_inspectable, sentence_objective

        key = folder, _changed(folder)
        if key not in self._kept:
            model, tokenizer, config = load_inspectable(folder)
            self._kept[key] = Loaded(weights, model, tokenizer, sentence_objective(config))
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _copied(self, weights: Weights) -> Loaded:
        """A copy of the weights in training, taken between two steps; asked for again, the same copy."""
        if weights not in self._copies:
            self._copies[weights] = self._copy_now()
        self._copies.move_to_end(weights)
        while len(self._copies) > _COPIES_KEPT:
            self._copies.popitem(last=False)
        return self._copies[weights]

    def _copy_now(self) -> Loaded:
        session = self._session_now()
        if session is None:
            raise RequestError("No model is in training any more.", "b chooses among the checkpoints.")

        def copied() -> tuple["BabyBert", int, str]:
            settings = session.settings_at(session.step + 1)
            return copy.deepcopy(session.model), session.step, settings.sentence_objective

        model, step, objective = self._between_steps(session, copied)
        now = Weights(session.run.name, step)
        return Loaded(now, model.cpu().float().eval(), self._tokenizer_of(session), objective)

    def _tokenizer_of(self, session: "TrainingSession") -> "BertTokenizer":
        """A tokenizer of our own: one that two threads use at a time can fail."""
        if self._tokenizer is None or self._tokenizer[0]() is not session:
            own = self._between_steps(session, lambda: copy.deepcopy(session.vocabulary.tokenizer))
            self._tokenizer = ref(session), own
        return self._tokenizer[1]

    def _between_steps(self, session: "TrainingSession", function: Callable[[], Result]) -> Result:
        future = session.orders.call(function)
        while True:
            try:
                return future.result(timeout=_SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if self._session_now() is not session:
                    raise RequestError("The run has just ended.", "b chooses among its checkpoints.") from None


def _changed(folder: Path) -> int:
    """When the weights were written: a checkpoint of the same name may be another one."""
    try:
        return max(path.stat().st_mtime_ns for path in folder.iterdir())
    except (OSError, ValueError):
        return 0
