"""Initial weights whose heads look at neighbours and compare A and B."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from babybert_tui.bert import BabyBert, BertConfig, Record
from babybert_tui.settings import Settings
from babybert_tui.training.mimetic import make_mimetic
from training.small_runs import RUN, opened, small_settings, train

SEP, MASK, FREQUENT = 3, 4, 5
VOCABULARY = 2000
SHAPE = BertConfig(VOCABULARY, max_position_embeddings=128)
COMPARING = 0  # of its four heads


def frequencies() -> np.ndarray:
    """Zipf's law, with the special tokens in it as rare as a corpus leaves them."""
    shares = 1.0 / np.arange(1, VOCABULARY + 1)
    shares = np.concatenate([np.zeros(FREQUENT), shares[: VOCABULARY - FREQUENT]])
    return shares / shares.sum()


def mimetic(shape: BertConfig = SHAPE, *, compares: bool = True, seed: int = 0) -> BabyBert:
    random = torch.Generator().manual_seed(seed)
    model = BabyBert(shape)

    def normal(size: tuple[int, ...]) -> Tensor:
        return torch.randn(size, generator=random)

    model.initialise(normal)
    make_mimetic(model, frequencies()[: shape.vocab_size], SEP, MASK, compares=compares, normal=normal)
    return model


def pair(a: list[int], b: list[int]) -> tuple[Tensor, Tensor]:
    ids = [2, *a, SEP, *b, SEP]
    return torch.tensor([ids]), torch.tensor([[0] * (len(a) + 2) + [1] * (len(b) + 1)])


@torch.no_grad()
def first_attention(model: BabyBert, ids: Tensor, segments: Tensor) -> Tensor:
    """(A, T, T)."""
    record = Record()
    model(ids, segments, record=record)
    return record.layers[0].attention[0]


A_WORDS, B_WORDS = list(range(900, 925)), list(range(1200, 1230))


class TestNeighbours:
    @pytest.mark.parametrize(("head", "offset"), [(1, -1), (2, 1)])
    def test_most_heads_look_at_a_place_before_or_after(self, head: int, offset: int) -> None:
        attention = first_attention(mimetic(), *pair(A_WORDS, B_WORDS))[head]
        places = torch.arange(1, len(attention) - 1)
        assert (attention[places].argmax(1) == places + offset).float().mean() > 0.9
        assert attention[places, places + offset].mean() > 0.7

    def test_without_pairs_all_do_and_further_away(self) -> None:
        attention = first_attention(mimetic(compares=False), *pair(A_WORDS, B_WORDS))
        places = torch.arange(2, attention.shape[-1] - 2)
        for head, offset in enumerate((-1, 1, -2, 2)):
            assert (attention[head, places].argmax(1) == places + offset).float().mean() > 0.9


class TestComparing:
    def test_a_rare_word_finds_itself_in_the_other_sentence(self) -> None:
        a, b = [*A_WORDS[:10], 777, *A_WORDS[10:]], [*B_WORDS[:5], 777, *B_WORDS[5:]]
        attention = first_attention(mimetic(), *pair(a, b))[COMPARING]
        in_a, in_b = 11, len(a) + 2 + 5
        assert attention[in_a, in_b] > 0.9
        assert attention[in_b, in_a] > 0.9

    def test_where_nothing_is_alike_it_looks_at_the_sep_of_the_other_sentence(self) -> None:
        ids, segments = pair(A_WORDS, B_WORDS)
        attention = first_attention(mimetic(), ids, segments)[COMPARING]
        last = ids.shape[1] - 1
        assert attention[1 : len(A_WORDS), last].mean() > 0.8
        assert attention[len(A_WORDS) + 2 : last, len(A_WORDS) + 1].mean() > 0.8

    @pytest.mark.parametrize("word", [FREQUENT, FREQUENT + 3, MASK])
    def test_frequent_words_and_masks_are_not_compared(self, word: int) -> None:
        ids, segments = pair([*A_WORDS, word], [word, *B_WORDS])
        attention = first_attention(mimetic(), ids, segments)[COMPARING]
        in_a = len(A_WORDS) + 1
        assert attention[in_a, in_a + 2] < 0.2

    def test_what_cls_ends_with_tells_how_much_is_shared(self) -> None:
        """A line fitted to the output at [CLS] tells pairs that share three rare words from pairs that share none."""
        random, model = np.random.default_rng(0), mimetic()
        outputs, labels = [], []
        for number in range(300):
            words = random.choice(np.arange(200, VOCABULARY), 40, replace=False).tolist()
            a, b = words[:20], words[20:]
            if number % 2:
                b[:3] = a[5:8]
            with torch.no_grad():
                outputs.append(model(*pair(a, b)).hidden[0, 0])
            labels.append(2.0 * (number % 2) - 1)
        x, y = torch.stack(outputs), torch.tensor(labels)
        x = (x - x[:200].mean(0)) / x[:200].std(0)
        line = torch.linalg.solve(x[:200].T @ x[:200] + 30 * torch.eye(x.shape[1]), x[:200].T @ y[:200])
        assert ((x[200:] @ line > 0) == (y[200:] > 0)).float().mean() > 0.85


class TestAnyShape:
    @pytest.mark.parametrize(
        ("hidden", "heads", "layers"), [(64, 2, 2), (128, 1, 1), (96, 3, 2), (120, 5, 1), (16, 4, 1), (768, 12, 1)]
    )
    @pytest.mark.parametrize("compares", [True, False])
    def test_begins_with_guesses_that_are_no_worse_than_even_ones_by_much(
        self, hidden: int, heads: int, layers: int, compares: bool
    ) -> None:
        shape = BertConfig(500, hidden, layers, heads, 2 * hidden, max_position_embeddings=64)
        model = mimetic(shape, compares=compares)
        ids, segments = pair(list(range(100, 120)), list(range(200, 230)))
        with torch.no_grad():
            logits = model(ids, segments).mlm_logits
        assert logits is not None
        loss = torch.nn.functional.cross_entropy(logits[0], torch.arange(300, 300 + len(logits[0])))
        assert loss < np.log(500) + 1.5

    @pytest.mark.parametrize(("hidden", "heads"), [(8, 1), (16, 8), (5, 1)])
    def test_models_too_narrow_keep_the_weights_of_the_paper(self, hidden: int, heads: int) -> None:
        shape = BertConfig(50, hidden, 1, heads, hidden, max_position_embeddings=16)
        paper = BabyBert(shape)
        paper.initialise(torch.ones)
        state = {name: value.clone() for name, value in paper.state_dict().items()}
        make_mimetic(paper, frequencies()[:50], SEP, MASK, compares=True, normal=torch.ones)
        assert all(torch.equal(state[name], value) for name, value in paper.state_dict().items())


class TestRuns:
    """Which weights a run begins with."""

    @staticmethod
    def first_weights(settings: Settings, directory: Path) -> dict[str, Tensor]:
        with opened(settings, directory) as session:
            return {name: value.clone() for name, value in session.model.state_dict().items()}

    def test_runs_that_ask_for_them_begin_with_them(self, corpus: Path, tmp_path: Path) -> None:
        settings = small_settings(corpus, initial_weights="mimetic")
        ours, again = self.first_weights(settings, tmp_path / "a"), self.first_weights(settings, tmp_path / "b")
        paper = self.first_weights(small_settings(corpus), tmp_path / "c")
        assert all(torch.equal(ours[name], again[name]) for name in ours)
        assert not torch.equal(ours["embeddings.segment.weight"], paper["embeddings.segment.weight"])
        assert not torch.equal(
            ours["embeddings.word.weight"],
            self.first_weights(replace(settings, seed=1), tmp_path / "d")["embeddings.word.weight"],
        )

    @pytest.mark.parametrize(("objective", "compares"), [("nsp", True), ("sop", False), ("none", False)])
    def test_heads_compare_where_shared_words_tell_something(
        self, corpus: Path, tmp_path: Path, objective: str, compares: bool
    ) -> None:
        settings = small_settings(corpus, initial_weights="mimetic", sentence_objective=objective)
        weights = self.first_weights(settings, tmp_path)
        assert bool(weights["layers.0.attention.query.bias"].any()) == compares

    def test_a_run_from_a_checkpoint_keeps_its_weights(self, corpus: Path, tmp_path: Path) -> None:
        train(small_settings(corpus, max_steps=1), tmp_path)
        settings = small_settings(corpus, run="on", checkpoint=RUN, initial_weights="mimetic")
        with opened(small_settings(corpus, run="on-plain", checkpoint=RUN), tmp_path) as session:
            plain = {name: value.clone() for name, value in session.model.state_dict().items()}
        ours = self.first_weights(settings, tmp_path)
        assert all(torch.equal(ours[name], plain[name]) for name in plain)
