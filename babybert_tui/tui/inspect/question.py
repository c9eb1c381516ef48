"""What the inspector is asked, and what it answers: plain data that both threads may hold."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from babybert_tui.inspection.trace import Floats, Trace, UnknownWord
from babybert_tui.tui.inspect.weights import Weights

if TYPE_CHECKING:
    from babybert_tui.inspection.ablation import Ablation
    from babybert_tui.inspection.cell_arithmetic import CellArithmetic
    from babybert_tui.inspection.logit_lens import LensLayer
    from babybert_tui.training.recording import Recording

Head = tuple[int, int]  # (layer, head), both from 1


class Kind(StrEnum):
    """What the cells of a map are."""

    ATTENTION = "attention α"
    SCORES = "scores q·k/√d"
    NORMS = "‖α f(x)‖"
    ROLLOUT = "rollout"


@dataclass(frozen=True)
class Question:
    """One input, and the model that is to look at it."""

    weights: Weights | None = None
    text_a: str = ""
    text_b: str = ""
    masks: tuple[int, ...] | Literal["auto"] = ()
    seed: int = 0  # of the draw, for "auto"
    heads_off: tuple[Head, ...] = ()
    follows: bool | None = None  # whether B does follow A, where that is known

    def with_texts(self, text_a: str, text_b: str, *, follows: bool | None = None) -> "Question":
        """Other texts. The masks go: they were places in the old ones."""
        if (text_a, text_b) == (self.text_a, self.text_b):
            return self
        return replace(self, text_a=text_a, text_b=text_b, masks=(), follows=follows)

    def with_mask_toggled(self, position: int, trace: Trace) -> "Question":
        """One token hidden or shown. A draw as in training becomes plain masks at the same places."""
        hidden = {one.position for one in trace.masked if one.original is not None}
        masks = tuple(sorted(hidden ^ {position}))
        return replace(self, masks=masks)

    def with_masks_drawn(self) -> "Question":
        """Hidden as in training; asked again, drawn anew."""
        return replace(self, masks="auto", seed=self.seed + 1 if self.masks == "auto" else self.seed)

    def with_head_toggled(self, head: Head) -> "Question":
        """A head silenced, or heard again."""
        silent = set(self.heads_off) ^ {head}
        return replace(self, heads_off=tuple(sorted(silent)))


@dataclass(frozen=True)
class Cell:
    """One number of one map: layer and head from 1, positions from 0."""

    layer: int
    head: int
    query: int
    key: int


@dataclass(frozen=True)
class Request:
    """A question, and which of the costly answers are wanted too."""

    question: Question
    kind: Kind = Kind.ATTENTION
    cell: Cell | None = None  # its arithmetic
    draft: tuple[str, str] | None = None  # texts being typed: their unknown words
    beside: Weights | None = None  # others that are to look at the same input
    lens: bool = False  # what the words would be after each layer
    recording: "Recording | None" = field(default=None, compare=False)  # where the weights are a recorded moment


@dataclass(frozen=True)
class Draft:
    """What is known of texts before they are applied."""

    texts: tuple[str, str]
    words: int
    unknown: tuple[UnknownWord, ...]


@dataclass(frozen=True, eq=False)
class Look:
    """The answer to a request. Nothing in it changes any more."""

    request: Request
    trace: Trace | None = None
    step: int | None = None  # of the weights, where they are of a run
    values: Floats | None = None  # (layers, heads or 1, n, n) of the request's kind
    arithmetic: "CellArithmetic | None" = None
    ablation: "Ablation | None" = None
    lens: tuple["LensLayer", ...] = ()
    draft: Draft | None = None
    failure: str = ""
    layers: int = 0
    heads: int = 0
    past: tuple["PastLook", ...] = field(default=())
    beside: "Look | None" = None  # what the others made of it

    @property
    def is_recorded(self) -> bool:
        """Whether it was recorded, and there is no model that could be asked."""
        weights = self.request.question.weights
        return weights is not None and weights.is_recorded


@dataclass(frozen=True)
class PastLook:
    """What an earlier checkpoint made of the same input: its first guess at each masked position."""

    step: int
    first: dict[int, tuple[str, float]]
    is_next: float | None
