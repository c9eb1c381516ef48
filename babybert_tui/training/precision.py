"""Computing in bf16 beside weights in fp32 (Micikevicius et al. 2018, section 3.1)."""

import copy

import torch
from torch import Tensor

from babybert_tui.bert import BabyBert

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class WorkingCopy:
    """The model to compute with: the model itself in fp32, or a copy whose layers and heads are in bf16.

    Casting once for each update, all matrices in one call, takes a fraction of the time of casting at each use. The
    embeddings are shared and stay in fp32: gradients of frequent words are sums of many small terms.

    Args:
        model: The fp32 weights, which the optimizer moves.
        precision: "fp32" or "bf16".
    """

    def __init__(self, model: BabyBert, precision: str) -> None:
        self.model = model
        self._masters: list[Tensor] = []
        self._copies: list[Tensor] = []
        if precision == "bf16":
            self.model = self._cast(model)

    def _cast(self, model: BabyBert) -> BabyBert:
        shared = {id(parameter): parameter for parameter in model.embeddings.parameters()}
        working = copy.deepcopy(model, shared)
        for (name, master), duplicate in zip(model.named_parameters(), working.parameters(), strict=True):
            if not name.startswith("embeddings."):
                duplicate.data = duplicate.data.to(torch.bfloat16)
                self._masters.append(master)
                self._copies.append(duplicate)
        return working

    @torch.no_grad()
    def refresh(self) -> None:
        """Takes the weights over from the fp32 model."""
        if self._copies:
            torch._foreach_copy_(self._copies, self._masters)

    @torch.no_grad()
    def collect_gradients(self) -> None:
        """Adds the gradients that stand in the copy to those of the fp32 model, and clears them."""
        for master, duplicate in zip(self._masters, self._copies, strict=True):
            if duplicate.grad is None:
                continue
            if master.grad is None:
                master.grad = duplicate.grad.to(master.dtype)
            else:
                master.grad.add_(duplicate.grad)
            duplicate.grad = None
