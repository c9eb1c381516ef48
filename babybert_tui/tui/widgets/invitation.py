"""What the first screen says: what is about to happen, and which key does it."""

from babybert_tui.render.cells import Cell, Line
from babybert_tui.render.labels import clipped_path, wrapped
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.widgets.lines import Lines

_SHORTEST_NAME = 12  # columns


class Invitation(Lines):
    """Shown until a run begins."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._corpus = self._preset = self._estimate = ""
        self._replay = ""

    def show(self, corpus: str, preset: str, estimate: str, replay: str) -> None:
        """What is chosen.

        Args:
            corpus: Its name.
            preset: Its name.
            estimate: Parameters and time, where they are known.
            replay: The run that is being replayed below, or "".
        """
        if (corpus, preset, estimate, replay) != (self._corpus, self._preset, self._estimate, self._replay):
            self._corpus, self._preset, self._estimate, self._replay = corpus, preset, estimate, replay
            self.redraw()

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Two or three lines."""
        key = palette.chip(Role.SEGMENT_A)._replace(bold=True)
        before, after = f" trains a {sanitise(self._preset)} BERT on ", ", from random weights."
        room = max(_SHORTEST_NAME, width - len(" space ") - len(before) - len(after))
        what = before + clipped_path(sanitise(self._corpus), room, palette) + after
        first = [Cell(" space ", key), Cell(what, Ink(bold=True))]
        words = self._words()
        if self._estimate:
            words = f"{self._estimate}. {words}"
        lines = wrapped(words, width)
        if len(lines) >= height:
            short = f"Below: how {sanitise(self._replay)} learned." if self._replay else ""
            lines = wrapped(f"{self._estimate}{'. ' if self._estimate and short else ''}{short}" or words, width)
        return [first, *([Cell(line)] for line in lines)][:height]

    def _words(self) -> str:
        if self._replay:
            run = sanitise(self._replay)
            return f"Below, a recording of {run} learning: its guesses at hidden words, its attention taking shape."
        return (
            "It will read sentences with hidden words, guess them, and judge whether two sentences belong together. "
            "You will see it get better, and how its attention takes shape."
        )
