"""How one attention weight came about: q·k, ÷√d, softmax, ×v (Vaswani et al. 2017, section 3.2.1)."""

import math
from dataclasses import dataclass

import numpy as np

from babybert_tui.bert import BabyBert
from babybert_tui.inspection.forward_pass import ForwardPass, check_numbers
from babybert_tui.inspection.trace import Floats
from babybert_tui.inspection.value_norms import transformed_values


@dataclass(frozen=True)
class CellArithmetic:
    """Every number between two tokens and the weight that one gives the other. D is the width of a head."""

    layer: int
    head: int
    query_position: int
    key_position: int
    query: Floats  # (D,)
    key: Floats  # (D,)
    products: Floats  # (D,), query times key, dimension by dimension
    dot: float  # q·k, the sum of `products`
    root: float  # √D
    score: float  # q·k/√D
    scores: Floats  # (n,), the whole row that the softmax is taken of
    largest_score: float  # subtracted from all before exp, which changes nothing but keeps exp from overflowing
    exponential: float  # exp(score - largest_score)
    denominator: float  # the sum of the row's exponentials
    weight: float  # α = exponential / denominator
    value: Floats  # (D,)
    weighted_value: Floats  # (D,), α v: what this key adds to the query's output
    context: Floats  # (D,), the sum of α v over all keys: the head's whole output for the query
    contribution_norm: float  # ‖α f(x)‖, f(x) being v after the output projection (Kobayashi et al. 2020)


def cell_arithmetic(
    model: BabyBert, forward_pass: ForwardPass, *, layer: int, head: int, query_position: int, key_position: int
) -> CellArithmetic:
    """The arithmetic of one cell of a map.

    Args:
        model: The model that ran.
        forward_pass: One that was recorded.
        layer: From 1.
        head: From 1.
        query_position: The row, from 0.
        key_position: The column, from 0.

    Raises:
        RequestError: There is no such layer or head.
        IndexError: There is no such position.
        ValueError: The forward pass was not recorded.
    """
    check_numbers("layer", [layer], model.config.num_hidden_layers)
    check_numbers("head", [head], model.config.num_attention_heads)
    record = forward_pass.layer(layer)
    query, keys, values = (
        part[0, head - 1].float().cpu().numpy() for part in (record.query, record.key, record.value)
    )  # (n, D) each
    q, k, v = query[query_position], keys[key_position], values[key_position]
    root = math.sqrt(len(q))
    scores = (keys @ q) / np.float32(root)
    exponentials = np.exp(scores - scores.max())
    weights = exponentials / exponentials.sum()
    transformed = transformed_values(model, forward_pass, layer, head)[key_position]
    return CellArithmetic(
        layer=layer,
        head=head,
        query_position=query_position,
        key_position=key_position,
        query=q,
        key=k,
        products=q * k,
        dot=float(q @ k),
        root=root,
        score=float(scores[key_position]),
        scores=scores,
        largest_score=float(scores.max()),
        exponential=float(exponentials[key_position]),
        denominator=float(exponentials.sum()),
        weight=float(weights[key_position]),
        value=v,
        weighted_value=weights[key_position] * v,
        context=weights @ values,
        contribution_norm=float(weights[key_position] * np.linalg.norm(transformed)),
    )
