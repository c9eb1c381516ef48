"""The losses and gradients are those of the textbook formula, taken in double precision."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.flop_counter import FlopCounterMode

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.training.losses import padded, summed_cross_entropy, word_cross_entropy
from babybert_tui.training.precision import WorkingCopy

pytestmark = pytest.mark.usefixtures("one_thread")


DTYPES = [torch.float32, torch.bfloat16]


class Words:
    """What the loss of masked words is taken of, rounded to `dtype` where a model would have it so."""

    def __init__(self, rows: int, classes: int, dtype: torch.dtype = torch.float32, *, scale: float = 1.0) -> None:
        generator = torch.Generator().manual_seed(0)
        self.hidden = torch.randn(rows, 8, generator=generator).to(dtype).requires_grad_()
        self.words = (scale * torch.randn(classes, 8, generator=generator)).to(dtype).float().requires_grad_()
        self.bias = torch.randn(classes, generator=generator).to(dtype).requires_grad_()
        self.targets = torch.randint(0, classes, (rows,), generator=generator)
        self.targets[::2] = self.logits()[::2].argmax(-1)

    def logits(self) -> Tensor:
        """The product rounded like a model's, and the bias in fp32."""
        product = functional.linear(self.hidden, self.words.to(self.hidden.dtype))
        return (product.float() + self.bias.float()).detach()

    def loss(self) -> tuple[Tensor, Tensor]:
        return word_cross_entropy(self.hidden, self.words, self.bias, self.targets)

    def gradients(self) -> list[Tensor]:
        """Found by `backward`, and then forgotten."""
        parameters = (self.hidden, self.words, self.bias)
        found = [parameter.grad for parameter in parameters]
        for parameter in parameters:
            parameter.grad = None
        return found


def from_bias(logits: list[float], targets: list[int], dtype: torch.dtype) -> Words:
    """The same logits for each target."""
    given = Words(len(targets), len(logits), dtype)
    with torch.no_grad():
        given.hidden.zero_()
        given.bias.copy_(torch.tensor(logits))
    given.targets = torch.tensor(targets)
    return given


def textbook(given: Words) -> tuple[float, list[Tensor]]:
    """The summed loss and its gradients, in double precision, from logits rounded as the model's are."""
    logits = given.logits().double()
    exact = logits.logsumexp(-1) - logits.gather(-1, given.targets[:, None]).flatten()
    of_logits = logits.softmax(-1) - torch.eye(logits.shape[1], dtype=torch.double)[given.targets]
    of_hidden, of_words = of_logits @ given.words.double(), of_logits.T @ given.hidden.double()
    return exact.sum().item(), [of_hidden, of_words, of_logits.sum(0)]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.bfloat16, 1e-2)])
@pytest.mark.parametrize("scale", [1.0, 40.0])  # the larger one makes shares that are too small to be numbers
@pytest.mark.parametrize(("rows", "classes"), [(50, 17), (600, 8192)])  # the latter in parts, the last one smaller
def test_loss_and_gradients_are_those_of_the_softmax(
    dtype: torch.dtype, tolerance: float, scale: float, rows: int, classes: int
) -> None:
    given = Words(rows, classes, dtype, scale=scale)
    loss, right = given.loss()
    (3 * loss).backward()

    wanted, gradients = textbook(given)
    assert loss.item() == pytest.approx(wanted, rel=1e-5 if dtype == torch.float32 else 2e-3)
    for found, exact in zip(given.gradients(), gradients, strict=True):
        error = (found.double() - 3 * exact).norm() / (3 * exact).norm()
        assert error < tolerance
    answers = [row.index(max(row)) for row in given.logits().tolist()]
    assert right == sum(answer == target for answer, target in zip(answers, given.targets.tolist(), strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_weight_multiplies_the_loss_and_its_gradients(dtype: torch.dtype) -> None:
    given = Words(50, 17, dtype)
    plain, right = given.loss()
    plain.backward()
    wanted = given.gradients()
    weighted, as_many = word_cross_entropy(given.hidden, given.words, given.bias, given.targets, weight=1 / 64)
    weighted.backward()
    assert weighted.item() == pytest.approx(plain.item() / 64, rel=1e-6)
    assert as_many == right
    for found, gradient in zip(given.gradients(), wanted, strict=True):
        torch.testing.assert_close(found * 64, gradient, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_of_equal_logits_the_first_is_the_answer(dtype: torch.dtype) -> None:
    assert from_bias([1.0, 2.0, 2.0], [1, 2, 0], dtype).loss()[1] == 1
    assert from_bias([0.0, 0.0, 0.0], [1, 2, 0], dtype).loss()[1] == 1


def test_what_is_given_is_not_changed() -> None:
    given, before = Words(4, 5), Words(4, 5)
    given.loss()[0].backward()
    for name, value in vars(before).items():
        assert torch.equal(getattr(given, name), value)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65])
def test_rows_beyond_the_targets_change_nothing(count: int) -> None:
    table = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    selected = torch.arange(count) % 8
    found = []
    for rows in (selected, padded(selected)):
        given, x = Words(count, 300), table.clone().requires_grad_()
        loss, right = word_cross_entropy(x.index_select(0, rows), given.words, given.bias, given.targets)
        loss.backward()
        found.append((loss, right, x.grad, *given.gradients()[1:]))
    assert len(padded(selected)) % 64 == 0
    assert torch.equal(padded(selected)[:count], selected)
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_target_that_is_nearly_certain_still_has_a_gradient(dtype: torch.dtype) -> None:
    """Where bf16 has no number between its share and 1."""
    given = from_bias([8.0, 0.0, 1.0], [0], dtype)
    given.loss()[0].backward()
    _, _, of_bias = given.gradients()
    assert of_bias[0].item() == pytest.approx(-(of_bias[1] + of_bias[2]).item(), rel=1e-2)
    assert of_bias[0].item() == pytest.approx(-1.245e-3, rel=1e-2)


def test_a_loss_without_gradients_is_the_same_for_a_third_of_the_work() -> None:
    given = Words(70, 30)
    with FlopCounterMode(display=False) as all_of_it:
        loss, right = given.loss()
    with torch.no_grad(), FlopCounterMode(display=False) as a_third:
        same, as_many = given.loss()
    assert torch.equal(same, loss)
    assert torch.equal(as_many, right)
    assert 3 * a_third.get_total_flops() == all_of_it.get_total_flops() > 0


def test_no_targets_make_no_loss() -> None:
    given = Words(0, 5)
    loss, right = given.loss()
    loss.backward()
    assert (float(loss.detach()), int(right)) == (0.0, 0)
    assert all(gradient.count_nonzero() == 0 for gradient in given.gradients())


@pytest.mark.parametrize("dtype", DTYPES)
def test_logits_that_are_there_are_judged_in_fp32(dtype: torch.dtype) -> None:
    logits = torch.tensor([[1.0, 3.0], [2.0, 1.0], [0.0, 0.0]], dtype=dtype, requires_grad=True)
    loss, right = summed_cross_entropy(logits, torch.tensor([1, 1, 0]))
    assert loss.item() == pytest.approx(0.126928 + 1.313262 + 0.693147, rel=1e-5)
    assert right == 2
    loss.backward()
    expected = logits.detach().double().softmax(-1) - torch.eye(2)[[1, 1, 0]]
    torch.testing.assert_close(logits.grad.double(), expected, atol=1e-6 if dtype == torch.float32 else 2e-3, rtol=0)


def random_model() -> BabyBert:
    model = BabyBert(BertConfig(vocab_size=60, hidden_size=32, num_hidden_layers=2))
    generator = torch.Generator().manual_seed(0)
    model.initialise(lambda shape: torch.randn(shape, generator=generator))
    return model


def gradients(working: WorkingCopy, passes: int = 1) -> None:
    ids = torch.randint(5, 60, (8, 20), generator=torch.Generator().manual_seed(1))
    for _ in range(passes):
        model = working.model
        output = model(ids, ids % 2, with_mlm_logits=False)
        assert output.mlm_logits is None
        hidden = output.mlm_hidden.flatten(0, 1)
        mlm, _ = word_cross_entropy(hidden, model.embeddings.word.weight, model.mlm_head.bias, ids.flatten())
        nsp, _ = summed_cross_entropy(output.nsp_logits, ids[:, 0] % 2)
        (mlm / ids.numel() + nsp / 8).backward()
        working.collect_gradients()


def test_gradients_of_the_bf16_copy_arrive_at_the_fp32_weights() -> None:
    full, half = random_model(), random_model()
    gradients(WorkingCopy(full, "fp32"))
    working = WorkingCopy(half, "bf16")
    gradients(working)
    wanted, found = dict(full.named_parameters()), dict(half.named_parameters())
    for name, parameter in found.items():
        assert parameter.dtype == parameter.grad.dtype == torch.float32
        if not name.endswith("attention.key.bias"):
            error = (parameter.grad - wanted[name].grad).norm() / wanted[name].grad.norm()
            assert error < 0.1, name
    assert all(p.grad is None for n, p in working.model.named_parameters() if not n.startswith("embeddings."))


def test_micro_batches_add_up_in_the_fp32_weights() -> None:
    once, thrice = random_model(), random_model()
    gradients(WorkingCopy(once, "bf16"))
    gradients(WorkingCopy(thrice, "bf16"), passes=3)
    for one, three in zip(once.parameters(), thrice.parameters(), strict=True):
        torch.testing.assert_close(three.grad, 3 * one.grad, rtol=1e-4, atol=1e-7)


def test_the_bf16_copy_follows_the_weights() -> None:
    model = random_model()
    working = WorkingCopy(model, "bf16")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5)
    working.refresh()
    for (name, parameter), (same, copy) in zip(model.named_parameters(), working.model.named_parameters(), strict=True):
        assert name == same
        assert torch.equal(copy.to(torch.float32), parameter.to(copy.dtype).to(torch.float32))
