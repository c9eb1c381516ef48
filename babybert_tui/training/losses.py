"""The losses of both tasks, summed, and how many answers are right."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from babybert_tui.training.kernels import as_array, cross_entropy

_MULTIPLE = 64
_BYTES_AT_ONCE = 8 << 20  # of logits: what one pass writes is still near when the next one reads it
_LEAST_ROWS = 256  # fewer would make slow products


class _WordCrossEntropy(torch.autograd.Function):
    """`weight` · Σ −ln softmax(hidden · wordsᵀ + bias)[target], and the gradients of all three, on a CPU.

    The logits of a vocabulary are the largest tensor of a training by far: at half of 4,096 tokens and 8,192 words
    64 MB in fp32, and as much for their gradient. So they are never there as a whole. Rows are taken some at a time,
    through logits, their gradient (softmax − one-hot) and what that gives hidden states, words and bias; then the next
    ones take their place in memory. The backward pass only hands on what was found.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        words: Tensor,
        bias: Tensor,
        targets: Tensor,
        weight: float,
        learns: bool,  # noqa: FBT001 - `apply` takes no keywords
    ) -> tuple[Tensor, Tensor]:
        vectors = words.to(hidden.dtype)  # (V, H)
        rows_at_once = max(_LEAST_ROWS, _BYTES_AT_ONCE // (len(words) * hidden.itemsize) // _MULTIPLE * _MULTIPLE)
        room = hidden.new_empty(min(rows_at_once, len(hidden)), len(words))
        of_hidden, of_words = torch.empty_like(hidden), None
        of_bias = torch.zeros_like(bias, dtype=torch.float32)
        losses, right = np.empty(len(targets), np.float32), np.empty(len(targets), np.bool_)
        for first in range(0, len(hidden), rows_at_once):
            rows = slice(first, first + rows_at_once)
            some = hidden[rows]
            logits = room[: len(some)]  # (n, V)
            torch.mm(some, vectors.T, out=logits)
            cross_entropy(as_array(logits), as_array(bias), as_array(targets[rows]), weight, losses[rows], right[rows])
            if learns:
                torch.mm(logits, vectors, out=of_hidden[rows])
                product = logits.T @ some  # (V, H)
                of_words = product.to(words.dtype) if of_words is None else of_words.add_(product)
                of_bias += logits.sum(0)
        if learns:
            of_words = torch.zeros_like(words) if of_words is None else of_words
            ctx.save_for_backward(of_hidden, of_words, of_bias.to(bias.dtype))
        count = torch.tensor(int(right.sum()))
        ctx.mark_non_differentiable(count)
        return torch.tensor(weight * losses.sum(dtype=np.float64), dtype=torch.float32), count

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, scale: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        found, factor = ctx.saved_tensors, float(scale)  # as a tensor it would be rounded to bf16 first
        if factor != 1:
            found = tuple(gradient * factor for gradient in found)
        return *found, None, None, None


def word_cross_entropy(
    hidden: Tensor, words: Tensor, bias: Tensor, targets: Tensor, *, weight: float = 1.0
) -> tuple[Tensor, Tensor]:
    """The loss of masked language modeling, for which logits are made where it needs them.

    Args:
        hidden: (N, H): what logits are made from.
        words: (V, H): the words' embeddings.
        bias: (V,).
        targets: (at most N,): ids. Rows beyond them are passed over: `padded` puts them there.
        weight: What the loss is multiplied by; cheaper here than afterwards.

    Returns:
        The weighted sum of the losses in nats, and the number of right answers.
    """
    if hidden.device.type != "cpu":
        logits = functional.linear(hidden, words.to(hidden.dtype), bias)
        loss, right = summed_cross_entropy(logits[: len(targets)], targets)
        return weight * loss, right
    learns = torch.is_grad_enabled()
    loss, right = _WordCrossEntropy.apply(hidden, words, bias, targets, weight, learns)  # type: ignore[no-untyped-call]
    return loss, right


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C) logits and (N,) targets to the summed loss in nats, in fp32, and the number of right answers."""
    exact = logits.float()
    answers = exact.max(-1).indices  # of equal ones the first, as `argmax` has it, in half of its time
    return functional.cross_entropy(exact, targets, reduction="sum"), (answers == targets).sum()


def padded(selected: Tensor) -> Tensor:
    """(N,) indices to those and as many zeros as make their number a multiple of 64.

    Each batch selects another number of tokens, and a matrix product of a size not met before is slow: its code is
    made when it is first asked for.
    """
    return functional.pad(selected, (0, -len(selected) % _MULTIPLE))
