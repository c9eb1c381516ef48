"""The logit lens: the masked-LM head put on every layer's output, to see at which depth a guess is formed.

After nostalgebraist 2020, "interpreting GPT: the logit lens"; the head was trained on the last layer's output alone, so
what it says about lower layers is a reading, not the model's own prediction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babybert_tui.bert import BabyBert
from babybert_tui.errors import RequestError
from babybert_tui.inspection.forward_pass import ForwardPass
from babybert_tui.inspection.predictions import predictions_at
from babybert_tui.inspection.trace import Prediction

if TYPE_CHECKING:
    from transformers import BertTokenizer


@dataclass(frozen=True)
class LensLayer:
    """What the masked-LM head reads off one layer."""

    layer: int  # 0 for the embeddings, before any layer
    predictions: tuple[Prediction, ...]


def logit_lens(
    model: BabyBert,
    forward_pass: ForwardPass,
    positions: Sequence[int],
    labels: NDArray[np.int64],
    tokenizer: "BertTokenizer",
    *,
    top_k: int = 5,
) -> tuple[LensLayer, ...]:
    """Predictions at `positions` from the embeddings and from each layer; the last entry is the model's own prediction.

    Args:
        model: The model that ran.
        forward_pass: One that was recorded.
        positions: Where to look.
        labels: (n,), a trace's labels: the id of the original, or NOT_A_TARGET.
        tokenizer: Names the tokens.
        top_k: Candidates for each prediction.

    Raises:
        RequestError: The model has no masked-LM head.
        ValueError: The forward pass was not recorded.
    """
    if model.mlm_head is None:
        raise RequestError("The logit lens needs a masked-LM head, and this checkpoint has none.")
    where = torch.tensor(list(positions), dtype=torch.long)
    found = []
    for number, hidden in enumerate(_residual_stream(forward_pass)):
        with torch.no_grad():
            head = model.mlm_head
            logits = head.logits(head(hidden[0, where.to(hidden.device)]), model.embeddings.word.weight)
        found.append(LensLayer(number, predictions_at(logits, positions, labels, tokenizer, top_k)))
    return tuple(found)


def _residual_stream(forward_pass: ForwardPass) -> list[Tensor]:
    """(1, n, H) before the first layer and after each."""
    record = forward_pass.record
    if record is None or record.embeddings is None:
        raise ValueError("this forward pass was not recorded")
    return [record.embeddings, *(layer.output for layer in record.layers)]
