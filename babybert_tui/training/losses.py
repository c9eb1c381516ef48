"""The losses of both tasks, summed, and how many answers are right."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_MULTIPLE = 64
_BYTES_AT_ONCE = 8 << 20  # of logits: what one pass writes is still near when the next one reads it
_LEAST_ROWS = 256  # fewer would make slow products


class _WordCrossEntropy(torch.autograd.Function):
    """Σ −ln softmax(hidden · wordsᵀ + bias)[target], and the gradients of all three.

    The logits of a vocabulary are the largest tensor of a training by far: at half of 4,096 tokens and 8,192 words
    64 MB in fp32, and as much for their gradient. So they are never there as a whole. Rows are taken some at a time,
    through logits, softmax, its gradient (softmax − one-hot) and what that gives hidden states, words and bias; then
    the next ones take their place in memory. The backward pass only scales what was found.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        words: Tensor,
        bias: Tensor,
        targets: Tensor,
        learns: bool,  # noqa: FBT001 - `apply` takes no keywords
    ) -> tuple[Tensor, Tensor]:
        vectors = words.to(hidden.dtype)  # (V, H)
        classes = len(words)
        rows_at_once = max(_LEAST_ROWS, _BYTES_AT_ONCE // (classes * hidden.itemsize) // _MULTIPLE * _MULTIPLE)
        room = hidden.new_empty((2, min(rows_at_once, len(hidden)), classes))
        of_hidden, of_words = torch.empty_like(hidden), torch.zeros_like(words)
        of_bias = torch.zeros_like(bias, dtype=torch.float32)
        loss, right = torch.zeros((), device=hidden.device), targets.new_zeros(())
        for first in range(0, len(hidden), rows_at_once):
            some, answers = hidden[first : first + rows_at_once], targets[first : first + rows_at_once]
            logits, shares = room[:, : len(some)]  # (n, V)
            torch.addmm(bias, some, vectors.T, out=logits)
            torch.softmax(logits, dim=-1, out=shares)
            # Places in the flattened tables: scatter_ takes a hundred times as long in bf16.
            places = torch.arange(0, len(answers) * classes, classes, device=targets.device) + answers
            of_target = shares.flatten().index_select(0, places)
            loss += _loss(of_target, logits, places).sum()
            right += _right(logits, shares[: len(answers)].amax(-1) == of_target, answers)
            if learns:
                shares[len(answers) :].zero_()
                # A target's gradient is less the sum of all others: exact where its share is so near to 1 that bf16
                # has no number between them.
                shares.view(-1).index_fill_(0, places, 0.0)
                shares.view(-1).index_copy_(0, places, -shares[: len(answers)].sum(-1))
                torch.mm(shares, vectors, out=of_hidden[first : first + rows_at_once])
                of_words += shares.T @ some
                of_bias += shares.sum(0)
        if learns:
            ctx.save_for_backward(of_hidden, of_words, of_bias.to(bias.dtype))
        ctx.mark_non_differentiable(right)
        return loss, right

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, scale: Tensor, _: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        of_hidden, of_words, of_bias = ctx.saved_tensors
        factor = float(scale)  # as a tensor it would be rounded to bf16 first
        return of_hidden.mul_(factor), of_words.mul_(factor), of_bias.mul_(factor), None, None


def _loss(of_target: Tensor, logits: Tensor, places: Tensor) -> Tensor:
    """(n,): −ln of the targets' shares, in fp32; from the logits where a share is too small to be a number."""
    losses = -of_target.float().log()
    faint = torch.nonzero(of_target < torch.finfo(of_target.dtype).tiny).flatten()
    if len(faint):
        exact = logits.index_select(0, faint).float()
        own = logits.flatten().index_select(0, places.index_select(0, faint)).float()
        losses[faint] = exact.logsumexp(-1) - own
    return losses


def _right(logits: Tensor, within_reach: Tensor, targets: Tensor) -> Tensor:
    """How many targets are their row's argmax, the first of the largest; looked for where no share is larger."""
    rows = torch.nonzero(within_reach).flatten()
    answers = _argmax(logits.index_select(0, rows).float())
    return (answers == targets.index_select(0, rows)).sum()


def _argmax(rows: Tensor) -> Tensor:
    """Of equal ones the first, as `argmax` has it, in half of its time."""
    return rows.max(-1).indices


def word_cross_entropy(hidden: Tensor, words: Tensor, bias: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of masked language modeling, for which logits are made where it needs them.

    Args:
        hidden: (N, H): what logits are made from.
        words: (V, H): the words' embeddings.
        bias: (V,).
        targets: (at most N,): ids. Rows beyond them are passed over: `padded` puts them there.

    Returns:
        The summed loss in nats, whose backward pass can be taken once, and the number of right answers.
    """
    learns = torch.is_grad_enabled()
    loss, right = _WordCrossEntropy.apply(hidden, words, bias, targets, learns)  # type: ignore[no-untyped-call]
    return loss, right


def summed_cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C) logits and (N,) targets to the summed loss in nats, in fp32, and the number of right answers."""
    exact = logits.float()
    return functional.cross_entropy(exact, targets, reduction="sum"), (_argmax(exact) == targets).sum()


def padded(selected: Tensor) -> Tensor:
    """(N,) indices to those and as many zeros as make their number a multiple of 64.

    Each batch selects another number of tokens, and a matrix product of a size not met before is slow: its code is
    made when it is first asked for.
    """
    return functional.pad(selected, (0, -len(selected) % _MULTIPLE))
