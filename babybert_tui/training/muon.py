"""Muon: momentum whose direction is made orthogonal, for the matrices inside the layers.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; the scale is that of Liu et al. 2025,
"Muon is scalable for LLM training", section 2.2. It moves the weights as `torch.optim.Muon` does; but all matrices of
a shape go through the Newton-Schulz iteration in one batched product, which for matrices as small as ours takes less
time; and where the processor does not compute in bf16, the iteration is in fp32: emulated, it takes longer than all the
rest of an update.
"""

import math
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.optim import Optimizer

from babybert_tui.training.hardware import has_bf16

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic whose iteration pushes singular values towards 1
_ITERATIONS = 5
_LEAST_NORM = 1e-7
_RMS_OF_ADAMW = 0.2  # the usual root mean square of AdamW's updates


class Muon(Optimizer):
    """Muon with Nesterov momentum and decoupled weight decay.

    Args:
        params: Matrices, or groups of them.
        lr: Scaled so that an update has the root mean square of one by AdamW: both can share a rate.
        momentum: Of the running mean of the gradients.
        weight_decay: Decoupled.
    """

    def __init__(
        self, params: Iterable[Tensor], lr: float = 1e-3, momentum: float = 0.95, weight_decay: float = 0.01
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One update of every matrix that has a gradient."""
        assert closure is None, "Muon does not evaluate the loss again"
        for group in self.param_groups:
            for matrices in _by_shape(group["params"]):
                self._move(matrices, group["lr"], group["momentum"], group["weight_decay"])

    def _move(self, matrices: list[Tensor], learning_rate: float, momentum: float, weight_decay: float) -> None:
        gradients = [matrix.grad for matrix in matrices if matrix.grad is not None]
        means = [self._momentum_of(matrix) for matrix in matrices]
        torch._foreach_lerp_(means, gradients, 1 - momentum)
        directions = orthogonal(torch.stack(torch._foreach_lerp(gradients, means, momentum)))  # noqa: SLF001 - torch.optim uses it too
        scale = learning_rate * _RMS_OF_ADAMW * math.sqrt(max(matrices[0].shape))
        torch._foreach_mul_(matrices, 1 - learning_rate * weight_decay)
        torch._foreach_add_(matrices, directions.to(matrices[0].dtype).unbind(), alpha=-scale)

    def _momentum_of(self, matrix: Tensor) -> Tensor:
        state = self.state[matrix]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(matrix)
        buffer: Tensor = state["momentum_buffer"]
        return buffer


def orthogonal(matrices: Tensor) -> Tensor:
    """(n, rows, columns) to about the nearest matrices with orthonormal rows or columns."""
    a, b, c = _COEFFICIENTS
    is_tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.to(torch.bfloat16 if has_bf16(matrices.device) else torch.float32)
    if is_tall:
        x = x.mT
    x = x / x.norm(dim=(-2, -1), keepdim=True).clamp(min=_LEAST_NORM)
    for _ in range(_ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if is_tall else x


def _by_shape(matrices: list[Tensor]) -> Iterator[list[Tensor]]:
    shapes: dict[torch.Size, list[Tensor]] = {}
    for matrix in matrices:
        if matrix.grad is not None:
            shapes.setdefault(matrix.shape, []).append(matrix)
    yield from shapes.values()
