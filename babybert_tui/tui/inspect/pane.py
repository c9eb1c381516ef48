"""The room itself: the views that show the newest answer, the focus among them, and what leaves the room."""

from dataclasses import replace
from threading import Thread
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import DescendantBlur
from textual.widgets import Input

from babybert_tui.render.terminal import most_telling
from babybert_tui.tui.inspect.answer_view import PairView, PredictionView
from babybert_tui.tui.inspect.ask_text import AskText
from babybert_tui.tui.inspect.beside_view import BesideView, whose_words
from babybert_tui.tui.inspect.detail_view import DetailView
from babybert_tui.tui.inspect.exporting import EXPORT_HELP, Exported, first_file_name, write_figure
from babybert_tui.tui.inspect.figure_text import figure_text
from babybert_tui.tui.inspect.grid_view import GridView
from babybert_tui.tui.inspect.inspector import Inspector, LookReady
from babybert_tui.tui.inspect.map_picture import largest_key
from babybert_tui.tui.inspect.map_view import MapView
from babybert_tui.tui.inspect.question import Look, Question
from babybert_tui.tui.inspect.room_keys import HELP_KEYS, RoomHints, room_bindings
from babybert_tui.tui.inspect.strip_view import StripView
from babybert_tui.tui.inspect.text_input import Texts, WordsView
from babybert_tui.tui.inspect.text_keys import TextKeys
from babybert_tui.tui.inspect.viewpoint import Viewpoint
from babybert_tui.tui.inspect.weights_keys import WeightsKeys
from babybert_tui.tui.inspect.weights_line import WeightsLine
from babybert_tui.tui.inspect.whose import WhoseWeights
from babybert_tui.tui.widgets.key_bar import Hint
from babybert_tui.tui.widgets.unscrolled import Column, Row

_FIRST_TEXTS = ("anna took ben to the forest .", "anna was damp from the mist .")
_FIRST_MASKS = (14,)  # mist
_SECONDS_BETWEEN_LIVE_LOOKS = 1.0
_VIEWS = ("#map", "#map-beside", "#grid", "#strip")


class InspectPane(WeightsKeys, TextKeys):
    """Asks the inspector, and shows what it answers. Keys work wherever the focus is in the room."""

    BINDINGS: ClassVar[list[BindingType]] = room_bindings()
    help_keys = HELP_KEYS

    def compose(self) -> ComposeResult:
        """What it is made of."""
        yield WeightsLine(id="weights")
        with Row(id="inputs"):
            yield Texts(id="texts", left_by=self.take_focus)
            with Column(id="said"):
                yield WordsView(id="words")
                yield PairView(id="pair-above")
        yield StripView(id="strip")
        with Row(id="looks"):
            yield MapView(id="map")
            yield MapView(id="map-beside")
            with Column(id="aside"):
                yield GridView(id="grid")
                yield PredictionView(id="predictions")
                yield PairView(id="pair-aside")
        yield BesideView(id="beside")
        yield DetailView(id="detail")

    def on_mount(self) -> None:
        """As it was left; nothing is computed before the room is seen."""
        host = self.host
        self.whose = WhoseWeights(host)
        self.inspector = Inspector(self.post_message, host.trainer.checkpoints_dir, lambda: host.trainer.session)
        self._begin()
        for view in (self.query_one(DetailView), self.query_one(BesideView), self.query_one("#map-beside")):
            view.display = False
        self.set_interval(_SECONDS_BETWEEN_LIVE_LOOKS, self.follow)
        self.call_after_refresh(self.follow)

    def on_unmount(self) -> None:
        """The thread is not needed any more."""
        self.inspector.end()

    def on_show(self) -> None:
        """The room is seen: now there is something to do."""
        self.follow()

        def take_focus_if_free() -> None:
            if not self.has_focus_within:  # who types already goes on typing
                self.take_focus()

        self.call_after_refresh(take_focus_if_free)

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
                self.choose_named(asked.checkpoint)

    # Showing.

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
        self.show_all()

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

    def show_all(self) -> None:
        """What there is to show now, in all views."""
        failure = self.look.failure if self.look is not None else ""
        shown = None if failure else self.good
        point = self.viewpoint if shown is None else replace(self.viewpoint, kind=shown.request.kind)
        waiting = self.look is None or self.look.request is not self._request
        message = failure or ("" if shown is not None else "looking … (the first look loads PyTorch)")
        whose = whose_words(shown) if shown is not None and shown.beside is not None else ""
        self.query_one("#map", MapView).show(shown, point, message, is_waiting=waiting, whose=whose)
        self._show_beside(shown, point)
        self.query_one(GridView).show(shown, point)
        self.query_one(StripView).show(shown.trace if shown is not None else None, point.query)
        self.query_one(PredictionView).show(shown, point.query)
        for pair in self.query(PairView):
            pair.show(shown)
        self.query_one(DetailView).show(shown, point)
        note = self._note or ("looking …" if waiting else "held still: z goes on" if self.is_held else "")
        self.query_one(WeightsLine).show(self.question.weights, shown, self.along, note)
        self._show_words(shown)

    def _show_beside(self, shown: Look | None, point: Viewpoint) -> None:
        """Two models on one input: two maps, and what they say differently, in place of the grid."""
        beside = shown.beside if shown is not None else None
        self.set_class(beside is not None, "-beside")
        map_view, table = self.query_one("#map-beside", MapView), self.query_one(BesideView)
        map_view.display = table.display = beside is not None
        if shown is not None and beside is not None:
            good = None if beside.failure else beside
            within = point if good is None else point.within(good)
            map_view.show(good, within, beside.failure, is_waiting=False, whose=whose_words(beside))
            table.show(shown, beside, point)

    def _show_words(self, look: Look | None) -> None:
        unknown = self.look.draft if self.look is not None and self._draft is not None else None
        follows = self.question.follows
        note = "" if follows is None else f"held-out pair: B {'does follow' if follows else 'is from elsewhere'}"
        if self._draft is None and look is not None and look.trace is not None:
            count = len(look.trace.unknown)
            note = note or (f"{count} unknown, see the strip" if count else "every word is known")
        self.query_one(WordsView).show(unknown, note)
        trace = None if look is None else look.trace
        applied = () if trace is None else trace.unknown
        self.query_one(Texts).mark(frozenset(one.word for one in (applied if unknown is None else unknown.unknown)))

    # The focus: never nowhere, and never in a field that nobody asked for.

    def take_focus(self) -> None:
        """The keys are the map's."""
        if self.display and self.is_attached:
            self.screen.set_focus(self.query_one(MapView))  # `focus` comes behind the keys that are here already

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
        if isinstance(self.screen.focused, Input):
            return RoomHints.FIELD
        return RoomHints.MAP if self.recording is None else RoomHints.RECORDED

    # Out of the room.

    def action_copy(self) -> None:
        """The number and the map, as text."""
        text = figure_text(self.good, self.viewpoint) if self.good is not None else ""
        if text:
            self.app.copy_to_clipboard(text)
            self.say("Copied: the number under the cursor, and the map as text.")

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
        self.say(event.words, "error" if event.is_failure else "information")
