"""BabyBERT computes what `transformers.BertForPreTraining` computes, forwards, backwards, and inside."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional
from transformers import BertConfig as HuggingFaceConfig
from transformers import BertForPreTraining

from babybert_tui.bert import BabyBert, BertConfig, Record, parameter_count
from babybert_tui.weights import from_hugging_face, hugging_face_state, to_hugging_face

pytestmark = pytest.mark.usefixtures("one_thread")

TOLERANCE = 1e-5  # of logits, in fp32
GRADIENT_TOLERANCE = 1e-4  # relative, for each parameter
VOCABULARY, LAYERS, HEADS, HEAD_SIZE, POSITIONS = 97, 3, 4, 8, 40
HIDDEN = HEADS * HEAD_SIZE


@dataclass(frozen=True)
class Inputs:
    """Rows of two segments and different lengths, and what a model is asked of them."""

    ids: Tensor  # (B, T)
    segments: Tensor  # (B, T)
    mask: Tensor  # (B, T) bool
    positions: Tensor  # (B, Q): [CLS], then the selected, then 0 as filling
    selected: Tensor  # (N,) into the flattened positions
    target_mask: Tensor  # (B, T) bool
    targets: Tensor  # (N,)
    labels: Tensor  # (B,)


def random_inputs(rows: int = 5, tokens: int = 33, *, padded: bool = True, seed: int = 0) -> Inputs:
    random = np.random.default_rng(seed)
    lengths = random.integers(9, tokens, rows) if padded else np.full(rows, tokens)
    lengths[0] = tokens
    ids = random.integers(5, VOCABULARY, (rows, tokens))
    column = np.arange(tokens)
    mask = column < lengths[:, None]
    segments = (column >= random.integers(3, 8, rows)[:, None]) & mask
    ids[~mask] = 0
    counts = random.integers(1, 5, rows)
    positions = np.zeros((rows, 1 + counts.max()), dtype=np.int64)
    target_mask = np.zeros_like(mask)
    selected, targets = [], []
    for row in range(rows):
        chosen = np.sort(random.choice(np.arange(1, lengths[row]), counts[row], replace=False))
        positions[row, 1 : 1 + counts[row]] = chosen
        target_mask[row, chosen] = True
        selected += [row * positions.shape[1] + 1 + number for number in range(counts[row])]
        targets += random.integers(5, VOCABULARY, counts[row]).tolist()
    arrays = ids, segments.astype(np.int64), mask, positions, np.array(selected), target_mask, np.array(targets)
    return Inputs(*map(torch.from_numpy, arrays), torch.from_numpy(random.integers(0, 2, rows)))


def random_reference(**changes: Any) -> BertForPreTraining:
    """A Hugging Face model none of whose parameters is at a special value, so that none can be left out unseen."""
    sizes = {
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": 52,
        "max_position_embeddings": POSITIONS,
    }
    model = BertForPreTraining(HuggingFaceConfig(**(sizes | changes), attn_implementation="eager")).eval()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            around = 1.0 if name.endswith("LayerNorm.weight") else 0.0
            parameter.copy_(around + 0.25 * torch.randn(parameter.shape, generator=generator))
    return model


def with_weights_of(reference: BertForPreTraining) -> BabyBert:
    names = BertConfig.__dataclass_fields__
    model = BabyBert(BertConfig(**{name: getattr(reference.config, name) for name in names}))
    state = {name: value for name, value in reference.state_dict().items() if ".decoder." not in name}
    state.pop("bert.embeddings.position_ids", None)
    model.load_state_dict({from_hugging_face(name): value for name, value in state.items()})
    return model


@pytest.fixture(scope="module")
def reference() -> BertForPreTraining:
    return random_reference()


@pytest.fixture(scope="module")
def model(reference: BertForPreTraining) -> BabyBert:
    return with_weights_of(reference)


def ask(reference: BertForPreTraining, inputs: Inputs, **more: Any) -> Any:
    return reference(input_ids=inputs.ids, token_type_ids=inputs.segments, attention_mask=inputs.mask.long(), **more)


@pytest.mark.parametrize("activation", ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"])
@pytest.mark.parametrize("padded", [True, False])
@torch.no_grad()
def test_all_logits_equal_those_of_transformers(activation: str, padded: bool) -> None:
    reference = random_reference(hidden_act=activation)
    for seed in range(5):
        inputs = random_inputs(padded=padded, seed=seed)
        expected = ask(reference, inputs)
        mask = inputs.mask if padded else None
        found = with_weights_of(reference)(inputs.ids, inputs.segments, mask)
        assert expected.prediction_logits.std() > 0.5  # far from the all-alike logits of fresh weights
        torch.testing.assert_close(
            found.mlm_logits[inputs.mask], expected.prediction_logits[inputs.mask], atol=TOLERANCE, rtol=0
        )
        torch.testing.assert_close(found.nsp_logits, expected.seq_relationship_logits, atol=TOLERANCE, rtol=0)


@torch.no_grad()
def test_computing_only_what_is_asked_for_changes_nothing(reference: BertForPreTraining, model: BabyBert) -> None:
    inputs = random_inputs(seed=11)
    expected = ask(reference, inputs)
    found = model(inputs.ids, inputs.segments, inputs.mask, positions=inputs.positions, selected=inputs.selected)
    assert found.hidden.shape == (*inputs.positions.shape, HIDDEN)
    torch.testing.assert_close(found.mlm_logits, expected.prediction_logits[inputs.target_mask], atol=TOLERANCE, rtol=0)
    torch.testing.assert_close(found.nsp_logits, expected.seq_relationship_logits, atol=TOLERANCE, rtol=0)


def mean_losses(mlm_logits: Tensor, nsp_logits: Tensor, inputs: Inputs) -> Tensor:
    return functional.cross_entropy(mlm_logits, inputs.targets) + functional.cross_entropy(nsp_logits, inputs.labels)


@pytest.mark.parametrize("everywhere", [True, False])
def test_gradients_of_one_step_agree_for_every_parameter(everywhere: bool) -> None:
    reference = random_reference()
    model = with_weights_of(reference)
    inputs = random_inputs(seed=4)
    expected = ask(reference, inputs)
    mean_losses(expected.prediction_logits[inputs.target_mask], expected.seq_relationship_logits, inputs).backward()

    asked = {} if everywhere else {"positions": inputs.positions, "selected": inputs.selected}
    found = model(inputs.ids, inputs.segments, inputs.mask, **asked)
    mlm_logits = found.mlm_logits[inputs.target_mask] if everywhere else found.mlm_logits
    mean_losses(mlm_logits, found.nsp_logits, inputs).backward()

    theirs = {name: parameter.grad for name, parameter in reference.named_parameters()}
    ours = {to_hugging_face(name): parameter.grad for name, parameter in model.named_parameters()}
    assert ours.keys() == theirs.keys()  # the tied output projection is one parameter with its input side
    for name, expected_gradient in theirs.items():
        if name.endswith("attention.self.key.bias"):  # the softmax takes it away: both are 0 but for rounding
            largest = theirs[name.replace("key", "query")].norm()
            assert max(ours[name].norm(), expected_gradient.norm()) < GRADIENT_TOLERANCE * largest
            continue
        error = (ours[name] - expected_gradient).norm() / expected_gradient.norm()
        assert error < GRADIENT_TOLERANCE, name
    word = "bert.embeddings.word_embeddings.weight"
    assert (theirs[word].norm(dim=1) > 0).sum() > 0.9 * VOCABULARY  # both sides of the tie are in it


@torch.no_grad()
def test_what_stands_in_the_padding_does_not_matter(model: BabyBert) -> None:
    inputs = random_inputs(seed=5)
    other = torch.where(inputs.mask, inputs.ids, torch.full_like(inputs.ids, 7))
    one, two = model(inputs.ids, inputs.segments, inputs.mask), model(other, inputs.segments, inputs.mask)
    assert torch.equal(one.hidden[inputs.mask], two.hidden[inputs.mask])
    assert torch.equal(one.nsp_logits, two.nsp_logits)


@torch.no_grad()
def test_bf16_stays_close_to_fp32(reference: BertForPreTraining, model: BabyBert) -> None:
    """Within 0.06 of a logit's standard deviation on average, and 1 % in the loss."""
    from babybert_tui.training.precision import WorkingCopy

    working = WorkingCopy(model, "bf16")
    working.refresh()
    inputs = random_inputs(rows=32, seed=6)
    asked = {"positions": inputs.positions, "selected": inputs.selected}
    full = model(inputs.ids, inputs.segments, inputs.mask, **asked)
    half = working.model(inputs.ids, inputs.segments, inputs.mask, **asked)
    assert half.mlm_logits.dtype == torch.bfloat16
    error = (half.mlm_logits.float() - full.mlm_logits).abs()
    assert error.mean() < 0.06 * full.mlm_logits.std()
    assert error.max() < 0.5 * full.mlm_logits.std()
    one = mean_losses(full.mlm_logits, full.nsp_logits, inputs)
    two = mean_losses(half.mlm_logits.float(), half.nsp_logits.float(), inputs)
    assert float(two) == pytest.approx(float(one), rel=0.01)
    assert full.mlm_logits.dtype == torch.float32


@torch.no_grad()
@pytest.mark.parametrize(("layer", "head"), [(0, 0), (1, 2), (2, 3)])
def test_a_head_switched_off_contributes_nothing_and_all_others_do(layer: int, head: int) -> None:
    reference = random_reference()
    model = with_weights_of(reference)
    # A head reaches the residual stream through its own columns of the output matrix and in no other way.
    columns = slice(head * HEAD_SIZE, (head + 1) * HEAD_SIZE)
    reference.bert.encoder.layer[layer].attention.output.dense.weight[:, columns] = 0
    heads_on = torch.ones(LAYERS, HEADS)
    heads_on[layer, head] = 0
    inputs = random_inputs(seed=8)
    expected = ask(reference, inputs).prediction_logits[inputs.mask]
    found = model(inputs.ids, inputs.segments, inputs.mask, heads_on=heads_on)
    torch.testing.assert_close(found.mlm_logits[inputs.mask], expected, atol=TOLERANCE, rtol=0)
    with_all = model(inputs.ids, inputs.segments, inputs.mask, heads_on=torch.ones(LAYERS, HEADS))
    without_say = model(inputs.ids, inputs.segments, inputs.mask)
    assert torch.equal(with_all.mlm_logits, without_say.mlm_logits)
    assert (with_all.mlm_logits - found.mlm_logits).abs().max() > 0.01


@pytest.fixture
def seen_inside(reference: BertForPreTraining) -> Iterator[dict[str, Tensor]]:
    """What the modules of the Hugging Face model gave when it was last asked, by module and place."""
    seen: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[..., None]:
        def hook(_module: Any, given: tuple[Any, ...], returned: Any) -> None:
            if given:
                seen[name + ".in"] = given[0]
            seen[name] = returned[0] if isinstance(returned, tuple) else returned

        return hook

    handles = [module.register_forward_hook(watch(name)) for name, module in reference.named_modules() if name]
    yield seen
    for handle in handles:
        handle.remove()


@torch.no_grad()
def test_the_record_holds_what_transformers_says(
    reference: BertForPreTraining, model: BabyBert, seen_inside: dict[str, Tensor]
) -> None:
    inputs = random_inputs(seed=9)
    expected = ask(reference, inputs, output_attentions=True, output_hidden_states=True)
    record = Record()
    model(inputs.ids, inputs.segments, inputs.mask, record=record)

    def compare(found: Tensor | None, wanted: Tensor) -> None:
        assert found is not None
        torch.testing.assert_close(found, wanted, atol=TOLERANCE, rtol=1e-5)

    def by_head(x: Tensor) -> Tensor:
        return torch.stack(x.split(HEAD_SIZE, dim=-1), dim=1)  # (B, T, H) to (B, A, T, D)

    real = inputs.mask
    assert record.embeddings is not None
    compare(record.embeddings[real], expected.hidden_states[0][real])
    assert len(record.layers) == LAYERS
    for number, layer in enumerate(record.layers):
        place = f"bert.encoder.layer.{number}."
        queries = real[:, None, :].expand(-1, HEADS, -1)
        compare(layer.attention[queries], expected.attentions[number][queries])
        assert (layer.attention.masked_select(~real[:, None, None, :]) == 0).all()
        query, key, value = (
            by_head(seen_inside[f"{place}attention.self.{part}"]) for part in ("query", "key", "value")
        )
        compare(layer.query[queries], query[queries])
        compare(layer.key[queries], key[queries])
        compare(layer.value[queries], value[queries])
        compare(layer.scores[queries], (torch.einsum("baqd,bakd->baqk", query, key) / HEAD_SIZE**0.5)[queries])
        compare(layer.context[queries], by_head(seen_inside[f"{place}attention.output.dense.in"])[queries])
        residual = seen_inside[f"{place}attention.output.LayerNorm.in"]
        compare(layer.attention_residual[real], residual[real])
        compare(layer.attention_output[real], seen_inside[f"{place}attention.output"][real])
        compare(layer.output[real], expected.hidden_states[number + 1][real])


@torch.no_grad()
def test_recording_changes_no_result(model: BabyBert) -> None:
    inputs = random_inputs(seed=9)
    plain = model(inputs.ids, inputs.segments, inputs.mask)
    recorded = model(inputs.ids, inputs.segments, inputs.mask, record=Record())
    assert torch.equal(plain.mlm_logits, recorded.mlm_logits)


def test_dropout_stands_where_transformers_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both models drop by the same masks, drawn by the order of the calls: any other place, order or share shows."""
    shares = {"hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.35}

    class CountedDropout:
        def __init__(self) -> None:
            self.calls: list[tuple[tuple[int, ...], float]] = []

        def __call__(self, x: Tensor, probability: float = 0.5, training: bool = True, **_: Any) -> Tensor:
            if not training:
                return x
            draws = torch.rand(x.shape, generator=torch.Generator().manual_seed(len(self.calls)))
            self.calls.append((tuple(x.shape), probability))
            return x * (draws >= probability) / (1 - probability)

    theirs, ours = CountedDropout(), CountedDropout()
    reference = random_reference(**shares).train()
    model = with_weights_of(reference)
    inputs = random_inputs(seed=10)
    with monkeypatch.context() as patch:
        patch.setattr(functional, "dropout", lambda x, p=0.5, training=True, inplace=False: theirs(x, p, training))
        expected = ask(reference, inputs)
    found = model(inputs.ids, inputs.segments, inputs.mask, dropout=ours)
    assert len(theirs.calls) == 1 + 3 * LAYERS
    assert ours.calls == theirs.calls
    torch.testing.assert_close(
        found.mlm_logits[inputs.mask], expected.prediction_logits[inputs.mask], atol=10 * TOLERANCE, rtol=0
    )
    torch.testing.assert_close(found.nsp_logits, expected.seq_relationship_logits, atol=TOLERANCE, rtol=0)


def test_fresh_weights_are_those_of_the_paper() -> None:
    model = BabyBert(BertConfig(vocab_size=500, hidden_size=64, num_hidden_layers=2, initializer_range=0.02))
    random = np.random.default_rng(0)
    model.initialise(lambda shape: torch.from_numpy(random.standard_normal(shape, dtype="float32")))
    for name, parameter in model.named_parameters():
        if parameter.dim() > 1:
            bound = 5 / parameter.numel() ** 0.5  # standard errors of a mean, in standard deviations
            assert abs(parameter.mean().item()) < 0.02 * bound, name
            assert parameter.std().item() == pytest.approx(0.02, rel=bound), name
        else:
            wanted = 1.0 if to_hugging_face(name).endswith("LayerNorm.weight") else 0.0
            assert (parameter == wanted).all(), name


def test_parameters_are_counted_as_transformers_counts_them(reference: BertForPreTraining, model: BabyBert) -> None:
    assert parameter_count(model.config) == reference.num_parameters()
    assert parameter_count(model.config) == sum(parameter.numel() for parameter in model.parameters())
    assert hugging_face_state(model).keys() == dict(reference.named_parameters()).keys()


@torch.no_grad()
def test_a_model_without_heads_gives_hidden_states_alone(model: BabyBert) -> None:
    bare = BabyBert(model.config, with_mlm_head=False, with_nsp_head=False)
    bare.load_state_dict(model.state_dict(), strict=False)
    inputs = random_inputs(seed=1)
    found = bare(inputs.ids, inputs.segments, inputs.mask)
    assert found.mlm_logits is None
    assert found.nsp_logits is None
    assert torch.equal(found.hidden, model(inputs.ids, inputs.segments, inputs.mask).hidden)
