"""Embeddings and layers of BabyBERT for training on a CPU: what `bert.py` computes, with the gradients written out.

PyTorch multiplies matrices; kernels do all else, each in one pass over memory (`kernels.py`). With the same weights and
dropout it gives the same outputs and gradients but for rounding (`tests/training/test_fast_pass.py`).

Letters are those of `bert.py`; R is the number of all rows of a batch, B·T or B·Q.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from babybert_tui.bert import BertConfig, Embeddings, Layer
from babybert_tui.training.dropout import NOTHING_DROPPED, CounterDropout
from babybert_tui.training.kernels import (
    add_norm,
    add_norm_gradient,
    as_array,
    embed,
    embed_gradient,
    gelu,
    gelu_gradient,
    merge_heads,
    softmax_dropout,
    softmax_dropout_gradient,
    split_heads,
)
from babybert_tui.training.losses import word_cross_entropy
from babybert_tui.training.precision import DTYPES


class FastPass:
    """Embeddings and layers, for a model whose activation is the exact GELU.

    Args:
        dropout: Of the forward pass, as `BabyBert.forward` takes it.
    """

    def __init__(self, dropout: CounterDropout | None) -> None:
        self._dropout = dropout

    def embed(
        self, embeddings: Embeddings, input_ids: Tensor, segment_ids: Tensor, dtype: torch.dtype, dropout: float
    ) -> Tensor:
        """(B, T) and (B, T) to (B, T, H)."""
        tables = (embeddings.word, embeddings.position, embeddings.segment)
        x: Tensor = _Embed.apply(  # type: ignore[no-untyped-call]
            input_ids, segment_ids, dtype, self._draw(dropout), embeddings.norm.eps,
            *(table.weight for table in tables), embeddings.norm.weight, embeddings.norm.bias,
        )  # fmt: skip
        return x

    def layer(self, layer: Layer, x: Tensor, asking: Tensor, padding: Tensor | None) -> Tensor:
        """As `Layer.forward`."""
        attention = layer.attention
        linear = (attention.query, attention.key, attention.value, attention.output)
        after_attention: Tensor = _Attention.apply(  # type: ignore[no-untyped-call]
            x,
            None if asking is x else asking,
            x.new_zeros(1, x.shape[1]) if padding is None else padding,
            [self._draw(attention.dropout), self._draw(layer.dropout)],
            attention.num_heads,
            layer.attention_norm.eps,
            *_parameters(*linear, layer.attention_norm),
        )
        output: Tensor = _FeedForward.apply(  # type: ignore[no-untyped-call]
            after_attention,
            self._draw(layer.dropout),
            layer.output_norm.eps,
            *_parameters(layer.expand, layer.contract, layer.output_norm),
        )
        return output

    def _draw(self, probability: float) -> np.ndarray:
        return NOTHING_DROPPED if self._dropout is None else self._dropout.draw(probability)


def _parameters(*modules: nn.Linear | nn.LayerNorm) -> list[Tensor]:
    return [parameter for module in modules for parameter in (module.weight, module.bias)]


def ready_kernels(precision: str, progress: Callable[[float], None]) -> None:
    """Compiles what an update needs in this precision: some seconds, once on a machine. Afterwards it is only loaded.

    Without it the first update would wait for the same.

    Args:
        precision: "fp32" or "bf16".
        progress: Told how much is done; what it raises ends the waiting.
    """
    config = BertConfig(vocab_size=8, hidden_size=8, num_attention_heads=1, intermediate_size=8)
    embeddings, layer = Embeddings(config), Layer(config).to(DTYPES[precision])
    ids, passes = torch.zeros(1, 4).long(), FastPass(CounterDropout(0, 1, 0))
    progress(0.0)
    x = passes.embed(embeddings, ids, ids, DTYPES[precision], 0.5)
    progress(0.1)
    hidden = passes.layer(layer, x, x, None).flatten(0, 1)
    progress(0.4)
    loss, _ = word_cross_entropy(hidden, torch.zeros(8, 8), torch.zeros(8, dtype=x.dtype), torch.zeros(4).long())
    progress(0.5)
    loss.backward()  # type: ignore[no-untyped-call]
    progress(1.0)


class _Embed(torch.autograd.Function):
    """dropout(LayerNorm(word + position + segment))."""

    @staticmethod
    def forward(
        ctx: Any,
        word_ids: Tensor,
        segment_ids: Tensor,
        dtype: torch.dtype,
        draw: np.ndarray,
        eps: float,
        words: Tensor,
        positions: Tensor,
        segments: Tensor,
        norm_weight: Tensor,
        norm_bias: Tensor,
    ) -> Tensor:
        shape = (*word_ids.shape, words.shape[1])  # (B, T, H)
        out, normed = words.new_empty(shape, dtype=dtype), words.new_empty(shape)
        deviations = np.empty(word_ids.numel(), np.float32)
        embed(
            as_array(words), as_array(positions), as_array(segments), as_array(word_ids.flatten()),
            as_array(segment_ids.flatten()), word_ids.shape[1], as_array(norm_weight), as_array(norm_bias), eps, draw,
            _rows(out), _rows(normed), deviations,
        )  # fmt: skip
        ctx.save_for_backward(word_ids, segment_ids, positions, segments, norm_weight, normed)
        ctx.rest = (len(words), draw, deviations)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        word_ids, segment_ids, positions, segments, norm_weight, normed = ctx.saved_tensors
        vocabulary, draw, deviations = ctx.rest
        of_sum, of_segments = torch.empty_like(normed), torch.empty_like(segments)
        of_norm = norm_weight.new_empty(2, len(norm_weight))
        embed_gradient(
            _rows(gradient.contiguous()), _rows(normed), deviations, as_array(norm_weight), draw,
            as_array(segment_ids.flatten()), _rows(of_sum), as_array(of_segments), as_array(of_norm),
        )  # fmt: skip
        of_words = torch.ops.aten.embedding_dense_backward(of_sum, word_ids, vocabulary, -1, False)
        of_positions = torch.zeros_like(positions)
        of_positions[: word_ids.shape[1]] = of_sum.sum(0)
        return None, None, None, None, None, of_words, of_positions, of_segments, *of_norm


class _Attention(torch.autograd.Function):
    """LayerNorm(asking + dropout(attention))."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        asking: Tensor | None,
        padding: Tensor,
        draws: list[np.ndarray],
        heads: int,
        eps: float,
        query_weight: Tensor,
        query_bias: Tensor,
        key_weight: Tensor,
        key_bias: Tensor,
        value_weight: Tensor,
        value_bias: Tensor,
        output_weight: Tensor,
        output_bias: Tensor,
        norm_weight: Tensor,
        norm_bias: Tensor,
    ) -> Tensor:
        """`asking` is None where all of `x` asks."""
        source = x if asking is None else asking
        (query,) = _heads(source, query_weight, query_bias, 1, heads)  # (B·A, Q, D)
        both_weights, both_biases = torch.cat((key_weight, value_weight)), torch.cat((key_bias, value_bias))
        key, value = _heads(x, both_weights, both_biases, 2, heads)  # (B·A, T, D) each

        scale = query.shape[-1] ** -0.5  # 1/√D
        shares = query @ key.transpose(1, 2)  # (B·A, Q, T): scores, soon shares
        kept = torch.empty_like(shares)
        softmax_dropout(_rows(shares), scale, _rows(padding), draws[0], _rows(kept))
        context = _side_by_side(kept @ value, source.shape)  # (B, Q, H)

        mixed = context @ output_weight.T
        out, normed, deviations = _add_norm(mixed, output_bias, source, norm_weight, norm_bias, eps, draws[1])
        ctx.save_for_backward(
            x, asking, query_weight, both_weights, query, key, value, shares, kept, context, output_weight,
            norm_weight, normed,
        )  # fmt: skip
        ctx.rest = (scale, draws, deviations)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        (
            x, asking, query_weight, both_weights, query, key, value, shares, kept, context, output_weight,
            norm_weight, normed,
        ) = ctx.saved_tensors  # fmt: skip
        scale, draws, deviations = ctx.rest
        of_source, of_mixed, of_norm = _add_norm_gradient(gradient, normed, deviations, norm_weight, draws[1])
        of_output_weight = _flat(of_mixed).T @ _flat(context)

        of_context = _apart(of_mixed @ output_weight, query.shape)  # (B·A, Q, D)
        of_scores = of_context @ value.transpose(1, 2)  # (B·A, Q, T): of what was kept, soon of the scores
        softmax_dropout_gradient(_rows(shares), scale, draws[0], _rows(of_scores))

        of_query = (of_scores @ key)[None]
        of_both = key.new_empty(2, *key.shape)
        torch.bmm(of_scores.transpose(1, 2), query, out=of_both[0])
        torch.bmm(kept.transpose(1, 2), of_context, out=of_both[1])

        source = x if asking is None else asking
        of_query, of_query_weight, of_query_bias = _heads_gradient(of_query, source)
        of_both, of_both_weights, of_both_biases = _heads_gradient(of_both, x)
        of_source = _add_product(of_source, of_query, query_weight)
        if asking is None:
            of_x, of_asking = _add_product(of_source, of_both, both_weights), None
        else:
            of_x, of_asking = of_both @ both_weights, of_source
        of_key_weight, of_value_weight = of_both_weights.chunk(2)
        of_key_bias, of_value_bias = of_both_biases.chunk(2)
        return (
            of_x, of_asking, None, None, None, None,
            of_query_weight, of_query_bias, of_key_weight, of_key_bias, of_value_weight, of_value_bias,
            of_output_weight, of_norm[2], of_norm[0], of_norm[1],
        )  # fmt: skip


class _FeedForward(torch.autograd.Function):
    """LayerNorm(x + dropout(contract(gelu(expand(x)))))."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        draw: np.ndarray,
        eps: float,
        expand_weight: Tensor,
        expand_bias: Tensor,
        contract_weight: Tensor,
        contract_bias: Tensor,
        norm_weight: Tensor,
        norm_bias: Tensor,
    ) -> Tensor:
        slope = x @ expand_weight.T  # (B, Q, F): the inner layer, soon the slope there
        active = torch.empty_like(slope)
        gelu(_rows(slope), as_array(expand_bias), _rows(active))
        contracted = active @ contract_weight.T
        out, normed, deviations = _add_norm(contracted, contract_bias, x, norm_weight, norm_bias, eps, draw)
        ctx.save_for_backward(x, slope, active, expand_weight, contract_weight, norm_weight, normed)
        ctx.rest = (draw, deviations)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Any, ...]:
        x, slope, active, expand_weight, contract_weight, norm_weight, normed = ctx.saved_tensors
        draw, deviations = ctx.rest
        of_x, of_contracted, of_norm = _add_norm_gradient(gradient, normed, deviations, norm_weight, draw)
        of_contract_weight = _flat(of_contracted).T @ _flat(active)
        of_inner = of_contracted @ contract_weight  # of what was active, soon of the inner layer
        of_expand_bias = expand_weight.new_empty(len(expand_weight))
        gelu_gradient(_rows(of_inner), _rows(slope), as_array(of_expand_bias))
        of_expand_weight = _flat(of_inner).T @ _flat(x)
        of_x = _add_product(of_x, of_inner, expand_weight)
        return (
            of_x, None, None, of_expand_weight, of_expand_bias,
            of_contract_weight, of_norm[2], of_norm[0], of_norm[1],
        )  # fmt: skip


def _flat(x: Tensor) -> Tensor:
    """(B, T, C) to (R, C)."""
    return x.view(-1, x.shape[-1])


def _rows(x: Tensor) -> np.ndarray:
    return as_array(_flat(x))


def _heads(x: Tensor, weight: Tensor, bias: Tensor, count: int, heads: int) -> Tensor:
    """What `count` linear layers, (n·H, H) and (n·H,), make of `x` (B, T, H): (n, B·A, T, D)."""
    batch, tokens, hidden = x.shape
    apart = x.new_empty(count, batch * heads, tokens, hidden // heads)
    split_heads(_rows(functional.linear(x, weight, bias)), as_array(apart))
    return apart


def _heads_gradient(gradient: Tensor, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of what the linear layers make, (B, T, n·H), of their weights and of their biases."""
    batch, tokens, hidden = x.shape
    together, of_bias = x.new_empty(batch, tokens, len(gradient) * hidden), x.new_empty(len(gradient) * hidden)
    merge_heads(as_array(gradient), _rows(together), as_array(of_bias))
    return together, _flat(together).T @ _flat(x), of_bias


def _side_by_side(heads: Tensor, shape: torch.Size) -> Tensor:
    """(B·A, Q, D) to (B, Q, H)."""
    batch, tokens, hidden = shape
    return heads.view(batch, -1, tokens, heads.shape[-1]).transpose(1, 2).reshape(batch, tokens, hidden)


def _apart(x: Tensor, shape: torch.Size) -> Tensor:
    """(B, Q, H) to (B·A, Q, D)."""
    matrices, tokens, width = shape
    return x.view(len(x), tokens, -1, width).transpose(1, 2).reshape(matrices, tokens, width)


def _add_product(x: Tensor, y: Tensor, weight: Tensor) -> Tensor:
    """`x` + `y` @ `weight`, in the memory of `x`."""
    _flat(x).addmm_(_flat(y), weight)
    return x


def _add_norm(
    y: Tensor, bias: Tensor, residual: Tensor, weight: Tensor, shift: Tensor, eps: float, draw: np.ndarray
) -> tuple[Tensor, Tensor, np.ndarray]:
    """LayerNorm(residual + dropout(y + bias)), and what its gradient needs."""
    out, normed = torch.empty_like(y), torch.empty_like(y)
    deviations = np.empty(y.shape[:-1].numel(), np.float32)
    add_norm(
        _rows(y), as_array(bias), _rows(residual), as_array(weight), as_array(shift), eps, draw,
        _rows(out), _rows(normed), deviations,
    )  # fmt: skip
    return out, normed, deviations


def _add_norm_gradient(
    gradient: Tensor, normed: Tensor, deviations: np.ndarray, weight: Tensor, draw: np.ndarray
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of residual, of `y`, and (3, H) those of weight, shift and bias."""
    of_residual, of_y = torch.empty_like(normed), torch.empty_like(normed)
    sums = weight.new_empty(3, len(weight))
    add_norm_gradient(
        _rows(gradient.contiguous()), _rows(normed), deviations, as_array(weight), draw,
        _rows(of_residual), _rows(of_y), as_array(sums),
    )  # fmt: skip
    return of_residual, of_y, sums
