"""From where a look is looked at: which head, which cell, which part of the map, in which scale."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from babybert_tui.inspection.filters import Direction, FilteredMap
from babybert_tui.render.heatmap import EVERYTHING, MapChoice
from babybert_tui.render.scale import Scaling
from babybert_tui.tui.inspect.question import Cell, Kind, Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from babybert_tui.inspection.trace import Floats, Trace

Option = TypeVar("Option")

_DIRECTIONS = tuple(Direction)
_SCALINGS = (Scaling.ROW, Scaling.GLOBAL, Scaling.LOG)


@dataclass(frozen=True)
class Viewpoint:
    """Layer and head from 1; the query is also the token that the strip and the predictions are about."""

    layer: int = 1
    head: int = 1
    query: int = 0
    key: int = 0
    choice: MapChoice = EVERYTHING
    scaling: Scaling = Scaling.ROW
    kind: Kind = Kind.ATTENTION
    is_open: bool = False  # the arithmetic of the cell

    @property
    def cell(self) -> Cell:
        """The cell under the cursor."""
        return Cell(self.layer, self.head, self.query, self.key)

    def within(self, look: Look) -> "Viewpoint":
        """The same, moved to where there is something."""
        if look.trace is None:
            return self
        last = len(look.trace.tokens) - 1
        return replace(
            self,
            layer=min(max(1, self.layer), look.layers),
            head=min(max(1, self.head), look.heads),
            query=min(self.query, last),
            key=min(self.key, last),
        )

    def next_layer(self, by: int, look: Look) -> "Viewpoint":
        """Another layer; after the last comes the first."""
        return replace(self, layer=(self.layer - 1 + by) % look.layers + 1) if look.layers else self

    def next_head(self, by: int, look: Look) -> "Viewpoint":
        """Another head, running on through the layers."""
        if not look.heads:
            return self
        number = ((self.layer - 1) * look.heads + self.head - 1 + by) % (look.layers * look.heads)
        return replace(self, layer=number // look.heads + 1, head=number % look.heads + 1)

    def next_direction(self) -> "Viewpoint":
        """All, A→A, A→B, B→A, B→B."""
        return self._with_choice(direction=_following(self.choice.direction, _DIRECTIONS))

    def with_special_toggled(self) -> "Viewpoint":
        """Special tokens hidden or shown."""
        return self._with_choice(hide_special=not self.choice.hide_special)

    def with_renormalise_toggled(self) -> "Viewpoint":
        """What is shown of a row divided by its sum, or not."""
        return self._with_choice(renormalise=not self.choice.renormalise)

    def _with_choice(self, **changes: object) -> "Viewpoint":
        return replace(self, choice=replace(self.choice, **changes))  # type: ignore[arg-type]

    def next_scaling(self) -> "Viewpoint":
        """Row, global, log."""
        return replace(self, scaling=_following(self.scaling, _SCALINGS))

    def next_kind(self, kinds: tuple[Kind, ...] = tuple(Kind)) -> "Viewpoint":
        """Weights, scores, norms, rollout: the next of those that there are."""
        return replace(self, kind=_following(self.kind, kinds) if self.kind in kinds else kinds[0])

    @property
    def scaling_shown(self) -> Scaling:
        """Scores have a sign: a share of a row's largest or a logarithm would say nothing of them."""
        return Scaling.GLOBAL if self.kind is Kind.SCORES else self.scaling

    def matrix(self, look: Look) -> "Floats | None":
        """(n, n): what the map shows."""
        if look.values is None:
            return None
        heads = look.values[self.layer - 1]
        found: Floats = heads[min(self.head, len(heads)) - 1]
        return found

    def filtered(self, look: Look) -> FilteredMap | None:
        """The part of the map that is shown. Scores are never renormalised: they are not shares of anything."""
        matrix = self.matrix(look)
        if matrix is None or look.trace is None:
            return None
        is_scores = look.request.kind is Kind.SCORES
        choice = replace(self.choice, renormalise=False) if is_scores else self.choice
        return choice.of(look.trace, matrix)

    def hidden_mass(self, look: Look) -> float:
        """Of the attention (of a rollout: of itself), how much goes to keys that are not shown; a mean over rows."""
        trace = look.trace
        if trace is None or trace.attention is None:
            return 0.0
        matrix = self.matrix(look) if look.request.kind is Kind.ROLLOUT else trace.map(self.layer, self.head)
        return 0.0 if matrix is None else self.choice.of(trace, matrix).hidden_mass

    def place_in(self, shown: FilteredMap) -> tuple[int, int] | None:
        """Row and column of the cursor among those shown: its own, or the nearest."""
        if not shown.values.size:
            return None
        return _nearest(self.query, shown.rows), _nearest(self.key, shown.columns)

    def moved_in(self, shown: FilteredMap, down: int, right: int) -> "Viewpoint":
        """The cursor moved by rows and columns of the map shown."""
        place = self.place_in(shown)
        if place is None:
            return self
        row = min(max(0, place[0] + down), len(shown.rows) - 1)
        column = min(max(0, place[1] + right), len(shown.columns) - 1)
        return replace(self, query=int(shown.rows[row]), key=int(shown.columns[column]))

    def at_first_word(self, trace: "Trace") -> "Viewpoint":
        """The cursor where a new input is most interesting: at the first hidden token."""
        words = np.flatnonzero(~trace.special)
        first = trace.masked[0].position if trace.masked else int(words[0]) if len(words) else 0
        return replace(self, query=first, key=first)


def _following(now: Option, options: tuple[Option, ...]) -> Option:
    return options[(options.index(now) + 1) % len(options)]


def _nearest(position: int, shown: "NDArray[np.int64]") -> int:
    return int(np.abs(shown - position).argmin())
