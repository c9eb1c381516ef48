"""How much arithmetic an update needs: what the mathematics asks for, whatever a program computes besides."""

import numpy as np

from babybert_tui.bert import BertConfig
from babybert_tui.pretraining.batches import Batch
from babybert_tui.pretraining.masking import NOT_SELECTED

_FLOPS_A_PRODUCT = 2  # multiply, add
_FORWARD_AND_BACKWARD = 3  # the gradient of a product takes one more product for each of its two factors


def useful_flops(shape: BertConfig, batch: Batch, pad_id: int) -> int:
    """Floating-point operations of the matrix products in one forward and backward pass over a batch.

    A row has n tokens (padding is not work) and q positions whose output is asked for: [CLS] and the selected ones, s
    over all rows. With H, F, V the hidden, feed-forward and vocabulary sizes, the forward products multiply

        in each layer but the last     n (4 H² + 2 H F) + 2 n² H
        in the last layer              2 n H² (keys, values) + q (2 H² + 2 H F) + 2 q n H
        in the MLM head                s (H² + H V)
        in the NSP head                H² + 2 H a row

    times. A multiplication comes with an addition, and the backward pass takes twice the forward one. Lookups,
    softmax, LayerNorm, GELU, dropout, the losses and the optimizer are not counted.

    Args:
        shape: Of the model.
        batch: (B, T).
        pad_id: What padding looks like in it.
    """
    hidden, inner = shape.hidden_size, shape.intermediate_size
    tokens = (batch.original_ids != pad_id).sum(axis=1)  # (B,)
    selected = (batch.fates != NOT_SELECTED).sum(axis=1)  # (B,)
    asked = selected + 1  # (B,)
    feed_forward = 2 * hidden * inner
    whole_layer = tokens * (4 * hidden**2 + feed_forward) + 2 * tokens**2 * hidden
    last_layer = 2 * tokens * hidden**2 + asked * (2 * hidden**2 + feed_forward) + 2 * asked * tokens * hidden
    heads = selected * (hidden**2 + hidden * shape.vocab_size) + hidden**2 + 2 * hidden
    products = (shape.num_hidden_layers - 1) * whole_layer + last_layer + heads
    return int(np.sum(products)) * _FLOPS_A_PRODUCT * _FORWARD_AND_BACKWARD
