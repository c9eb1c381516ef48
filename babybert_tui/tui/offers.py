"""What the lists of choices offer."""

from babybert_tui.presets import PRESETS
from babybert_tui.settings import declaration, setting_type
from babybert_tui.tui.screens.choose import Offer

OWN_FILE = "a file or folder …"
_CORPORA = {
    "stories": "made-up stories of children and their things; learned in minutes",
    "python-reference": "real English: the Python language reference; harder",
}
_CHOICES = {
    "token": "each piece by itself, as in the paper",
    "whole-word": "all pieces of a word together",
    "span": "several words in a row, as SpanBERT does",
    "nsp": "is B the sentence after A? as in the paper",
    "sop": "are A and B in order? as in ALBERT",
    "none": "only hidden words",
    "adamw": "as in the paper",
    "muon": "orthogonalised steps for the matrices; learns sooner",
}


def corpus_help(name: str) -> str:
    """What a built-in corpus is; nothing of another."""
    return _CORPORA.get(name, "")


def offers_for(name: str) -> list[Offer]:
    """The choices for a setting, or for the preset; those of the corpus have a screen of their own."""
    if name == "preset":
        return [Offer(preset, known.help) for preset, known in PRESETS.items()]
    if setting_type(name) is bool:
        return [Offer("yes"), Offer("no")]
    return [Offer(choice, _CHOICES.get(choice, "")) for choice in declaration(name).choices]
