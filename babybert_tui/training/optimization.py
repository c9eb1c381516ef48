"""The optimizers, which parameters they decay, and the learning rate as a function of the step."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer

from babybert_tui.bert import BabyBert
from babybert_tui.settings import Settings
from babybert_tui.training.compiler import plain_step, spare_compiler
from babybert_tui.training.muon import Muon

_WARMUP_SHARE = 0.06


def learning_rate_at(step: int, settings: Settings) -> float:
    """The rate of update `step` (from 1): up linearly, then down linearly to zero after the last (appendix A.2)."""
    warmup = settings.warmup_steps
    if warmup is None:
        warmup = round(_WARMUP_SHARE * settings.max_steps)
    if step <= warmup:
        return settings.learning_rate * step / warmup
    return settings.learning_rate * max(0.0, (settings.max_steps + 1 - step) / (settings.max_steps + 1 - warmup))


class Optimization:
    """AdamW on everything, or Muon on the matrices inside the layers and AdamW on the rest.

    LayerNorm and biases are not decayed (google-research/bert, `optimization.py`).
    """

    def __init__(self, model: BabyBert, settings: Settings) -> None:
        spare_compiler()
        named = dict(model.named_parameters())
        by_muon = {name for name in named if settings.optimizer == "muon" and _is_hidden_matrix(name, named[name])}
        rest = [name for name in named if name not in by_muon]
        decayed = [name for name in rest if named[name].dim() > 1]
        plain = [name for name in rest if named[name].dim() == 1]
        groups = [
            {"params": [named[name] for name in decayed], "weight_decay": settings.weight_decay},
            {"params": [named[name] for name in plain], "weight_decay": 0.0},
        ]
        self.optimizers: list[Optimizer] = [AdamW(groups, lr=0.0, betas=(0.9, 0.999), eps=1e-6, fused=True)]
        if by_muon:
            matrices = [named[name] for name in named if name in by_muon]
            self.optimizers.append(Muon(matrices, lr=0.0, weight_decay=settings.weight_decay))
        self._names = {id(parameter): name for name, parameter in named.items()}

    def step(self, learning_rate: float) -> None:
        """One update from the gradients that stand, which are then cleared."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = learning_rate
            plain_step(optimizer)
            optimizer.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """All state tensors, by `<kind>/<parameter>`."""
        tensors = {}
        for parameter, kind, value in self._entries():
            tensors[f"{kind}/{self._names[id(parameter)]}"] = value.detach()
        return tensors

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Takes back what `state` gave. The optimizers must be of the same kinds and shapes."""
        by_name: dict[str, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            kind, name = key.split("/", 1)
            by_name.setdefault(name, {})[kind] = value
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    state = by_name.get(self._names[id(parameter)])
                    if state is not None:
                        optimizer.state[parameter] = {
                            kind: _placed(kind, value, parameter) for kind, value in state.items()
                        }

    def _entries(self) -> Iterable[tuple[Tensor, str, Tensor]]:
        for optimizer in self.optimizers:
            for parameter, state in optimizer.state.items():
                for kind, value in state.items():
                    if isinstance(value, Tensor):
                        yield parameter, kind, value


def _placed(kind: str, value: Tensor, parameter: Tensor) -> Tensor:
    """AdamW's step counter is kept as it is; moments live where their parameter lives."""
    return value.clone() if kind == "step" else value.to(parameter.device).clone()


def _is_hidden_matrix(name: str, parameter: Tensor) -> bool:
    return parameter.dim() == 2 and name.startswith("layers.")


def clip_gradients(model: BabyBert, limit: float) -> float:
    """Scales the gradients down to a norm of `limit` (0: no limit) and returns the norm that they had."""
    parameters = [parameter for parameter in model.parameters() if parameter.grad is not None]
    bound = limit if limit > 0 else float("inf")
    return float(torch.nn.utils.clip_grad_norm_(parameters, bound, foreach=True))
