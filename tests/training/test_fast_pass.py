"""The layer for training is the layer of `bert.py`: outputs, gradients and dropout."""

import pytest
import torch
from torch import Tensor

from babybert_tui.bert import BabyBert, BertConfig, Embeddings, Layer
from babybert_tui.training.dropout import CounterDropout
from babybert_tui.training.fast_pass import FastPass

pytestmark = pytest.mark.usefixtures("one_thread")

SHAPES = {"even": (3, 16, 32, 4, 64), "odd": (5, 13, 21, 3, 37), "one head, one row": (1, 9, 8, 1, 8)}


def layer_of(hidden: int, heads: int, inner: int, dropout: float) -> Layer:
    config = BertConfig(
        10, hidden, 1, heads, inner, hidden_dropout_prob=dropout, attention_probs_dropout_prob=2 * dropout
    )
    torch.manual_seed(0)
    layer = Layer(config)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))  # no bias of 0, no LayerNorm that does nothing
    return layer


def passed(
    layer: Layer, x: Tensor, padding: Tensor | None, positions: Tensor | None, *, fast: bool
) -> dict[str, Tensor]:
    """The output, and the gradients of input and parameters."""
    x, dropout = x.clone().requires_grad_(), CounterDropout(0, 1, 0)
    asking = x if positions is None else x.index_select(1, positions)
    if fast:
        output = FastPass(dropout).layer(layer, x, asking, padding)
    else:
        output = layer(x, asking, padding, dropout, None, None)
    layer.zero_grad()
    output.backward(torch.randn(output.shape, generator=torch.Generator().manual_seed(1)).to(x.dtype))
    found = {"output": output.detach(), "input": x.grad}
    return found | {name: parameter.grad.clone() for name, parameter in layer.named_parameters()}


def error(found: Tensor, wanted: Tensor) -> float:
    return ((found - wanted).double().norm() / wanted.double().norm()).item()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("is_padded", [False, True])
@pytest.mark.parametrize("asks_everywhere", [False, True])
def test_it_is_the_same_layer(
    shape: tuple[int, ...], dropout: float, is_padded: bool, asks_everywhere: bool
) -> None:  # fmt: skip
    batch, tokens, hidden, heads, inner = shape
    layer = layer_of(hidden, heads, inner, dropout)
    x = torch.randn(batch, tokens, hidden, generator=torch.Generator().manual_seed(2))
    padding = torch.zeros(batch, 1, 1, tokens) if is_padded else None
    if padding is not None:
        padding[-1, ..., tokens // 2 :] = -torch.inf
    positions = None if asks_everywhere else torch.tensor([0, 3, 3, 7])
    wanted = passed(layer, x, padding, positions, fast=False)
    found = passed(layer, x, padding, positions, fast=True)
    for name, right in wanted.items():
        if name == "attention.key.bias":  # shifts all scores of a row alike, which changes nothing
            assert found[name].norm() < 1e-5 * wanted["attention.query.bias"].norm()
        else:
            assert error(found[name], right) < 2e-6, name


@pytest.mark.parametrize("positions", [None, torch.tensor([0, 3, 3, 7])], ids=["everywhere", "at some"])
def test_in_bf16_it_is_about_as_exact(positions: Tensor | None) -> None:
    exact = layer_of(64, 4, 256, 0.1).to(torch.bfloat16).float()
    x = torch.randn(8, 32, 64, generator=torch.Generator().manual_seed(2)).to(torch.bfloat16)
    wanted = passed(exact, x.float(), None, positions, fast=False)
    half = layer_of(64, 4, 256, 0.1).to(torch.bfloat16)
    plain, fast = (passed(half, x, None, positions, fast=one) for one in (False, True))
    for name, right in wanted.items():
        if name != "attention.key.bias":
            assert error(fast[name], right) < 1.25 * error(plain[name], right) + 1e-3, name
            assert error(fast[name], right) < 0.03, name


@pytest.mark.parametrize("shape", [(3, 16, 32), (5, 13, 21), (1, 1, 3)])
@pytest.mark.parametrize("dropout", [0.0, 0.2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_embeddings_are_the_same(shape: tuple[int, int, int], dropout: float, dtype: torch.dtype) -> None:
    batch, tokens, hidden = shape
    torch.manual_seed(0)
    embeddings = Embeddings(BertConfig(30, hidden, max_position_embeddings=20))
    with torch.no_grad():
        for parameter in embeddings.norm.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    ids, segments = torch.randint(0, 30, (batch, tokens)), torch.randint(0, 2, (batch, tokens))
    gradient = torch.randn(batch, tokens, hidden).to(dtype)
    found = []
    for is_fast in (False, True):
        draws = CounterDropout(0, 1, 0)
        embeddings.zero_grad()
        if is_fast:
            x = FastPass(draws).embed(embeddings, ids, segments, dtype, dropout)
        else:
            x = draws(embeddings(ids, segments).to(dtype), dropout)
        assert x.dtype == dtype
        x.backward(gradient)
        found.append([x.detach(), *(parameter.grad.clone() for parameter in embeddings.parameters())])
    for plain, fast in zip(*found, strict=True):
        assert error(fast, plain) < (1e-5 if dtype == torch.float32 else 5e-3)


def test_a_whole_model_learns_the_same_from_it() -> None:
    config = BertConfig(30, 16, 3, 2, 24, hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1)
    model, generator = BabyBert(config), torch.Generator().manual_seed(0)
    model.initialise(lambda shape: torch.randn(shape, generator=generator))
    ids = torch.randint(5, 30, (4, 12), generator=generator)
    mask = torch.ones_like(ids)
    mask[2, 6:] = 0
    positions = torch.tensor([[0, 2, 5]] * 4)
    found = []
    for is_fast in (False, True):
        dropout = CounterDropout(0, 1, 0)
        model.zero_grad()
        output = model(
            ids, ids % 2, mask, positions=positions, dropout=dropout,
            passes=FastPass(dropout) if is_fast else None,
        )  # fmt: skip
        (output.mlm_logits.logsumexp(-1).sum() + output.nsp_logits.logsumexp(-1).sum()).backward()
        found.append([output.mlm_logits.detach(), *(parameter.grad.clone() for parameter in model.parameters())])
    for plain, fast in zip(*found, strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-5)
