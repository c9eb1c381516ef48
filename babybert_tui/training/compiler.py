"""Keeping torch's compiler out: we never compile, and importing it costs a second and a hundred megabytes."""

import inspect

import torch
from torch.optim import Optimizer

_MARK = "__dynamo_disable"  # where torch remembers that the compiler has been told to pass a function over


def spare_compiler() -> None:
    """Lets optimizers be made without importing the compiler.

    Several of their methods ask it to pass them over when they are first called, and import it to ask. Marked as asked,
    they do not. Where torch does this in another way, nothing changes but the time.
    """
    if not hasattr(torch, "_disable_dynamo"):
        return
    for method in vars(Optimizer).values():
        function = getattr(method, "__wrapped__", None)
        if function is not None and not hasattr(function, _MARK):
            setattr(function, _MARK, function)


def plain_step(optimizer: Optimizer) -> None:
    """One update by an optimizer's own step, without what torch wraps around it: profiling, and asking the compiler."""
    with torch.no_grad():
        inspect.unwrap(type(optimizer).step)(optimizer)
