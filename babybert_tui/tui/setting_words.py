"""Settings in words: a name in few letters, and what it means with what fits."""

from babybert_tui.presets import PRESETS
from babybert_tui.settings import declaration, setting_type

_LEFT_OUT = ("num_", "_probability", "_fraction", "_objective", "_size")


def short_label(name: str) -> str:
    """A setting's name in few letters: layers, mask token, batch."""
    for part in _LEFT_OUT:
        name = name.replace(part, "")
    return name.replace("_", " ").capitalize()


def explanation(name: str) -> str:
    """What a setting means, what fits, and when it acts."""
    if name == "preset":
        return f"Settings under one name: {', '.join(PRESETS)}."
    known = declaration(name)
    parts = [known.help, _bounds(name)]
    if known.automatic:
        parts.append(f"Empty: {known.automatic}.")
    if known.live:
        parts.append("● may change while training.")
    return " ".join(part for part in parts if part)


def _bounds(name: str) -> str:
    known = declaration(name)
    if known.choices:
        return f"{', '.join(known.choices)}."
    if setting_type(name) in (str, bool) or known.minimum is None:
        return ""
    least = f"{'Above' if known.above else 'At least'} {known.minimum:g}"
    return f"{least}, at most {known.maximum:,.10g}." if known.maximum is not None else f"{least}."
