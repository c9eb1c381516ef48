"""What follows when a setting is chosen or applied in Tune."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from babybert_tui.errors import BabyBertError
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import declaration, parse
from babybert_tui.tui.history import State
from babybert_tui.tui.offers import OWN_FILE, offers_for
from babybert_tui.tui.screens.choose import Choose

if TYPE_CHECKING:
    from babybert_tui.tui.app import BabyBertApp


class TuneControl:
    """Changes the app's tuning, and the run in training where that may change.

    Args:
        app: Whose tuning it is.
    """

    def __init__(self, app: "BabyBertApp") -> None:
        self._app = app

    def choose(self, name: str) -> None:
        """Offers the choices of a setting, or the presets."""
        app = self._app
        if name == "corpus":
            self._choose_corpus()
            return
        now = app.tuning.preset if name == "preset" else str(getattr(app.tuning.settings, name))

        def chosen(value: str | None) -> None:
            if value is None:
                return
            if name == "preset":
                self._choose_preset(value)
            else:
                self.apply(name, parse(name, value))

        title = name.replace("_", " ").capitalize()
        app.push_screen(Choose(title, offers_for(name), now), chosen)

    def apply(self, name: str, value: Any) -> None:
        """Sets a setting, also in the run in training if it may change there."""
        app = self._app
        if getattr(app.tuning.settings, name) == value:
            return
        is_training = app.trainer.history.state in (State.TRAINING, State.PAUSED)
        if is_training and declaration(name).live:
            try:
                app.trainer.change(name, value)
            except BabyBertError as error:
                app.bench.tune_pane.complain(name, sanitise(str(error)))
                return
        elif is_training:
            app.say(f"{name.replace('_', ' ')} acts from the next run on (n).")
        app.tuning = app.tuning.with_value(name, value)
        self._changed()

    def _choose_corpus(self) -> None:
        from babybert_tui.tui.screens.choose_corpus import ChooseCorpus

        def chosen(name: str | None) -> None:
            if name == OWN_FILE:
                self._pick_corpus()
            elif name is not None:
                self.apply("corpus", name)

        app = self._app
        app.push_screen(ChooseCorpus(app.tuning.settings, app.state.corpora), chosen)

    def _pick_corpus(self) -> None:
        from babybert_tui.tui.screens.pick_corpus import PickCorpus

        def picked(name: str | None) -> None:
            if name is not None:
                self._app.state.add_corpus(name)
                self.apply("corpus", name)

        self._app.push_screen(PickCorpus(Path.cwd()), picked)

    def _choose_preset(self, preset: str) -> None:
        self._app.tuning = self._app.tuning.with_preset(preset)
        self._changed()

    def _changed(self) -> None:
        app = self._app
        app.bench.tune_pane.show(app.tuning.settings, app.tuning.title)
        app.previewer.ask(app.tuning.settings)
        app.tuning.remember(app.state)  # only what was changed here: a command's options are that command's
        app.remember()
        app.bench.refresh_view()
