"""Attention rollout: how much of each input token is left in each position after some layers, if attention were all.

Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3.
"""

import numpy as np

from babybert_tui.inspection.trace import Floats


def rollout(attention: Floats) -> Floats:
    """(layers, n, n): row i of entry l says how position i, after layer l + 1, is made of the input tokens.

    Each layer's weights are averaged over heads, mixed half and half with the identity for the residual connection,
    rows brought to sum 1, and multiplied onto those of the layers below.

    Args:
        attention: (layers, heads, n, n) of all layers from the first on, and all heads of each.
    """
    steps = []
    so_far = np.eye(attention.shape[-1], dtype=np.float64)
    for layer in attention:
        mixed = 0.5 * layer.mean(axis=0, dtype=np.float64) + 0.5 * np.eye(layer.shape[-1])
        so_far = (mixed / mixed.sum(axis=-1, keepdims=True)) @ so_far
        steps.append(so_far)
    return np.array(steps, dtype=np.float32)
