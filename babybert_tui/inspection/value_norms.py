"""How much a token really hands over: ‖α f(x)‖, the norm of the weighted, transformed vector.

Kobayashi et al. 2020, "Attention is Not Only a Weight", section 2.2: a large weight on a short vector moves nothing.
"""

from collections.abc import Sequence

import numpy as np

from babybert_tui.bert import BabyBert
from babybert_tui.inspection.forward_pass import ForwardPass, attention_weights
from babybert_tui.inspection.trace import Floats


def transformed_values(model: BabyBert, forward_pass: ForwardPass, layer: int, head: int) -> Floats:
    """(n, H): f(x) = (x W_V + b_V) W_O of one head, both from 1, x being the layer's input."""
    values = forward_pass.layer(layer).value[0, head - 1].float().cpu().numpy()  # (n, D): x W_V + b_V
    width = values.shape[-1]
    output = model.get_parameter(f"layers.{layer - 1}.attention.output.weight")  # (H, H), as y = x Wᵀ + b
    columns = output[:, (head - 1) * width : head * width].detach().float().cpu().numpy()  # (H, D): this head's part
    transformed: Floats = values @ columns.T
    return transformed


def weighted_value_norms(
    model: BabyBert, forward_pass: ForwardPass, layers: Sequence[int], heads: Sequence[int]
) -> Floats:
    """(len(layers), len(heads), n, n): ‖α f(x)‖, query by key. Rows do not sum to 1.

    Raises:
        ValueError: The forward pass was not recorded.
    """
    norms = attention_weights(forward_pass, layers, heads)
    for row, layer in enumerate(layers):
        for column, head in enumerate(heads):
            # α is a number, so ‖α f(x)‖ = α ‖f(x)‖: one norm for each key, and no (n, n, H) array.
            norms[row, column] *= np.linalg.norm(transformed_values(model, forward_pass, layer, head), axis=-1)
    return norms
