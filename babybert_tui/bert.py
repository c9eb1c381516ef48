"""BabyBERT: the encoder and the two pre-training heads of BERT, whole, in the order in which one would explain them.

Devlin, Chang, Lee and Toutanova (2018), "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding", sections 3 and A; the layer is that of Vaswani et al. (2017), post-LN. Given the same weights it
computes what `transformers.BertForPreTraining` computes.

Letters in shape comments: B batch, T tokens in a row, Q positions whose output is asked for (Q = T where all are),
H hidden size, A attention heads, D = H / A, F intermediate size, V vocabulary.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,  # the exact one, with erf, as in the paper's code
    "gelu_new": lambda x: functional.gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "relu": functional.relu,
}


@dataclass(frozen=True)
class BertConfig:
    """The shape of a BERT; field names are those of a Hugging Face `config.json`."""

    vocab_size: int
    hidden_size: int = 128
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 512
    max_position_embeddings: int = 128
    type_vocab_size: int = 2
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    initializer_range: float = 0.02
    layer_norm_eps: float = 1e-12
    hidden_act: str = "gelu"

    @property
    def head_size(self) -> int:
        """D: the width of one head."""
        return self.hidden_size // self.num_attention_heads


class DropoutSource(Protocol):
    """Draws dropout: whoever trains the model decides where the random numbers come from."""

    def __call__(self, x: Tensor, probability: float) -> Tensor:
        """Zeroes each element with `probability` and divides the others by 1 - `probability`."""


class Passes(Protocol):
    """Another way to compute what is below, dropout and all, for whoever trains the model."""

    def embed(
        self, embeddings: "Embeddings", input_ids: Tensor, segment_ids: Tensor, dtype: torch.dtype, dropout: float
    ) -> Tensor:
        """What `embeddings.forward` gives, in the precision asked for and after dropout."""

    def layer(self, layer: "Layer", x: Tensor, asking: Tensor, padding: Tensor | None) -> Tensor:
        """What `layer.forward` gives."""


@dataclass
class LayerRecord:
    """What went on in one layer, for those who want to look inside. All of it in the order of the computation."""

    query: Tensor  # (B, A, Q, D)
    key: Tensor  # (B, A, T, D)
    value: Tensor  # (B, A, T, D)
    scores: Tensor  # (B, A, Q, T), q·k/√D before the padding mask and the softmax
    attention: Tensor  # (B, A, Q, T), rows sum to 1
    context: Tensor  # (B, A, Q, D), attention @ value, switched-off heads at 0
    attention_residual: Tensor  # (B, Q, H), input + attention output, before LayerNorm
    attention_output: Tensor  # (B, Q, H), after LayerNorm
    output: Tensor  # (B, Q, H), what the layer hands on


@dataclass
class Record:
    """Fills up while a forward pass that was given it runs."""

    embeddings: Tensor | None = None  # (B, T, H)
    layers: list[LayerRecord] = field(default_factory=list)


@dataclass
class BertOutput:
    """What a forward pass returns; logits are None where the model has no such head."""

    hidden: Tensor  # (B, Q, H), the last layer's output
    mlm_hidden: Tensor | None  # (B, Q, H), or (selected, H): what the MLM logits are made from
    mlm_logits: Tensor | None  # (B, Q, V), or (selected, V)
    nsp_logits: Tensor | None  # (B, 2); class 0 means "B follows A"


class Table(nn.Embedding):
    """Rows to look up."""

    def reset_parameters(self) -> None:
        """Random rows; none on the meta device, where torch would import its whole compiler to fill nothing."""
        if not self.weight.is_meta:
            super().reset_parameters()


class Embeddings(nn.Module):
    """Each token enters as the sum of its word, its position and its segment (figure 2 of the paper)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.word = Table(config.vocab_size, config.hidden_size)
        self.position = Table(config.max_position_embeddings, config.hidden_size)
        self.segment = Table(config.type_vocab_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, input_ids: Tensor, segment_ids: Tensor) -> Tensor:
        """(B, T) and (B, T) to (B, T, H)."""
        x = self.word(input_ids)  # (B, T, H)
        x = x + self.position.weight[: input_ids.shape[1]]  # (T, H), the same for every row
        x = x + self.segment(segment_ids)
        normed: Tensor = self.norm(x)
        return normed


class SelfAttention(nn.Module):
    """Every position asks every other (query · key), and gathers their values in proportion to the answers."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.num_heads = config.num_attention_heads
        self.dropout = config.attention_probs_dropout_prob
        self.query = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(config.hidden_size, config.hidden_size)
        self.value = nn.Linear(config.hidden_size, config.hidden_size)
        self.output = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(
        self, x: Tensor, asking: Tensor, padding: Tensor | None, dropout: DropoutSource | None, heads_on: Tensor | None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """`x` (B, T, H) is looked at by `asking` (B, Q, H); `padding` (B, 1, 1, T) is -inf at padding, else 0."""
        query = self._split_heads(self.query(asking))  # (B, A, Q, D)
        key = self._split_heads(self.key(x))  # (B, A, T, D)
        value = self._split_heads(self.value(x))  # (B, A, T, D)

        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)  # (B, A, Q, T)
        attention = functional.softmax(scores if padding is None else scores + padding, dim=-1)
        kept = attention if dropout is None else dropout(attention, self.dropout)
        context = kept @ value  # (B, A, Q, D)
        if heads_on is not None:
            context = context * heads_on.to(context.dtype)[:, None, None]

        mixed = self.output(context.transpose(1, 2).flatten(2))  # (B, Q, H): heads side by side, then mixed
        parts = {"query": query, "key": key, "value": value}
        return mixed, parts | {"scores": scores, "attention": attention, "context": context}

    def _split_heads(self, x: Tensor) -> Tensor:
        batch, tokens, _ = x.shape
        return x.view(batch, tokens, self.num_heads, -1).transpose(1, 2)  # (B, T, H) -> (B, A, T, D)


class Layer(nn.Module):
    """Attention, then a small network at each position; each with a residual connection and LayerNorm after it."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dropout = config.hidden_dropout_prob
        self.activation = ACTIVATIONS[config.hidden_act]
        self.attention = SelfAttention(config)
        self.attention_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.expand = nn.Linear(config.hidden_size, config.intermediate_size)
        self.contract = nn.Linear(config.intermediate_size, config.hidden_size)
        self.output_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(
        self,
        x: Tensor,
        asking: Tensor,
        padding: Tensor | None,
        dropout: DropoutSource | None,
        heads_on: Tensor | None,
        record: Record | None,
    ) -> Tensor:
        """The layer's output (B, Q, H) at the positions `asking` (B, Q, H), which are rows of `x` (B, T, H)."""
        mixed, parts = self.attention(x, asking, padding, dropout, heads_on)
        attention_residual = asking + self._drop(mixed, dropout)  # (B, Q, H)
        attention_output = self.attention_norm(attention_residual)
        inner = self.activation(self.expand(attention_output))  # (B, Q, F)
        output: Tensor = self.output_norm(attention_output + self._drop(self.contract(inner), dropout))  # (B, Q, H)
        if record is not None:
            record.layers.append(
                LayerRecord(
                    **parts, attention_residual=attention_residual, attention_output=attention_output, output=output
                )
            )
        return output

    def _drop(self, x: Tensor, dropout: DropoutSource | None) -> Tensor:
        return x if dropout is None else dropout(x, self.dropout)


class MaskedLanguageModelHead(nn.Module):
    """Which word stood here? One more layer, then a dot product with every word's embedding (section 3.1, task 1)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.hidden_act]
        self.transform = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, hidden: Tensor) -> Tensor:
        """(…, H) to what logits are made from, (…, H)."""
        x: Tensor = self.norm(self.activation(self.transform(hidden)))
        return x

    def logits(self, x: Tensor, word_embeddings: Tensor) -> Tensor:
        """What `forward` returned, (…, H), and the tied word embeddings (V, H) to logits (…, V)."""
        return functional.linear(x, word_embeddings.to(x.dtype), self.bias)


class NextSentenceHead(nn.Module):
    """Does B follow A? The answer is read off [CLS] (section 3.1, task 2)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.pooler = nn.Linear(config.hidden_size, config.hidden_size)
        self.classifier = nn.Linear(config.hidden_size, 2)

    def forward(self, cls: Tensor) -> Tensor:
        """(B, H) to logits (B, 2); class 0 means that B follows A."""
        logits: Tensor = self.classifier(torch.tanh(self.pooler(cls)))
        return logits


class BabyBert(nn.Module):
    """The whole model.

    Args:
        config: Its shape.
        with_mlm_head: False for a bare encoder.
        with_nsp_head: False for a bare encoder or a masked-LM model.
    """

    def __init__(self, config: BertConfig, *, with_mlm_head: bool = True, with_nsp_head: bool = True) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.mlm_head = MaskedLanguageModelHead(config) if with_mlm_head else None
        self.nsp_head = NextSentenceHead(config) if with_nsp_head else None

    def forward(
        self,
        input_ids: Tensor,
        segment_ids: Tensor,
        attention_mask: Tensor | None = None,
        *,
        positions: Tensor | None = None,
        selected: Tensor | None = None,
        with_mlm_logits: bool = True,
        dropout: DropoutSource | None = None,
        heads_on: Tensor | None = None,
        record: Record | None = None,
        passes: Passes | None = None,
    ) -> BertOutput:
        """One pass, in the precision of the layers' parameters; the embeddings may stay in fp32.

        Args:
            input_ids: (B, T) int.
            segment_ids: (B, T) int, 0 for A and 1 for B.
            attention_mask: (B, T), 1 for a token and 0 for padding; None where there is no padding.
            positions: (B, Q) int: where the last layer's output is needed; its first column must be 0, [CLS].
                All others are then not computed in the last layer, which changes nothing else. None: everywhere.
            selected: Indices into the flattened (B·Q) positions: MLM logits are computed there only. None: everywhere.
            with_mlm_logits: False where the loss makes them itself, from `mlm_hidden`.
            dropout: Applied where the paper has it; None for no dropout.
            heads_on: (layers, A): 1 for a head that is on, 0 for one whose output is replaced by zeros.
            record: Filled with what went on inside.
            passes: Computes embeddings and layers in their stead, with a dropout of its own; it knows of no heads that
                are off, and records nothing.
        """
        if passes is None:
            x = self.embeddings(input_ids, segment_ids).to(self.dtype)  # (B, T, H)
            if dropout is not None:
                x = dropout(x, self.config.hidden_dropout_prob)
        else:
            x = passes.embed(self.embeddings, input_ids, segment_ids, self.dtype, self.config.hidden_dropout_prob)
        if record is not None:
            record.embeddings = x
        padding = None if attention_mask is None else _padding_bias(attention_mask, x.dtype)

        last = len(self.layers) - 1
        layer: Layer
        for number, layer in enumerate(self.layers):  # type: ignore[assignment]
            asking = x if positions is None or number < last else _take_positions(x, positions)
            if passes is None:
                x = layer(x, asking, padding, dropout, None if heads_on is None else heads_on[number], record)
            else:
                x = passes.layer(layer, x, asking, padding)

        mlm_hidden = mlm_logits = nsp_logits = None
        if self.mlm_head is not None:
            mlm_hidden = self.mlm_head(x if selected is None else x.flatten(0, 1).index_select(0, selected))
            if with_mlm_logits:
                mlm_logits = self.mlm_head.logits(mlm_hidden, self.embeddings.word.weight)
        if self.nsp_head is not None:
            nsp_logits = self.nsp_head(x[:, 0])
        return BertOutput(hidden=x, mlm_hidden=mlm_hidden, mlm_logits=mlm_logits, nsp_logits=nsp_logits)

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the layers."""
        return self.layers[0].expand.weight.dtype  # type: ignore[union-attr, return-value]

    @torch.no_grad()
    def initialise(self, normal: Callable[[tuple[int, ...]], Tensor]) -> None:
        """Random weights: matrices from N(0, initializer_range²), biases 0, LayerNorm 1 and 0 (appendix A.2).

        Args:
            normal: Draws a tensor of the shape from N(0, 1).
        """
        for name, parameter in sorted(self.named_parameters()):
            if parameter.dim() > 1:
                parameter.copy_(normal(tuple(parameter.shape)) * self.config.initializer_range)
            else:
                parameter.fill_(1.0 if name.endswith("norm.weight") else 0.0)


def parameter_count(config: BertConfig) -> int:
    """Trainable parameters of a model with both heads, the tied output projection counted once."""
    hidden, inner, vocabulary = config.hidden_size, config.intermediate_size, config.vocab_size
    embeddings = (vocabulary + config.max_position_embeddings + config.type_vocab_size) * hidden + 2 * hidden
    layer = 4 * (hidden + 1) * hidden + (hidden + 1) * inner + (inner + 1) * hidden + 4 * hidden
    mlm = (hidden + 1) * hidden + 2 * hidden + vocabulary
    nsp = (hidden + 1) * hidden + 2 * (hidden + 1)
    return embeddings + config.num_hidden_layers * layer + mlm + nsp


def _padding_bias(attention_mask: Tensor, dtype: torch.dtype) -> Tensor:
    """(B, T) of ones and zeros to (B, 1, 1, T): what is added to the scores, so that padding gets no attention."""
    bias = torch.zeros(attention_mask.shape, dtype=dtype, device=attention_mask.device)
    return bias.masked_fill_(attention_mask == 0, -math.inf)[:, None, None, :]


def _take_positions(x: Tensor, positions: Tensor) -> Tensor:
    """(B, T, H) and (B, Q) to (B, Q, H)."""
    batch, tokens, hidden = x.shape
    rows = torch.arange(0, batch * tokens, tokens, device=x.device)[:, None]
    # index_select, unlike x[rows, positions], has a deterministic gradient on several threads.
    return x.flatten(0, 1).index_select(0, (rows + positions).flatten()).view(batch, -1, hidden)
