"""The room itself: one question, one viewpoint, and the views that show the newest answer."""

from dataclasses import replace
from threading import Thread
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantBlur
from textual.widgets import Input

from babybert_tui.errors import BabyBertError
from babybert_tui.render.terminal import most_telling
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.inspect.answer_view import PairView, PredictionView
from babybert_tui.tui.inspect.ask_text import AskText
from babybert_tui.tui.inspect.detail_view import DetailView
from babybert_tui.tui.inspect.exporting import EXPORT_HELP, Exported, first_file_name, write_figure
from babybert_tui.tui.inspect.figure_text import figure_text
from babybert_tui.tui.inspect.grid_view import GridView
from babybert_tui.tui.inspect.held_out import HeldOutPair, HeldOutTexts
from babybert_tui.tui.inspect.host import Host
from babybert_tui.tui.inspect.inspector import Inspector, LookReady
from babybert_tui.tui.inspect.map_picture import largest_key
from babybert_tui.tui.inspect.map_view import MapView
from babybert_tui.tui.inspect.question import Look, Question, Request
from babybert_tui.tui.inspect.room_keys import HELP_KEYS, RoomHints, room_bindings
from babybert_tui.tui.inspect.strip_view import StripView
from babybert_tui.tui.inspect.text_input import Texts, WordsView
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.inspect.viewpoint_keys import ViewpointKeys
from babybert_tui.tui.inspect.weights import Weights
from babybert_tui.tui.inspect.weights_line import WeightsLine
from babybert_tui.tui.inspect.whose import LIVE, WhoseWeights
from babybert_tui.tui.screens.choose import Choose
from babybert_tui.tui.widgets.key_bar import Hint

_FIRST_TEXTS = ("anna gave the cake to ben .", "he ate it in bed .")
_FIRST_MASKS = (4,)
_SECONDS_BETWEEN_LIVE_LOOKS = 1.0
_VIEWS = ("#map", "#grid", "#strip")


class InspectPane(ViewpointKeys):
    """Asks the inspector, and shows what it answers. Keys work wherever the focus is in the room."""

    BINDINGS: ClassVar[list[BindingType]] = room_bindings()
    help_keys = HELP_KEYS

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.question = Question()
        self.look: Look | None = None  # the newest answer, good or bad
        self._draft: tuple[str, str] | None = None
        self._is_new_text = True
        self._is_head_open = True  # nobody has named one: the clearest comes first
        self._request: Request | None = None
        self._pairs = HeldOutTexts()
        self._pair_number = 0
        self._note = ""

    def compose(self) -> ComposeResult:
        """What it is made of."""
        yield WeightsLine(id="weights")
        with Horizontal(id="inputs"):
            yield Texts(id="texts")
            with Vertical(id="said"):
                yield WordsView(id="words")
                yield PairView(id="pair-above")
        yield StripView(id="strip")
        with Horizontal(id="looks"):
            yield MapView(id="map")
            with Vertical(id="aside"):
                yield GridView(id="grid")
                yield PredictionView(id="predictions")
                yield PairView(id="pair-aside")
        yield DetailView(id="detail")

    def on_mount(self) -> None:
        """As it was left; nothing is computed before the room is seen."""
        host = self.host
        self._whose = WhoseWeights(host)
        self.inspector = Inspector(self.post_message, host.trainer.checkpoints_dir, lambda: host.trainer.session)
        self._begin()
        self.query_one(DetailView).display = False
        self.set_interval(_SECONDS_BETWEEN_LIVE_LOOKS, self._follow)
        self.call_after_refresh(self._follow)

    def on_unmount(self) -> None:
        """The thread is not needed any more."""
        self.inspector.end()

    def on_show(self) -> None:
        """The room is seen: now there is something to do."""
        self._follow()
        self.call_after_refresh(self.take_focus)

    @property
    def host(self) -> Host:
        """The app, as far as this room knows it."""
        return cast("Host", self.app)

    def _begin(self) -> None:
        """The texts of the command line, of the last time, or ours."""
        host, asked = self.host, self.host.inspect_request
        if asked is not None and asked.text:
            masks = asked.mask or ()
            self.question = Question(None, asked.text, asked.text_b or "", masks, asked.seed)
        elif host.state.inspect_a or host.state.inspect_b:
            self.question = Question(None, host.state.inspect_a, host.state.inspect_b)
        else:
            self.question = Question(None, *_FIRST_TEXTS, _FIRST_MASKS)
        self.query_one(Texts).show(self.question.text_a, self.question.text_b)
        if asked is not None:
            self.viewpoint = replace(self.viewpoint, layer=asked.layer or 1, head=asked.head or 1)
            self._is_head_open = asked.layer is None and asked.head is None
            if asked.checkpoint is not None:
                self._choose_named(asked.checkpoint)

    def _choose_named(self, spec: str) -> None:
        try:
            self.question = replace(self.question, weights=self._whose.named(spec))
        except BabyBertError as error:
            self._say(str(error), "error")

    # Whose weights.

    def _follow(self) -> None:
        """Once a second, and when the room is opened: the model in training has moved on, begun or ended."""
        if not self.display or not self.is_attached:
            return
        wanted = self._whose.follow(self.question.weights)
        if wanted == self.question.weights and self._request is not None:
            self._show()
        elif self._request is None or not self.inspector.is_busy:
            self._change(replace(self.question, weights=wanted))

    def _walk(self, by: int) -> None:
        beside = self._whose.beside(self.question.weights, by)
        if beside is None:
            self._say("There is no other checkpoint of this run.")
        else:
            self._choose(beside)

    def _choose(self, weights: Weights) -> None:
        self._whose.has_chosen = not weights.is_live
        self._change(replace(self.question, weights=weights))

    def action_weights(self) -> None:
        """A list of all weights."""
        offers, found = self._whose.offers()
        if not offers:
            self._say("There is no checkpoint yet: 1 trains a model, space starts.")
            return

        def chosen(words: str | None) -> None:
            if words is not None:
                self._choose(found[words])

        now = self.question.weights
        mark = "" if now is None else LIVE if now.is_live else now.words
        self.app.push_screen(Choose("Whose weights", offers, mark), chosen)

    def action_back(self) -> None:
        """The checkpoint before."""
        self._walk(-1)

    def action_forward(self) -> None:
        """The next checkpoint."""
        self._walk(1)

    # Asking and showing.

    def _change(self, question: Question) -> None:
        self.question = question
        self._ask()

    def _ask(self) -> None:
        cell = self.viewpoint.cell if self.viewpoint.is_open else None
        self._request = Request(self.question, self.viewpoint.kind, cell, self._draft)
        self.inspector.ask(self._request)
        self._show()

    def move(self, viewpoint: Viewpoint, *, needs_answer: bool = False) -> None:
        """Looks from somewhere else."""
        self.viewpoint = viewpoint
        if viewpoint.is_open or needs_answer:
            self._ask()
        else:
            self._show()

    @on(LookReady)
    def _look_ready(self, event: LookReady) -> None:
        event.stop()
        look = self.inspector.look
        if look is None or look.request is not self._request:
            return  # something newer was asked meanwhile
        self.look = look
        if not look.failure:
            self.good = look
            self.viewpoint = self.viewpoint.within(look)
            self._place_cursor(look)
        self._show()

    def _place_cursor(self, look: Look) -> None:
        """In a new text, at the token that is most telling, and what it looks at most."""
        if not self._is_new_text or look.trace is None:
            return
        self._is_new_text = False
        if self._is_head_open and look.trace.heads:
            found = most_telling(look.trace.heads)
            self.viewpoint = replace(self.viewpoint, layer=found.layer, head=found.head)
            self._is_head_open = False
        self.viewpoint = self.viewpoint.at_first_word(look.trace)
        shown = self.viewpoint.filtered(look)
        place = None if shown is None else self.viewpoint.place_in(shown)
        if shown is not None and place is not None:
            self.viewpoint = replace(self.viewpoint, key=int(shown.columns[largest_key(shown, place[0])]))

    def _show(self) -> None:
        """What there is to show now, in all views."""
        failure = self.look.failure if self.look is not None else ""
        shown = None if failure else self.good
        point = self.viewpoint if shown is None else replace(self.viewpoint, kind=shown.request.kind)
        waiting = self.look is None or self.look.request is not self._request
        message = failure or ("" if shown is not None else "looking … (the first look loads PyTorch)")
        self.query_one(MapView).show(shown, point, message, is_waiting=waiting)
        self.query_one(GridView).show(shown, point)
        self.query_one(StripView).show(shown.trace if shown is not None else None, point.query)
        self.query_one(PredictionView).show(shown, point.query)
        for pair in self.query(PairView):
            pair.show(shown)
        self.query_one(DetailView).show(shown, point)
        note = self._note or ("looking …" if waiting else "")
        self.query_one(WeightsLine).show(self.question.weights, shown, self._whose.along(self.question.weights), note)
        self._show_words(shown)

    def _show_words(self, look: Look | None) -> None:
        unknown = self.look.draft if self.look is not None and self._draft is not None else None
        follows = self.question.follows
        note = "" if follows is None else f"held-out pair: B {'does follow' if follows else 'is from elsewhere'}"
        if self._draft is None and look is not None and look.trace is not None:
            count = len(look.trace.unknown)
            note = note or (f"{count} unknown, see the strip" if count else "every word is known")
        self.query_one(WordsView).show(unknown, note)

    def _say(self, text: str, severity: str = "information") -> None:
        self.app.notify(sanitise(text), severity=severity, markup=False)  # type: ignore[arg-type]

    # Texts.

    def action_edit(self) -> None:
        """Into the field of A."""
        self.query_one(Texts).begin()

    @on(Texts.Typed)
    def _typed(self, event: Texts.Typed) -> None:
        event.stop()
        self._draft = event.text_a, event.text_b
        self._ask()

    @on(Texts.Closed)
    def _typing_left(self, event: Texts.Closed) -> None:
        event.stop()
        self._draft = None
        self.take_focus()
        self._show()

    @on(Texts.Applied)
    def _applied(self, event: Texts.Applied) -> None:
        event.stop()
        self._draft = None
        self.take_focus()
        self._look_at(event.text_a, event.text_b, follows=self.question.follows)

    def _look_at(self, text_a: str, text_b: str, *, follows: bool | None) -> None:
        is_same = (text_a, text_b) == (self.question.text_a, self.question.text_b)
        self._is_new_text = self._is_new_text or not is_same
        self.host.state.inspect_a, self.host.state.inspect_b = text_a, text_b
        self._change(self.question.with_texts(text_a, text_b, follows=follows if is_same else None))

    def action_held_out(self) -> None:
        """A pair from text that the run did not train on."""
        weights = self.question.weights
        if weights is None:
            return
        session = self.host.trainer.session if weights.is_live else None
        self._pair_number += 1
        number = self._pair_number
        self._note = "reading the corpus …"
        self._show()

        def draw() -> None:
            self.post_message(self._pairs.draw(weights, session, number))

        Thread(target=draw, name="held-out pair", daemon=True).start()

    @on(HeldOutPair)
    def _pair_drawn(self, event: HeldOutPair) -> None:
        event.stop()
        self._note = ""
        if event.failure:
            self._say(event.failure, "error")
            self._show()
            return
        self._is_new_text = True
        self.query_one(Texts).show(event.text_a, event.text_b)
        self._change(self.question.with_texts(event.text_a, event.text_b, follows=event.follows))

    # Masks and heads.

    def action_mask(self) -> None:
        """The token under the cursor is hidden, or shown again."""
        trace = self.good.trace if self.good is not None else None
        if trace is None:
            return
        position = self.viewpoint.query
        typed = any(one.position == position and one.original is None for one in trace.masked)
        if trace.special[position] or typed:
            why = "typed as [MASK]: e changes the text" if typed else "a special token: those are never hidden"
            self._say(f"Position {position} is {why}.")
            return
        self._change(self.question.with_mask_toggled(position, trace))

    def action_mask_as_training(self) -> None:
        """15 % hidden; pressed again, drawn anew."""
        self._is_new_text = True
        self._change(self.question.with_masks_drawn())

    def action_unmask(self) -> None:
        """Nothing hidden."""
        self._change(replace(self.question, masks=()))

    def action_head_off(self) -> None:
        """The head is silenced, or heard again."""
        if self.good is not None:
            self._change(self.question.with_head_toggled((self.viewpoint.layer, self.viewpoint.head)))

    # The focus: never nowhere, and never in a field that nobody asked for.

    def take_focus(self) -> None:
        """The keys are the map's."""
        if self.display and self.is_attached:
            self.query_one(MapView).focus()

    @on(DescendantBlur)
    def _focus_left(self) -> None:
        """Whatever takes the focus away gives it back to the map."""

        def keep() -> None:
            if self.display and self.is_attached and self.screen.focused is None and self.screen.is_current:
                self.take_focus()

        self.call_after_refresh(keep)

    def action_next_view(self, by: int) -> None:
        """Map, grid, strip, and round again."""
        views = [self.query_one(name) for name in _VIEWS]
        views = [view for view in views if view.display]
        focused = self.screen.focused
        at = views.index(focused) if focused in views else 0
        views[(at + by) % len(views)].focus()

    def hints(self) -> tuple[Hint, ...]:
        """What the key bar says now."""
        return RoomHints.FIELD if isinstance(self.screen.focused, Input) else RoomHints.MAP

    # Out of the room.

    def action_copy(self) -> None:
        """The number and the map, as text."""
        text = figure_text(self.good, self.viewpoint) if self.good is not None else ""
        if text:
            self.app.copy_to_clipboard(text)
            self._say("Copied: the number under the cursor, and the map as text.")

    def action_export(self) -> None:
        """Asks for the name of a file, and writes it."""
        look, point = self.good, self.viewpoint
        if look is None:
            return

        def write(name: str | None) -> None:
            if name is not None:
                Thread(target=lambda: self.post_message(write_figure(look, point, name)), daemon=True).start()

        self.app.push_screen(AskText("Write what is shown to a file", first_file_name(point), EXPORT_HELP), write)

    @on(Exported)
    def _exported(self, event: Exported) -> None:
        event.stop()
        self._say(event.words, "error" if event.is_failure else "information")
