"""The losses and gradients are those of the textbook formula, taken in double precision."""

import pytest
import torch

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.training.losses import padded, summed_cross_entropy
from babybert_tui.training.precision import WorkingCopy

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.bfloat16, 1e-2)])
@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_loss_and_gradient_are_softmax_s(dtype: torch.dtype, tolerance: float, scale: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = (scale * torch.randn(50, 17, generator=generator)).to(dtype).requires_grad_()
    targets = torch.randint(0, 17, (50,), generator=generator)
    loss, right = summed_cross_entropy(logits, targets)
    (3 * loss).backward()

    exact = logits.detach().double()
    probabilities = exact.exp() / exact.exp().sum(-1, keepdim=True)
    one_hot = torch.eye(17, dtype=torch.double)[targets]
    assert loss.item() == pytest.approx(-(probabilities.log() * one_hot).sum().item(), rel=1e-5)
    torch.testing.assert_close(logits.grad.double(), 3 * (probabilities - one_hot), atol=3 * tolerance, rtol=0)
    answers = [row.index(max(row)) for row in exact.tolist()]
    assert right == sum(answer == target for answer, target in zip(answers, targets.tolist(), strict=True))


def test_of_equal_logits_the_first_is_the_answer() -> None:
    logits = torch.tensor([[1.0, 2.0, 2.0], [1.0, 2.0, 2.0], [0.0, 0.0, 0.0]])
    assert summed_cross_entropy(logits, torch.tensor([1, 2, 0]))[1] == 2


def test_logits_are_not_changed() -> None:
    logits = torch.randn(4, 5)
    before = logits.clone()
    summed_cross_entropy(logits, torch.tensor([0, 1, 2, 3]))
    assert torch.equal(logits, before)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65])
def test_rows_beyond_the_targets_change_nothing(count: int) -> None:
    hidden = torch.randn(8, 300, generator=torch.Generator().manual_seed(0))
    selected = torch.arange(count) % 8
    targets = torch.arange(count) % 300
    found = []
    for rows in (selected, padded(selected)):
        x = hidden.clone().requires_grad_()
        loss, right = summed_cross_entropy(x.index_select(0, rows), targets)
        loss.backward()
        found.append((loss, right, x.grad))
    assert len(padded(selected)) % 64 == 0
    assert torch.equal(padded(selected)[:count], selected)
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_many_rows_are_judged_as_few_are(dtype: torch.dtype) -> None:
    """So many that they are taken in blocks, the last of which is not full."""
    logits = torch.randn(77, 8192, generator=torch.Generator().manual_seed(0)).to(dtype)
    targets = torch.cat([logits[:40].argmax(-1), torch.arange(37)])
    whole = logits.clone().requires_grad_()
    loss, right = summed_cross_entropy(whole, targets)
    loss.backward()
    for row in range(0, 77, 19):
        alone = logits[row : row + 1].clone().requires_grad_()
        summed_cross_entropy(alone, targets[row : row + 1])[0].backward()
        assert torch.equal(whole.grad[row], alone.grad[0])
    expected = torch.nn.functional.cross_entropy(logits.double(), targets, reduction="sum")
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    assert right >= 40


def test_no_targets_make_no_loss() -> None:
    loss, right = summed_cross_entropy(torch.zeros(0, 5, requires_grad=True), torch.zeros(0, dtype=torch.int64))
    loss.backward()
    assert (float(loss), int(right)) == (0.0, 0)


def random_model() -> BabyBert:
    model = BabyBert(BertConfig(vocab_size=60, hidden_size=32, num_hidden_layers=2))
    generator = torch.Generator().manual_seed(0)
    model.initialise(lambda shape: torch.randn(shape, generator=generator))
    return model


def gradients(working: WorkingCopy, passes: int = 1) -> None:
    ids = torch.randint(5, 60, (8, 20), generator=torch.Generator().manual_seed(1))
    for _ in range(passes):
        output = working.model(ids, ids % 2)
        mlm, _ = summed_cross_entropy(output.mlm_logits.flatten(0, 1), ids.flatten())
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
