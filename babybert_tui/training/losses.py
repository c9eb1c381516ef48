"""The cross-entropy of both tasks, and how many answers are right, in few passes over the logits."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_MULTIPLE = 64
_BLOCK = 1 << 17  # logits: in fp32 half a megabyte, which stays in a core's own cache


class _SummedCrossEntropy(torch.autograd.Function):
    """Σ −ln softmax(logits)[target], in fp32 whatever the logits come in.

    The gradient, softmax − one-hot, falls off on the way and is all that is kept; the backward pass only scales it.
    Rows are taken in blocks, so that on a vocabulary no fp32 copy of all logits is written to memory and read again.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        count, classes = len(targets), logits.shape[1]
        gradient = torch.empty_like(logits)  # (N, C)
        losses, of_target, largest = logits.new_empty((3, count, 1), dtype=torch.float32)
        rows = max(1, _BLOCK // classes)
        gradient[count:].zero_()
        for first in range(0, count, rows):
            part = slice(first, min(first + rows, count))
            exact, target = logits[part].float(), targets[part, None]
            largest[part] = exact.amax(-1, keepdim=True)
            of_target[part] = exact.gather(-1, target)
            probabilities = exact.softmax(-1)
            # The likeliest class has probability 1 / Σ exp(logit − largest): so the sum need not be taken again.
            losses[part] = largest[part] - of_target[part] - probabilities.amax(-1, keepdim=True).log_()
            gradient[part] = probabilities.scatter_add_(-1, target, probabilities.new_full(target.shape, -1.0))
        right = _right(logits[:count], of_target.to(logits.dtype), largest.to(logits.dtype), targets)
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(right)
        return losses.sum(), right

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, scale: Tensor, _: Tensor) -> tuple[Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient.mul_(float(scale)), None  # a number: as a tensor it would be rounded to bf16 first


def _right(rows: Tensor, of_target: Tensor, largest: Tensor, targets: Tensor) -> Tensor:
    """How many targets are their row's argmax: the first of the largest, which matters where logits are coarse."""
    reach = torch.nonzero((of_target == largest).flatten()).flatten()
    return (rows.index_select(0, reach).argmax(-1) == targets.index_select(0, reach)).sum()


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C) logits and (N,) targets to the summed loss in nats and the number of right answers.

    Rows beyond the targets are passed over: `padded` puts them there. The backward pass can be taken once.
    """
    loss, right = _SummedCrossEntropy.apply(logits, targets)  # type: ignore[no-untyped-call]
    return loss, right


def padded(selected: Tensor) -> Tensor:
    """(N,) indices to those and as many zeros as make their number a multiple of 64.

    Each batch selects another number of tokens, and a matrix product of a size not met before is slow: its code is
    made when it is first asked for.
    """
    return functional.pad(selected, (0, -len(selected) % _MULTIPLE))
