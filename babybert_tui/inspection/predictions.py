"""What the two heads say: tokens for the masked positions, and whether B follows A."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babybert_tui.inspection.trace import NOT_A_TARGET, Candidate, Prediction

if TYPE_CHECKING:
    from transformers import BertTokenizer


def predictions_at(
    logits: Tensor, positions: Sequence[int], labels: NDArray[np.int64], tokenizer: "BertTokenizer", top_k: int
) -> tuple[Prediction, ...]:
    """One prediction for each position, softmax over the whole vocabulary.

    Args:
        logits: (len(positions), V) of the masked-LM head.
        positions: Where they were computed.
        labels: (n,), the id of the original at each position, or NOT_A_TARGET where it is unknown.
        tokenizer: Names the tokens.
        top_k: How many candidates to give, at most V.
    """
    probabilities = torch.softmax(logits.float(), dim=-1).cpu()
    best = torch.topk(probabilities, min(top_k, probabilities.shape[-1]), dim=-1)
    return tuple(
        _prediction(probabilities[row], position, int(labels[position]), best.indices[row], tokenizer)
        for row, position in enumerate(positions)
    )


def _prediction(
    probabilities: Tensor, position: int, label: int, best: Tensor, tokenizer: "BertTokenizer"
) -> Prediction:
    top = tuple(Candidate(token_name(tokenizer, int(i)), float(probabilities[i])) for i in best)
    if label == NOT_A_TARGET:
        return Prediction(position, None, None, None, top)
    probability = probabilities[label]
    rank = int((probabilities > probability).sum()) + 1  # tokens that are exactly as likely share a rank
    return Prediction(position, token_name(tokenizer, label), rank, float(probability), top)


def token_name(tokenizer: "BertTokenizer", token_id: int) -> str:
    """The token, or its number where a model's vocabulary was padded beyond its tokenizer's."""
    tokens = list(tokenizer.convert_ids_to_tokens([token_id]))
    return tokens[0] or f"[id {token_id}]"


def probability_of_next(nsp_logits: Tensor) -> float:
    """P(B follows A) from (1, 2) logits: class 0 means that it does, as in Google's and Hugging Face's BERT."""
    return float(torch.softmax(nsp_logits.float(), dim=-1)[0, 0])
