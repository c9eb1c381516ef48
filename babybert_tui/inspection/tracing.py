"""`trace`: one text or pair and one model in, one `Trace` out, with nothing computed that was not asked for."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from babybert_tui.bert import BabyBert
from babybert_tui.errors import RequestError
from babybert_tui.inspection.checkpoint import max_length
from babybert_tui.inspection.forward_pass import ForwardPass, Head, attention_weights, check_numbers, run
from babybert_tui.inspection.head_statistics import head_statistics
from babybert_tui.inspection.layout import Layout, lay_out
from babybert_tui.inspection.masks import MaskedInput, Masks, mask_tokens
from babybert_tui.inspection.notes import heads_note, masks_note, unknown_words_note
from babybert_tui.inspection.predictions import predictions_at, probability_of_next
from babybert_tui.inspection.trace import NOT_A_TARGET, PARTS, Prediction, Trace

if TYPE_CHECKING:
    from transformers import BertTokenizer

_NEEDS_RECORD = frozenset({"attention", "heads"})


def trace(
    model: BabyBert,
    tokenizer: "BertTokenizer",
    text_a: str,
    text_b: str | None = None,
    *,
    masks: Masks = None,
    positions: Sequence[int] = (),
    top_k: int = 5,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    want: Collection[str] = PARTS,
    heads_off: Collection[Head] = (),
    seed: int = 0,
    sentence_objective: str = "nsp",
    checkpoint: str = "",
) -> Trace:
    """Looks at what a model makes of a text, or of a pair.

    Args:
        model: The model, also one in training: it is not changed.
        tokenizer: Its tokenizer.
        text_a: The first text; typed `[MASK]` and `[SEP]` are the special tokens. "" gives `[CLS] [SEP]`.
        text_b: The second text, or None.
        masks: Positions to mask as displayed, `[CLS]` being 0; "auto" for masking as in training; or None.
        positions: Where predictions are wanted beside the masked positions.
        top_k: Candidates for each prediction.
        layers: Which layers to look into, from 1; None for all.
        heads: Which heads of each, from 1; None for all.
        want: Which of `PARTS` to compute; tokens are always there.
        heads_off: Heads to silence, as (layer, head).
        seed: Of the draw, for `masks="auto"`.
        sentence_objective: What the sentence head was trained for: "nsp", "sop" or "none" (see `checkpoint.py`).
        checkpoint: Where the model came from, as shown to a person.

    Raises:
        RequestError: A position, a layer or a head that is not there; a mask on a special token; a typed `[MASK]` in
            the part that a too long text loses; weights that give numbers that are not finite.
    """
    limit = max_length(model.config, tokenizer)
    layout = lay_out(tokenizer, text_a, text_b, max_length=limit, num_segments=model.config.type_vocab_size)
    given = mask_tokens(layout, masks, tokenizer, seed=seed)
    predicted = _predicted_positions(given, positions)
    found = _before_the_model(layout, given, masks, checkpoint)
    found = replace(
        found,
        layers=_numbers("layer", layers, model.config.num_hidden_layers),
        head_numbers=_numbers("head", heads, model.config.num_attention_heads),
        heads_off=tuple(heads_off),
        asked=frozenset(want),
    )
    if found.asked <= {"tokens"}:
        return found

    inside = bool(found.asked & _NEEDS_RECORD)
    selected = predicted if "predictions" in found.asked else ()
    forward_pass = run(model, given.ids, layout.segments, selected=selected, heads_off=heads_off, record=inside)
    if inside:
        found = _look_inside(found, forward_pass)
    if "predictions" not in found.asked:
        return found
    return replace(
        found,
        predictions=_predictions(forward_pass, predicted, layout, tokenizer, top_k),
        is_next=_is_next(forward_pass, layout, sentence_objective),
        notes=(*found.notes, *heads_note(model, sentence_objective, is_pair=layout.is_pair)),
    )


def _predicted_positions(given: MaskedInput, positions: Sequence[int]) -> list[int]:
    for position in positions:
        if not 0 <= position < len(given.ids):
            raise RequestError(f"There is no position {position}: the positions are 0 to {len(given.ids) - 1}.")
    return sorted({*positions, *(masked.position for masked in given.masked)})


def _before_the_model(layout: Layout, given: MaskedInput, masks: Masks, checkpoint: str) -> Trace:
    """What is known of an input before any model has seen it."""
    num_words = len({word for word in layout.words if word is not None})
    unknown = unknown_words_note(layout.unknown, num_words)
    return Trace(
        checkpoint=checkpoint,
        tokens=given.tokens,
        ids=given.ids,
        words=layout.words,
        segments=layout.segments,
        special=layout.special,
        masked=given.masked,
        unknown=layout.unknown,
        predictions=None,
        is_next=None,
        attention=None,
        layers=(),
        head_numbers=(),
        heads=None,
        notes=(*layout.notes, *unknown, *masks_note(masks, len(given.masked))),
        labels=given.labels,
    )


def _numbers(what: str, chosen: Sequence[int] | None, count: int) -> tuple[int, ...]:
    if chosen is None:
        return tuple(range(1, count + 1))
    check_numbers(what, chosen, count)
    return tuple(chosen)


def _look_inside(found: Trace, forward_pass: ForwardPass) -> Trace:
    attention = attention_weights(forward_pass, found.layers, found.head_numbers)
    heads = None
    if "heads" in found.asked:
        heads = head_statistics(attention, found.tokens, found.special, found.layers, found.head_numbers)
    return replace(found, attention=attention if "attention" in found.asked else None, heads=heads)


def _predictions(
    forward_pass: ForwardPass, positions: Sequence[int], layout: Layout, tokenizer: "BertTokenizer", top_k: int
) -> tuple[Prediction, ...] | None:
    logits = forward_pass.output.mlm_logits
    if logits is None:
        return None
    originals = np.where(layout.ids == tokenizer.mask_token_id, NOT_A_TARGET, layout.ids)
    return predictions_at(logits, positions, originals, tokenizer, top_k)


def _is_next(forward_pass: ForwardPass, layout: Layout, sentence_objective: str) -> float | None:
    logits = forward_pass.output.nsp_logits
    if logits is None or sentence_objective == "none" or not layout.is_pair:
        return None
    return probability_of_next(logits)
