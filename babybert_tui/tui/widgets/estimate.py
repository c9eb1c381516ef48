"""What a run with the settings at hand would be."""

from typing import TYPE_CHECKING

from babybert_tui.render.cells import Cell, Line, text_lines
from babybert_tui.render.figures import clock
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.pictures.batch_lines import row_lines
from babybert_tui.tui.previewer import Outlook
from babybert_tui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from babybert_tui.training.preview import Preview


def size_and_time(outlook: Outlook) -> list[str]:
    """Parameters, memory, time: what is known of them."""
    time = [] if outlook.seconds is None else [f"≈ {clock(outlook.seconds)} here"]
    return [] if outlook.preview is None else [*size_of(outlook.preview), *time]


def size_of(preview: "Preview") -> list[str]:
    """Parameters and memory."""
    return [f"{short_count(preview.parameters)} parameters", f"{preview.memory_bytes / 1e9:.1f} GB"]


def short_count(number: int) -> str:
    """1.2 M, 340 k, 87."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return str(number)


class Estimate(Lines):
    """Parameters, memory and time, and a row of the first batch as it would be masked."""

    learner_help = (
        "What a run with these settings would be: how many numbers it learns, what it takes of the memory, and how "
        "long this machine needs. Below is an example from its first batch, masked as these settings say: the words "
        "under the arrows are what the model has to find."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._outlook = Outlook()

    def show(self, outlook: Outlook) -> None:
        """Shows another outlook."""
        self._outlook = outlook
        self.redraw()

    def title(self) -> list[tuple[str, str]]:
        """What it is."""
        return [("This would be ", "lines--title")]

    def draw(self, width: int, height: int, palette: Palette) -> list[Line]:
        """Figures, then the row."""
        outlook, preview = self._outlook, self._outlook.preview
        if outlook.wrong:
            return text_lines(sanitise(outlook.wrong), width, palette, Role.UNKNOWN)[:height]
        if preview is None:
            return text_lines("reading the corpus …", width, palette)
        muted = palette.text(Role.MUTED)
        lines: list[Line] = [
            [Cell(" · ".join(size_of(preview)), Ink())],
            *([[Cell(f"≈ {clock(outlook.seconds)} on this machine", Ink())]] if outlook.seconds is not None else []),
            [Cell(f"{preview.documents:,} documents, {short_count(preview.training_tokens)} tokens", muted)],
            [Cell(f"{preview.vocabulary_size:,} word pieces", muted)],
            [],
            [Cell("An example, as masked", palette.text(Role.HEADING))],
            *row_lines(preview.row, width, palette),
        ]
        if preview.row.is_pair:
            lines.append([Cell("B follows A" if preview.row.label == 0 else "B is from elsewhere", muted)])
        return lines[:height]
