"""Puts a question to a model."""

import numpy as np
import torch

from babybert_tui.bert import BabyBert
from babybert_tui.game.items import Guess, Item, ModelGuess

_TOP = 5


@torch.no_grad()
def ask(model: BabyBert, item: Item) -> ModelGuess | None:
    """What a model chooses; None where it has no head for the task."""
    device = next(model.parameters()).device
    ids = torch.from_numpy(item.ids)[None].to(device)
    segments = torch.from_numpy(item.segments)[None].to(device)
    selected = None if item.position is None else torch.tensor([item.position], device=device)
    output = model(ids, segments, selected=selected)
    if item.position is None:
        return None if output.nsp_logits is None else _of_pair(output.nsp_logits)
    return None if output.mlm_logits is None else _of_blank(output.mlm_logits, item)


def _of_pair(logits: torch.Tensor) -> ModelGuess:
    shares = torch.softmax(logits.float(), dim=-1)[0].tolist()  # B follows A, B does not
    choice = int(np.argmax(shares))
    return ModelGuess(Guess(choice, shares[choice]), tuple(shares))


def _of_blank(logits: torch.Tensor, item: Item) -> ModelGuess:
    """From (1, V) logits."""
    probabilities = torch.softmax(logits.float(), dim=-1)[0]
    shares = [float(probabilities[number]) for number in item.choices]
    choice = int(np.argmax(shares))
    top = probabilities.topk(min(_TOP, len(probabilities)))
    rank = int((probabilities > probabilities[item.choices[item.truth]]).sum()) + 1
    return ModelGuess(
        Guess(choice, shares[choice]),
        tuple(shares),
        tuple(zip(top.indices.tolist(), top.values.tolist(), strict=True)),
        rank,
    )
