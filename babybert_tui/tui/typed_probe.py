"""The probe that a person types: words in braces are hidden, and known; a typed [MASK] is hidden, and nobody knows."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import BertTokenizer

    from babybert_tui.bert import BertConfig
    from babybert_tui.training.recording import Probe

_HIDDEN = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class ProbeText:
    """One text, or two."""

    text_a: str
    text_b: str = ""

    def __bool__(self) -> bool:
        return bool(self.text_a.strip() or self.text_b.strip())

    @property
    def has_loose_braces(self) -> bool:
        """Whether a brace has no partner."""
        return any(brace in _HIDDEN.sub("", text) for text in (self.text_a, self.text_b) for brace in "{}")


def probe_from_text(text: ProbeText, tokenizer: "BertTokenizer", config: "BertConfig") -> "Probe":
    """Lays the text out as training does; where nothing is marked, words are hidden as in training.

    Raises:
        RequestError: the text is too long for what is hidden in it.
    """
    from babybert_tui.inspection.checkpoint import max_length
    from babybert_tui.inspection.layout import lay_out
    from babybert_tui.inspection.masks import mask_tokens
    from babybert_tui.inspection.trace import NOT_A_TARGET
    from babybert_tui.training.recording import Probe

    bare_a, in_a = _hidden_pieces(text.text_a, tokenizer)
    bare_b, in_b = _hidden_pieces(text.text_b, tokenizer)
    layout = lay_out(tokenizer, bare_a, bare_b or None, max_length=max_length(config, tokenizer))
    second = 2 + len(tokenizer.tokenize(bare_a))  # after [CLS], A and [SEP]
    positions = [1 + at for at in in_a] + [second + at for at in in_b]
    is_marked = positions or str(tokenizer.mask_token) in bare_a + bare_b
    given = mask_tokens(layout, positions if is_marked else "auto", tokenizer)
    numbers = [int(given.labels[masked.position]) for masked in given.masked]
    return Probe(
        tokens=given.tokens,
        ids=given.ids,
        segments=layout.segments,
        positions=tuple(masked.position for masked in given.masked),
        originals=tuple(masked.original for masked in given.masked),
        fates=tuple(masked.fate for masked in given.masked),
        original_ids=tuple(None if number == NOT_A_TARGET else number for number in numbers),
    )


def _hidden_pieces(text: str, tokenizer: "BertTokenizer") -> tuple[str, list[int]]:
    """The text without its braces, and which of its pieces stood in some."""
    bare, end = "", 0
    hidden: list[int] = []
    for match in _HIDDEN.finditer(text):
        bare += text[end : match.start()]
        first = len(tokenizer.tokenize(bare))
        bare += match[1]
        hidden += range(first, len(tokenizer.tokenize(bare)))
        end = match.end()
    return bare + text[end:], hidden


def text_of(probe: "Probe") -> ProbeText:
    """What a person would have typed to get this probe."""
    words: tuple[list[str], list[str]] = ([], [])
    asked = dict(zip(probe.positions, probe.originals, strict=True))
    for position, token in enumerate(probe.tokens):
        original = asked.get(position)
        if token in ("[CLS]", "[SEP]", "[PAD]"):
            continue
        side = words[int(probe.segments[position])]
        piece = original if original is not None else token
        if piece.startswith("##") and side and not side[-1].endswith("}"):
            side[-1] += piece[2:]
        else:
            side.append(f"{{{piece.removeprefix('##')}}}" if original is not None else piece)
    return ProbeText(" ".join(words[0]), " ".join(words[1]))
