"""The keys that choose whose weights look: other ones, earlier and later ones, two side by side, the recorded probe."""

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from babybert_tui.errors import BabyBertError
from babybert_tui.tui.inspect.asking import Asking
from babybert_tui.tui.inspect.question import Question
from babybert_tui.tui.inspect.recorded import (
    RECORDED_KINDS,
    RecordingRead,
    moments_of,
    read_in_background,
    recording_of,
)
from babybert_tui.tui.inspect.text_input import Texts
from babybert_tui.tui.inspect.weights import Weights
from babybert_tui.tui.inspect.whose import LIVE
from babybert_tui.tui.screens.choose import Choose, Offer
from babybert_tui.tui.typed_probe import ProbeText, text_of

if TYPE_CHECKING:
    from babybert_tui.training.recording import Recording

_ALONE = "nothing beside it"
_AS_IT_IS_NOW = "as it is now: what it learns from here on becomes the difference"
_NO_CHECKPOINT = "There is no checkpoint yet: 1 trains a model, space starts."


class WeightsKeys(Asking):
    """Follows the model in training, walks along a run, and sets another model beside."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._is_held = False
        self._is_head_open = True  # nobody has named one: the clearest comes first
        self._before: Question | None = None  # what was asked before the recording was opened

    @property
    def is_held(self) -> bool:
        """Whether the model in training is looked at as it was at one step."""
        return self._is_held and self.question.weights is not None and self.question.weights.is_live

    @property
    def along(self) -> tuple[Weights, ...]:
        """What `,` and `.` walk along: the checkpoints of the run, or the moments of the recording."""
        weights = self.question.weights
        if self.recording is not None and weights is not None:
            return moments_of(weights, self.recording)
        return self.whose.along(weights)

    def follow(self) -> None:
        """Once a second, and when the room is opened: the model in training has moved on, begun or ended."""
        if not self.display or not self.is_attached:
            return
        if self.recording is not None:
            self._take_new_moments()
            return
        wanted = self.question.weights if self.is_held else self.whose.follow(self.question.weights)
        if wanted == self.question.weights and self._request is not None:
            self.show_all()
        elif self._request is None or not self.inspector.is_busy:
            self.change(replace(self.question, weights=wanted))

    def action_hold(self) -> None:
        """The model in training is looked at as it is now, or followed again."""
        weights = self.question.weights
        if weights is None or not weights.is_live:
            self.say("Only a model in training moves on: b chooses it.")
            return
        self._is_held = not self._is_held
        self.follow()

    def choose(self, weights: Weights) -> None:
        """Looks through other weights."""
        self.whose.has_chosen = not weights.is_live
        self._is_held = False
        question = self.question
        if self.recording is not None and self._before is not None:
            question, self.recording = self._before, None
            self.query_one(Texts).show(question.text_a, question.text_b)
            self.show_keys()
        self.change(replace(question, weights=weights))

    def choose_named(self, spec: str) -> None:
        """Looks through the weights that a command line names."""
        try:
            self.question = replace(self.question, weights=self.whose.named(spec))
        except BabyBertError as error:
            self.say(str(error), "error")

    def action_weights(self) -> None:
        """A list of all weights."""
        offers, found = self.whose.offers()
        if not offers:
            self.say(_NO_CHECKPOINT)
            return

        def chosen(words: str | None) -> None:
            if words is not None:
                self.choose(found[words])

        now = self.question.weights
        mark = "" if now is None else LIVE if now.is_live else now.words
        self.app.push_screen(Choose("Whose weights", offers, mark), chosen)

    def action_beside(self) -> None:
        """A list of weights to set beside these, on the same input."""
        offers, found = self.whose.offers()
        if not offers or self.is_recording_in_the_way():
            return

        def chosen(words: str | None) -> None:
            if words is not None:
                self.beside = found.get(words)
                self.ask()

        offers = [replace(offer, help=_AS_IT_IS_NOW) if offer.value == LIVE else offer for offer in offers]
        alone = [Offer(_ALONE)] if self.beside is not None else []
        mark = self.beside.words if self.beside is not None else ""
        self.app.push_screen(Choose("Beside it, on the same text", [*alone, *offers], mark), chosen)

    def action_back(self) -> None:
        """The checkpoint, or the recorded moment, before."""
        self._walk(-1)

    def action_forward(self) -> None:
        """The next one; where the model in training is held still, as it is now."""
        if self.is_held and (live := self.whose.live()) is not None:
            self.change(replace(self.question, weights=live))
        else:
            self._walk(1)

    def _walk(self, by: int) -> None:
        now, along = self.question.weights, self.along
        if now is None or len(along) < 2:
            self.say("There is no other checkpoint of this run.")
            return
        steps = [None if one.is_live else one.step for one in along]
        mine = None if now.is_live else now.step
        at = steps.index(mine) if mine in steps else len(along) - 1
        beside = along[min(max(0, at + by), len(along) - 1)]
        if self.recording is not None:
            self.change(replace(self.question, weights=beside))
        else:
            self.choose(beside)

    # The recorded probe.

    def action_probe(self) -> None:
        """The pinned probe of the run as it was recorded; pressed again, back to the model."""
        weights = self.question.weights
        if self.recording is not None:
            self.leave_recording()
        elif weights is None:
            self.say(_NO_CHECKPOINT)
        elif weights.is_live:
            self._open_recording(recording_of(self.host.trainer.history.view().probe), weights)
        elif weights.folder is not None:
            folder = weights.run.path if weights.run is not None else weights.folder
            read_in_background(folder, self.post_message)

    @on(RecordingRead)
    def _recording_read(self, event: RecordingRead) -> None:
        event.stop()
        weights = self.question.weights
        if weights is not None and self.recording is None:
            self._open_recording(event.recording, replace(weights, folder=event.folder))

    def open_probe(self, recording: "Recording", run: str, step: int, place: tuple[int, int] | None) -> None:
        """The pinned probe as the Train tab shows it.

        Args:
            recording: Of the run.
            run: Its name.
            step: Looked at.
            place: The layer and head to open, from 1; None for the clearest.
        """
        if self.question.weights is None:
            self.question = replace(self.question, weights=self.whose.follow(None))  # what P goes back to
        self._is_head_open = place is None
        if place is not None:
            self.viewpoint = replace(self.viewpoint, layer=place[0], head=place[1])
        self._open_recording(recording, Weights(run), step)

    def _open_recording(self, recording: "Recording | None", weights: Weights, step: int | None = None) -> None:
        if recording is None or not recording.snapshots:
            self.say("Nothing was recorded of this run's probe.")
            return
        if self.recording is None:
            self._before = self.question
        self.recording = recording
        self._is_new_text = True
        if self.viewpoint.kind not in RECORDED_KINDS:
            self.viewpoint = replace(self.viewpoint, kind=RECORDED_KINDS[0])
        text = text_of(recording.probe)
        moment = recording.snapshots[-1].step if step is None else step
        self.query_one(Texts).show(*_without_braces(text))
        seen = Weights(weights.name, moment, weights.folder, is_recorded=True)
        self.change(Question(seen, text.text_a, text.text_b, recording.probe.positions))
        self.show_keys()

    def leave_recording(self) -> None:
        """Back to what was asked before the recording was opened; nothing where none is."""
        if self.recording is None:
            return
        self.recording = None
        self._is_new_text = True
        if self._before is not None:
            self.query_one(Texts).show(self._before.text_a, self._before.text_b)
            self.change(self._before)
            self.show_keys()

    def _take_new_moments(self) -> None:
        """The run goes on: what was recorded since is there too, and whoever looks at the newest goes along."""
        weights, known = self.question.weights, self.recording
        now = recording_of(self.host.trainer.history.view().probe)
        if weights is None or weights.folder is not None or known is None:
            return  # what stands on the disk does not grow
        if now is None or now.probe is not known.probe:
            return
        was_newest = weights.step == known.snapshots[-1].step
        self.recording = now
        if was_newest and now.snapshots[-1].step != weights.step:
            self.change(replace(self.question, weights=replace(weights, step=now.snapshots[-1].step)))


def _without_braces(text: ProbeText) -> tuple[str, str]:
    """As a sentence: what is hidden in it, the strip says."""
    a, b = (side.replace("{", "").replace("}", "") for side in (text.text_a, text.text_b))
    return a, b
