"""Which keys the key bar shows when."""

from textual.widget import Widget

from babybert_tui.tui.history import State
from babybert_tui.tui.widgets.key_bar import Hint
from babybert_tui.tui.widgets.setting_field import ChoiceField
from babybert_tui.tui.widgets.tune_pane import Fold

_ALWAYS = (
    Hint("t", "Tune", "screen.tune"),
    Hint("e", "probe", "app.edit_probe"),
)
_VIEW = (
    Hint("g", "log", "screen.log_scale"),
    Hint("z", "freeze", "screen.freeze"),
    Hint(":", "commands", "app.command_palette"),
    Hint("p", "play", "app.play"),
    Hint("v", "figure", "screen.next_figure"),
    Hint("Enter", "look inside", "screen.open_probe"),
)
_LAST = (Hint("?", "help", "app.explain"), Hint("q", "quit", "app.quit"))
_START, _PAUSE = Hint("space", "start", "app.start_or_pause"), Hint("space", "pause", "app.start_or_pause")
_GO_ON = Hint("space", "go on", "app.start_or_pause")
_STEP, _BACK = Hint(".", "one step", "screen.forward"), Hint(",", "back", "screen.back")
_WALK = Hint(", .", "back, forward", "screen.back")
_STOP, _NEW = Hint("x", "stop+save", "app.stop_run"), Hint("n", "new", "app.new_run")
_AGAIN, _CONTINUE = Hint("r", "again", "app.again"), Hint("c", "go on with …", "app.continue_run")
_LONGER = Hint("c", "make it longer", "app.continue_run")
_LIVE = Hint("Esc", "live", "screen.live")
_IN_FIELD = (Hint("Enter", "apply"), Hint("Esc", "restore"), Hint("Tab", "next"), Hint("↑↓", "step"))
_IN_CHOICE = (Hint("Enter", "choose"), Hint("Tab", "next"), Hint("Esc", "leave"))

_BY_STATE: dict[State, tuple[Hint, ...]] = {
    State.TRAINING: (_PAUSE, _STOP, _BACK, *_ALWAYS, _NEW),
    State.PAUSED: (_GO_ON, _STEP, _STOP, _BACK, *_ALWAYS, _NEW),
    State.PREPARING: (_STOP, *_ALWAYS),
    State.SAVING: _ALWAYS,
    State.STOPPED: (_GO_ON, _NEW, _AGAIN, _BACK, *_ALWAYS, _CONTINUE),
    State.FAILED: (_START, _NEW, _BACK, *_ALWAYS, _CONTINUE),
    State.FINISHED: (_NEW, _AGAIN, _LONGER, _BACK, *_ALWAYS),
}


def hints_for(state: State, focused: Widget | None, *, is_live: bool, in_field: bool) -> tuple[Hint, ...]:
    """The keys that work, the most important first; the last two are shown whatever the width."""
    if in_field:
        return _IN_FIELD
    if isinstance(focused, ChoiceField | Fold):
        return (*_IN_CHOICE, *_LAST)
    own = _BY_STATE.get(state, (_START, *_ALWAYS, _WALK, _CONTINUE))
    if not is_live and state in _BY_STATE:
        own = (_LIVE, _WALK, own[0], *_ALWAYS)
    return (*own, *_VIEW, *_LAST)
