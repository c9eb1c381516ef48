"""The cross-entropy of both tasks, and how many answers are right, in few passes over the logits."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


class _SummedCrossEntropy(torch.autograd.Function):
    """Σ −ln softmax(logits)[target], in fp32 whatever the logits come in.

    The exponentials of the forward pass are kept and turned into the gradient, softmax − one-hot, in place: on a
    vocabulary this saves most of what torch's own log-softmax and its backward pass take.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        rows = logits.float() if logits.dtype != torch.float32 else logits.clone()  # (N, C)
        largest = rows.amax(-1, keepdim=True)  # (N, 1)
        of_target = rows.gather(-1, targets[:, None])  # (N, 1)
        right = _right(rows, of_target, largest, targets)
        exponentials = rows.sub_(largest).exp_()  # (N, C)
        sums = exponentials.sum(-1, keepdim=True)  # (N, 1)
        loss = (sums.log() + largest - of_target).sum()
        ctx.save_for_backward(exponentials, sums, targets)
        ctx.dtype = logits.dtype
        ctx.mark_non_differentiable(right)
        return loss, right

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[Tensor, None]:
        exponentials, sums, targets = ctx.saved_tensors
        rows = exponentials.mul_(gradient / sums)
        rows.scatter_add_(-1, targets[:, None], -gradient.expand(len(targets), 1).to(rows.dtype))
        return rows.to(ctx.dtype), None


def _right(rows: Tensor, of_target: Tensor, largest: Tensor, targets: Tensor) -> Tensor:
    """How many targets are their row's argmax: the first of the largest, which matters where logits are coarse."""
    reach = torch.nonzero((of_target == largest).flatten()).flatten()
    return (rows.index_select(0, reach).argmax(-1) == targets.index_select(0, reach)).sum()


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C) logits and (N,) targets to the summed loss in nats and the number of right answers.

    The backward pass can be taken once.
    """
    loss, right = _SummedCrossEntropy.apply(logits, targets)  # type: ignore[no-untyped-call]
    return loss, right
