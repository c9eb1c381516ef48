"""Running the model over one input, with what went on inside kept for those who ask."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from babybert_tui.bert import BabyBert, BertConfig, BertOutput, LayerRecord, Record
from babybert_tui.errors import RequestError
from babybert_tui.inspection.trace import Floats

Head = tuple[int, int]  # (layer, head), both from 1


@dataclass(frozen=True)
class ForwardPass:
    """One input's way through the model; a batch of one. Tensors are on the model's device."""

    output: BertOutput
    record: Record | None  # None: not asked for

    def layer(self, number: int) -> LayerRecord:
        """What went on in layer `number`, from 1. Raises ValueError where nothing was recorded."""
        if self.record is None:
            raise ValueError("this forward pass was not recorded")
        return self.record.layers[number - 1]


def run(
    model: BabyBert,
    ids: NDArray[np.int64],
    segments: NDArray[np.int64],
    *,
    selected: Sequence[int] | None = (),
    heads_off: Collection[Head] = (),
    record: bool = False,
) -> ForwardPass:
    """Runs the model in fp32, without dropout and without gradients.

    Args:
        model: Any BabyBert, also one in training.
        ids: (n,).
        segments: (n,).
        selected: Positions at which MLM logits are computed; None for all.
        heads_off: Heads whose output is replaced by zeros, as (layer, head), both from 1.
        record: Whether to keep what went on inside.

    Raises:
        RequestError: There is no such head, or the weights give numbers that are not finite.
    """
    device = model.embeddings.word.weight.device
    kept = Record() if record else None
    with torch.no_grad():
        output = model(
            torch.from_numpy(ids)[None].to(device),
            torch.from_numpy(segments)[None].to(device),
            selected=None if selected is None else torch.tensor(list(selected), dtype=torch.long, device=device),
            heads_on=_heads_on(model.config, heads_off, device),
            record=kept,
        )
    if not bool(torch.isfinite(output.hidden).all()):
        raise RequestError("This model's weights give numbers that are not finite: there is nothing to see in it.")
    return ForwardPass(output, kept)


def _heads_on(config: BertConfig, heads_off: Collection[Head], device: torch.device) -> Tensor | None:
    """(layers, heads) of ones, and zeros for heads that are off."""
    if not heads_off:
        return None
    check_numbers("layer", [layer for layer, _ in heads_off], config.num_hidden_layers)
    check_numbers("head", [head for _, head in heads_off], config.num_attention_heads)
    on = torch.ones(config.num_hidden_layers, config.num_attention_heads)
    for layer, head in heads_off:
        on[layer - 1, head - 1] = 0.0
    return on.to(device)


def check_numbers(what: str, numbers: Iterable[int], count: int) -> None:
    """Raises RequestError unless all `numbers` are within 1 … `count`."""
    for number in numbers:
        if not 1 <= number <= count:
            raise RequestError(f"There is no {what} {number}: this model's {what}s are 1 to {count}.")


def attention_weights(forward_pass: ForwardPass, layers: Sequence[int], heads: Sequence[int]) -> Floats:
    """(len(layers), len(heads), n, n): α, query by key, rows sum to 1."""
    return _gather([forward_pass.layer(layer).attention for layer in layers], heads)


def attention_scores(forward_pass: ForwardPass, layers: Sequence[int], heads: Sequence[int]) -> Floats:
    """(len(layers), len(heads), n, n): q·k/√d, what the softmax is taken of (Vaswani et al. 2017, section 3.2.1)."""
    return _gather([forward_pass.layer(layer).scores for layer in layers], heads)


def _gather(maps: Sequence[Tensor], heads: Sequence[int]) -> Floats:
    """Chosen heads of (1, A, n, n) tensors, copied once and straight into place."""
    tokens = maps[0].shape[-1] if maps else 0
    gathered = np.empty((len(maps), len(heads), tokens, tokens), dtype=np.float32)
    for row, one in enumerate(maps):
        for column, head in enumerate(heads):
            gathered[row, column] = one[0, head - 1].float().cpu().numpy()
    return gathered
