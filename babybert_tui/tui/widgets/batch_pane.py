"""The batch of the step just taken: what was hidden, what the model guessed, what it learned."""

from typing import TYPE_CHECKING

from babybert_tui.render.cells import Line
from babybert_tui.render.palette import Palette
from babybert_tui.tui.pictures.batch_lines import batch_lines
from babybert_tui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from babybert_tui.training.batch_look import BatchLook


class BatchPane(Lines, can_focus=True):
    """Takes the probe's place while steps are taken one at a time."""

    learner_help = (
        "This is the batch that the model has just learned from: the first of its examples, as the model was given "
        "them. Under each selected token stands the word that was there.\n\n"
        "For every selected token you see the model's guess before the update, the probability that it gave to the "
        "right word, and what that became after the update: one step of learning, made visible.\n\n"
        "Of the selected tokens 80 % are shown as [MASK], 10 % as a random word and 10 % as they are, so that the "
        "model cannot trust any word that it sees.\n\n"
        ". takes one more step, space goes on training, Esc shows the probe again."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._batch: BatchLook | None = None

    def show(self, batch: "BatchLook | None") -> None:
        """Shows a batch."""
        if batch is not self._batch:
            self._batch = batch
            self.redraw()

    def title(self) -> list[tuple[str, str]]:
        """Which step."""
        step = f"Batch of step {self._batch.step:,} " if self._batch else "Batch "
        return [(step, "lines--title"), ("what the model was asked ", "lines--rule")]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Its rows."""
        return batch_lines(self._batch, width, height, palette) if self._batch else []
