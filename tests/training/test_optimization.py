"""The optimizers move what they should, as far as they should."""

import math
import re
from itertools import pairwise
from typing import Any

import pytest
import torch

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.settings import build
from babybert_tui.training import muon
from babybert_tui.training.muon import Muon
from babybert_tui.training.optimization import Optimization, clip_gradients, learning_rate_at
from babybert_tui.weights import to_hugging_face

pytestmark = pytest.mark.usefixtures("one_thread")

RATE, DECAY = 0.1, 0.5


def small_model(seed: int = 0) -> BabyBert:
    model = BabyBert(BertConfig(vocab_size=30, hidden_size=8, num_hidden_layers=2, num_attention_heads=2))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return model


def set_gradients(model: BabyBert, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator)


def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero_in_straight_lines() -> None:
    settings = build({"learning_rate": 2.0, "warmup_steps": 10, "max_steps": 110})
    rates = [learning_rate_at(step, settings) for step in range(1, 112)]
    assert rates[:10] == pytest.approx([0.2 * step for step in range(1, 11)])
    assert rates[9] == max(rates) == 2.0
    falls = [before - after for before, after in pairwise(rates[9:])]
    assert falls == pytest.approx([2.0 / 101] * 101)
    assert min(rates[:110]) > 0  # the last update still moves the weights
    assert rates[110] == 0


@pytest.mark.parametrize(("steps", "peak"), [(1000, 60), (100, 6), (5, 1), (1, 1)])
def test_the_automatic_warm_up_takes_6_percent_of_the_run(steps: int, peak: int) -> None:
    settings = build({"learning_rate": 1.0, "max_steps": steps})
    rates = [learning_rate_at(step, settings) for step in range(1, steps + 1)]
    assert abs(1 + rates.index(max(rates)) - peak) <= (steps < 10)
    assert all(0 < rate <= 1 for rate in rates)


def test_a_warm_up_longer_than_the_run_never_reaches_the_peak() -> None:
    settings = build({"learning_rate": 1.0, "warmup_steps": 100, "max_steps": 50})
    assert [learning_rate_at(step, settings) for step in (1, 50)] == pytest.approx([0.01, 0.5])
    assert learning_rate_at(1, build({"learning_rate": 1.0, "warmup_steps": 0})) == pytest.approx(1.0, abs=2e-3)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_layer_norms_and_biases_do_not_decay_and_all_else_does(optimizer: str) -> None:
    model = small_model()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    Optimization(model, build({"optimizer": optimizer, "weight_decay": DECAY})).step(RATE)
    decayed = 0
    for name, parameter in model.named_parameters():
        theirs = to_hugging_face(name)
        if re.search(r"LayerNorm|bias", theirs):  # the exclusions in google-research/bert's optimization.py
            assert torch.equal(parameter, before[name]), theirs
        else:
            decayed += 1
            torch.testing.assert_close(parameter.detach(), before[name] * (1 - RATE * DECAY), msg=theirs)
    assert decayed == 3 + 2 * 6 + 3  # embeddings, layers, heads


def test_muon_moves_the_matrices_inside_the_layers_and_nothing_else() -> None:
    model = small_model()
    adamw, muon = Optimization(model, build({"optimizer": "muon"})).optimizers
    names = {id(parameter): to_hugging_face(name) for name, parameter in model.named_parameters()}

    def held(optimizer: torch.optim.Optimizer) -> set[str]:
        return {names[id(parameter)] for group in optimizer.param_groups for parameter in group["params"]}

    matrix = re.compile(r"bert\.encoder\.layer\.\d+\..*(?<!LayerNorm)\.weight")
    inside = {name for name in names.values() if matrix.fullmatch(name)}
    assert len(inside) == 12
    assert held(muon) == inside
    assert held(adamw) == set(names.values()) - inside


def test_adamw_is_the_published_one() -> None:
    """Loshchilov and Hutter 2019, algorithm 2, with the constants of BERT: .9, .999, 1e-6."""
    model = small_model()
    optimization = Optimization(model, build({"optimizer": "adamw", "weight_decay": DECAY}))
    name, parameter = "layers.0.expand.weight", model.layers[0].expand.weight
    theta = parameter.detach().double().clone()
    first, second = torch.zeros_like(theta), torch.zeros_like(theta)
    for step in range(1, 5):
        set_gradients(model, step)
        gradient = dict(model.named_parameters())[name].grad.double()
        optimization.step(RATE / step)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        unbiased = second / (1 - 0.999**step)
        theta -= RATE / step * (first / (1 - 0.9**step) / (unbiased.sqrt() + 1e-6) + DECAY * theta)
        torch.testing.assert_close(parameter.detach().double(), theta, rtol=1e-4, atol=1e-5)
        assert parameter.grad is None


@pytest.fixture(params=[True, False], ids=["bf16", "fp32"])
def has_bf16(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """A processor that computes in bf16, and one that does not."""
    monkeypatch.setattr(muon, "has_bf16", lambda _device: request.param)
    return request.param


@pytest.mark.parametrize("shape", [(8, 8), (32, 8), (8, 32)])
def test_muon_moves_weights_as_torch_does(shape: tuple[int, int], has_bf16: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    ours = [torch.randn(shape, generator=generator).requires_grad_() for _ in range(3)]
    theirs = [one.detach().clone().requires_grad_() for one in ours]
    starts = [one.detach().clone() for one in ours]
    optimizers = (
        Muon(ours, lr=0.02, momentum=0.95, weight_decay=0.1),
        torch.optim.Muon(theirs, lr=0.02, momentum=0.95, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"),
    )
    for _ in range(4):
        for one, two in zip(ours, theirs, strict=True):
            one.grad = torch.randn(shape, generator=generator)
            two.grad = one.grad.clone()
        for optimizer in optimizers:
            optimizer.step()
    for one, two, start in zip(ours, theirs, starts, strict=True):
        assert (one - two).norm() < 0.02 * (two - start).norm()  # torch iterates in bf16


@pytest.mark.parametrize("shape", [(2, 16, 16), (2, 32, 8), (2, 8, 32)])
def test_muon_does_not_emulate_bf16(shape: tuple[int, int, int], has_bf16: bool) -> None:
    """On a processor without it a product in bf16 takes some thirty times as long as one in fp32."""
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(2))
    exact = matrices.double().mT if shape[1] > shape[2] else matrices.double()
    exact = exact / exact.norm(dim=(-2, -1), keepdim=True)
    for _ in range(5):  # Jordan et al. 2024: X becomes aX + b(XXᵀ)X + c(XXᵀ)²X
        gram = exact @ exact.mT
        exact = 3.4445 * exact - 4.7750 * gram @ exact + 2.0315 * gram @ gram @ exact
    found = muon.orthogonal(matrices)
    error = (found.double() - (exact.mT if shape[1] > shape[2] else exact)).abs().max().item()
    assert found.dtype == (torch.bfloat16 if has_bf16 else torch.float32)
    assert error < (0.05 if has_bf16 else 1e-4)


def test_an_update_by_muon_is_nearly_orthogonal_and_as_large_as_one_by_adamw(has_bf16: bool) -> None:
    matrix = torch.zeros(16, 64, requires_grad=True)
    matrix.grad = torch.randn(16, 64, generator=torch.Generator().manual_seed(1))
    Muon([matrix], lr=1.0, weight_decay=0.0).step()
    singular = torch.linalg.svdvals(matrix.detach()) / (0.2 * math.sqrt(64))
    assert singular.min() > 0.6
    assert singular.max() < 1.3
    assert matrix.detach().square().mean().sqrt().item() == pytest.approx(0.2, rel=0.25)
    assert (matrix.detach() * matrix.grad).sum() < 0  # downhill


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_optimizers_go_on_from_their_state(optimizer: str) -> None:
    settings = build({"optimizer": optimizer})
    whole, parts = small_model(), small_model()
    optimizations = [Optimization(whole, settings), Optimization(parts, settings)]
    for step in range(1, 7):
        if step == 4:
            state = {name: value.clone() for name, value in optimizations[1].state().items()}
            again = small_model(seed=9)
            again.load_state_dict(parts.state_dict())
            parts = again
            optimizations[1] = Optimization(parts, settings)
            optimizations[1].load_state(state)
        for model, optimization in zip((whole, parts), optimizations, strict=True):
            set_gradients(model, step)
            optimization.step(RATE / step)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name
    assert optimizations[0].state().keys() == optimizations[1].state().keys()


@pytest.mark.parametrize("limit", [0.5, 1e6, 0.0])
def test_gradients_are_scaled_down_to_the_limit_together(limit: float) -> None:
    model = small_model()
    set_gradients(model, 0)
    before: dict[str, Any] = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    norm = math.sqrt(sum(float(gradient.double().square().sum()) for gradient in before.values()))
    assert clip_gradients(model, limit) == pytest.approx(norm, rel=1e-5)
    scale = min(1.0, limit / norm) if limit else 1.0
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, before[name] * scale, rtol=1e-5, atol=1e-7)
