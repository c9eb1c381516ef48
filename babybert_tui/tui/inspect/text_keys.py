"""The keys that change the input: its texts, what of it is hidden, and which heads are heard."""

from dataclasses import replace
from threading import Thread

from textual import on

from babybert_tui.tui.game.inside import Inside
from babybert_tui.tui.inspect.asking import Asking
from babybert_tui.tui.inspect.held_out import HeldOutPair, HeldOutTexts
from babybert_tui.tui.inspect.strip_view import StripView
from babybert_tui.tui.inspect.text_input import Texts


class TextKeys(Asking):
    """Texts, masks and heads."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._pairs = HeldOutTexts()
        self._pair_number = 0

    def take_focus(self) -> None:
        """The keys are the map's."""
        raise NotImplementedError

    def leave_recording(self) -> None:
        """Back to a model, where a recording is looked at."""
        raise NotImplementedError

    # Texts.

    def action_edit(self) -> None:
        """Into the field of A; out of a recording, where nothing can be asked."""
        self.leave_recording()
        self.query_one(Texts).begin()

    @on(Texts.Typed)
    def _typed(self, event: Texts.Typed) -> None:
        event.stop()
        self._draft = event.text_a, event.text_b
        self.ask()

    @on(Texts.Closed)
    def _typing_left(self, event: Texts.Closed) -> None:
        event.stop()
        self._draft = None
        self.take_focus()
        self.show_all()

    @on(Texts.Applied)
    def _applied(self, event: Texts.Applied) -> None:
        event.stop()
        self._draft = None
        self._look_at(event.text_a, event.text_b, follows=self.question.follows)

    def _look_at(self, text_a: str, text_b: str, *, follows: bool | None) -> None:
        is_same = (text_a, text_b) == (self.question.text_a, self.question.text_b)
        self._is_new_text = self._is_new_text or not is_same
        self.host.state.inspect_a, self.host.state.inspect_b = text_a, text_b
        self.change(self.question.with_texts(text_a, text_b, follows=follows if is_same else None))

    def look_inside(self, inside: Inside) -> None:
        """Looks at a question of the game."""
        self._is_new_text = True
        self.query_one(Texts).show(inside.text_a, inside.text_b)
        question = replace(self.question, text_a=inside.text_a, text_b=inside.text_b)
        self.change_unrecorded(replace(question, masks=inside.masks, follows=inside.follows))

    def action_held_out(self) -> None:
        """A pair from text that the run did not train on."""
        weights = self.question.weights
        if weights is None or self.is_recording_in_the_way():
            return
        session = self.host.trainer.session if weights.is_live else None
        self._pair_number += 1
        number = self._pair_number
        self._note = "reading the corpus …"
        self.show_all()

        def draw() -> None:
            self.post_message(self._pairs.draw(weights, session, number))

        Thread(target=draw, name="held-out pair", daemon=True).start()

    @on(HeldOutPair)
    def _pair_drawn(self, event: HeldOutPair) -> None:
        event.stop()
        self._note = ""
        if event.failure:
            self.say(event.failure, "error")
            self.show_all()
            return
        self._is_new_text = True
        self.query_one(Texts).show(event.text_a, event.text_b)
        self.change(self.question.with_texts(event.text_a, event.text_b, follows=event.follows))

    # Masks and heads.

    def action_mask(self) -> None:
        """The token under the cursor is hidden, or shown again."""
        trace = self.good.trace if self.good is not None else None
        if trace is None or self.is_recording_in_the_way():
            return
        position = self.viewpoint.query
        typed = any(one.position == position and one.original is None for one in trace.masked)
        if trace.special[position] or typed:
            why = "typed as [MASK]: e changes the text" if typed else "a special token: those are never hidden"
            self.say(f"Position {position} is {why}.")
            return
        self.change(self.question.with_mask_toggled(position, trace))

    @on(StripView.PointedAgain)
    def _mask_pointed(self, event: StripView.PointedAgain) -> None:
        """A second click on a token hides it, or shows it again."""
        event.stop()
        self.action_mask()

    def action_mask_as_training(self) -> None:
        """15 % hidden; pressed again, drawn anew."""
        self._is_new_text = True
        self.change_unrecorded(self.question.with_masks_drawn())

    def action_unmask(self) -> None:
        """Nothing hidden."""
        self.change_unrecorded(replace(self.question, masks=()))

    def action_lens(self) -> None:
        """The guess after each layer in place of the likeliest words, or back."""
        if not self.is_recording_in_the_way():
            self._wants_lens = not self._wants_lens
            self.ask()

    def action_head_off(self) -> None:
        """The head is silenced, or heard again."""
        if self.good is not None:
            head = self.viewpoint.layer, self.viewpoint.head
            self.change_unrecorded(self.question.with_head_toggled(head))
