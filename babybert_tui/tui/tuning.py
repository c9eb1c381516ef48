"""The settings of the next run, as the user changes them."""

from dataclasses import dataclass, replace
from typing import Any

from babybert_tui.errors import RequestError
from babybert_tui.presets import preset_values
from babybert_tui.settings import Settings, build, declaration, default_of, problem, problems, setting_names
from babybert_tui.tui.saved_state import SavedState

_KEPT_BY_PRESETS = ("corpus", "data_root", "text_field", "encoding_errors")
_MOST_POINTS = 1000  # of a curve; more than a chart has columns


@dataclass(frozen=True)
class Tuning:
    """Settings, and the preset that they began with."""

    settings: Settings
    preset: str

    def with_value(self, name: str, value: Any) -> "Tuning":
        """One setting changed."""
        return replace(self, settings=replace(self.settings, **{name: value}))

    def with_preset(self, preset: str) -> "Tuning":
        """The preset's settings; where to read and where to compute stay."""
        kept = {name: getattr(self.settings, name) for name in setting_names() if _is_kept(name)}
        return Tuning(build(kept | preset_values(preset)), preset)

    @property
    def title(self) -> str:
        """The preset, and whether it still is what it was."""
        is_changed = any(not _is_kept(name) for name in self._changed())
        return f"{self.preset}, changed" if is_changed else self.preset

    def _changed(self) -> dict[str, Any]:
        """What differs from the preset."""
        plain = build(preset_values(self.preset))
        values = {name: getattr(self.settings, name) for name in setting_names() if name not in ("run", "checkpoint")}
        return {name: value for name, value in values.items() if value != getattr(plain, name)}

    @property
    def wrong(self) -> str:
        """What stands in the way of a run; "" is nothing."""
        return " ".join(problems(self.settings))

    def for_run(self) -> Settings:
        """The settings to train with."""
        return with_every_step(self.settings)

    def remember(self, state: SavedState) -> None:
        """Writes down what differs from the preset."""
        state.preset = self.preset
        state.settings = self._changed()

    def recall(self, state: SavedState, named: frozenset[str]) -> "Tuning":
        """What was written down, but for settings that were named for this start; what does not fit is left out."""
        try:
            values = preset_values(state.preset)
        except RequestError:  # a preset of another version
            return self
        values |= {name: value for name, value in state.settings.items() if name in setting_names()}
        values |= {name: getattr(self.settings, name) for name in named}
        fitting = {name: value for name, value in values.items() if problem(name, value) is None}
        return Tuning(build(fitting), state.preset)


def _is_kept(name: str) -> bool:
    """Whether a preset leaves it alone."""
    return name in _KEPT_BY_PRESETS or declaration(name).section == "Run"


def with_every_step(settings: Settings) -> Settings:
    """The same with every step shown, unless somebody wanted it otherwise or the run is long."""
    if settings.log_every != default_of("log_every"):
        return settings
    return replace(settings, log_every=max(1, settings.max_steps // _MOST_POINTS))
