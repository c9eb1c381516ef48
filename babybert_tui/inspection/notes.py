"""What a person should know about a trace, in sentences: what was cut, what is not known, what is not there."""

from collections.abc import Collection, Iterator, Sequence

from babybert_tui.bert import BabyBert
from babybert_tui.inspection.trace import UnknownWord

_WORDS_NAMED = 5
_LETTERS_SHOWN = 30
_PIECES_SHOWN = 8


def unknown_words_note(unknown: Sequence[UnknownWord], num_words: int) -> Iterator[str]:
    """How many words the vocabulary does not have, and what the first of them became; nothing where it has all."""
    if not unknown:
        return
    different = list(dict.fromkeys(_became(word) for word in unknown))
    named = ", ".join(different[:_WORDS_NAMED])
    more = f", and {len(different) - _WORDS_NAMED} more" if len(different) > _WORDS_NAMED else ""
    verb = "is" if len(unknown) == 1 else "are"
    words = "word" if num_words == 1 else "words"
    yield f"{len(unknown)} of {num_words} {words} {verb} not in this model's vocabulary: {named}{more}."


def _became(word: UnknownWord) -> str:
    spelling = word.word if len(word.word) <= _LETTERS_SHOWN else word.word[: _LETTERS_SHOWN - 1] + "…"
    pieces = " ".join(word.pieces[:_PIECES_SHOWN]) + (" …" if len(word.pieces) > _PIECES_SHOWN else "")
    return f'"{spelling}" became {pieces}'


def heads_note(model: BabyBert, sentence_objective: str, *, is_pair: bool) -> Iterator[str]:
    """Which of the two pre-training heads has nothing to say, and why."""
    if model.mlm_head is None and model.nsp_head is None:
        yield "This checkpoint is a bare encoder, without masked-LM and NSP heads: it predicts nothing."
    elif model.mlm_head is None:
        yield "This checkpoint has no masked-LM head: no predictions for masked tokens."
    elif model.nsp_head is None:
        yield "This checkpoint has no NSP head: no P(B follows A)."
    elif sentence_objective == "none":
        yield "This model was trained without a sentence objective: its NSP head has learned nothing, and is not used."
    elif sentence_objective == "sop" and is_pair:
        yield "This checkpoint was trained on sentence order: P(B follows A) means that A and B are in their order."


def masks_note(wanted: Collection[int] | str | None, num_masked: int) -> Iterator[str]:
    """Says so where masking was asked for and there was nothing to mask."""
    if wanted == "auto" and not num_masked:
        yield "There is no word here that could be masked."
