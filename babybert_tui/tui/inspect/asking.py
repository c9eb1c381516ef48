"""What the room is asking now, and how it asks: the ground on which its keys stand."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.host import Host
from babybert_tui.tui.inspect.inspector import Inspector
from babybert_tui.tui.inspect.question import Look, Question, Request
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.inspect.viewpoint_keys import ViewpointKeys
from babybert_tui.tui.inspect.whose import WhoseWeights
from babybert_tui.tui.widgets.key_bar import Hint, KeyBar

if TYPE_CHECKING:
    from babybert_tui.training.recording import Recording
    from babybert_tui.tui.inspect.weights import Weights


class Asking(ViewpointKeys):
    """One question at a time; the newest answer counts.

    Attributes:
        question: What is asked.
        beside: Other weights that look at the same input.
        recording: Where not a model but the recorded probe of its run is looked at.
        look: The newest answer, good or bad.
        inspector: Who answers.
    """

    inspector: Inspector
    whose: WhoseWeights

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.question = Question()
        self.beside: Weights | None = None
        self.recording: Recording | None = None
        self.look: Look | None = None
        self._draft: tuple[str, str] | None = None
        self._request: Request | None = None
        self._is_new_text = True
        self._wants_lens = False
        self._note = ""

    @property
    def host(self) -> Host:
        """The app, as far as this room knows it."""
        return cast("Host", self.app)

    def change(self, question: Question) -> None:
        """Asks something else."""
        self.question = question
        self.ask()

    def ask(self) -> None:
        """Asks, and shows what is known meanwhile."""
        cell = self.viewpoint.cell if self.viewpoint.is_open else None
        beside = None if self.recording is not None else self.beside
        self._request = Request(
            self.question,
            kind=self.viewpoint.kind,
            cell=cell,
            draft=self._draft,
            beside=beside,
            lens=self._wants_lens,
            recording=self.recording,
        )
        self.inspector.ask(self._request)
        self.show_all()

    def move(self, viewpoint: Viewpoint, *, needs_answer: bool = False) -> None:
        """Looks from somewhere else."""
        self.viewpoint = viewpoint
        if viewpoint.is_open or needs_answer:
            self.ask()
        else:
            self.show_all()

    def show_all(self) -> None:
        """What there is to show now, in all views."""
        raise NotImplementedError

    def hints(self) -> tuple[Hint, ...]:
        """What the key bar says now."""
        raise NotImplementedError

    def show_keys(self) -> None:
        """Other keys work from now on."""
        for bar in self.screen.query(KeyBar):
            bar.show(self.hints())

    def say(self, text: str, severity: str = "information") -> None:
        """Tells the user something, safely."""
        self.app.notify(sanitise(text), severity=severity, markup=False)  # type: ignore[arg-type]

    def is_recording_in_the_way(self) -> bool:
        """Whether nothing can be asked because no model is there; says so."""
        if self.recording is not None:
            self.say("This is a recording of the probe: P leaves it, and the model can be asked again.")
        return self.recording is not None

    def change_unrecorded(self, question: Question) -> None:
        """Asks something else, unless a recording is looked at."""
        if not self.is_recording_in_the_way():
            self.change(replace(question))
