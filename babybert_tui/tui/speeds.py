"""How fast this machine computes, by the kind of model: small ones spend more of their time on other things."""

from babybert_tui.settings import Settings

_MOST_KINDS = 40
_MATTERS = ("hidden_size", "num_layers", "num_heads", "max_length", "optimizer", "device", "precision", "threads")


class Speeds:
    """Operations a second, by kind.

    Args:
        known: As they were remembered.
    """

    def __init__(self, known: dict[str, float] | None = None) -> None:
        self.known = known if known is not None else {}
        self._last: float | None = next(reversed(self.known.values()), None)

    def learn(self, settings: Settings, speed: float) -> None:
        """Takes the speed of a model of this kind in, in place of an older one."""
        kind = _kind(settings)
        self.known.pop(kind, None)
        self.known[kind] = self._last = speed
        while len(self.known) > _MOST_KINDS:
            del self.known[next(iter(self.known))]

    def knows(self, settings: Settings) -> bool:
        """Whether a model of this kind was measured."""
        return _kind(settings) in self.known

    def of(self, settings: Settings) -> float | None:
        """The speed of a model of this kind; else what was measured last, of whatever kind; None where nothing was."""
        return self.known.get(_kind(settings), self._last)


def _kind(settings: Settings) -> str:
    return " ".join(f"{name}={getattr(settings, name)}" for name in _MATTERS)
