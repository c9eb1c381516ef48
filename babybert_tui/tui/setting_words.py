"""Settings in words: a name in few letters, and what it means with what fits."""

from babybert_tui.presets import PRESETS
from babybert_tui.settings import declaration, setting_type

_LABELS = {
    "checkpoint": "Start from",
    "initial_max_length": "Early length",
    "initial_mask_probability": "Early mask",
    "intermediate_size": "Feed-forward",
    "short_sequence_probability": "Short rows",
    "gradient_accumulation": "Accumulation",
}
_LARGEST_SAID = 2**53  # a larger bound says nothing to a person
_LEFT_OUT = ("num_", "_probability", "_fraction", "_objective", "_size")


def short_label(name: str) -> str:
    """A setting's name in few letters: layers, mask token, batch."""
    if name in _LABELS:
        return _LABELS[name]
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
    has_end = known.maximum is not None and known.maximum < _LARGEST_SAID
    return f"{least}, at most {known.maximum:,.10g}." if has_end else f"{least}."
