"""What a model answers is what it computes on the same input."""

import pytest
import torch

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.game.asking import ask
from babybert_tui.game.items import FOLLOWS

from .toy import PIECES, toy_deck


def model(**heads: bool) -> BabyBert:
    torch.manual_seed(3)
    made = BabyBert(
        BertConfig(
            vocab_size=len(PIECES),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
        ),
        **heads,
    )
    made.initialise(lambda shape: torch.randn(shape) * 20)
    return made


def test_the_word_chosen_is_the_likeliest_of_the_choices() -> None:
    bert, item = model(), toy_deck().card(0).item
    ids, segments = torch.from_numpy(item.ids)[None], torch.from_numpy(item.segments)[None]
    with torch.no_grad():
        shares = bert(ids, segments).mlm_logits[0, item.position].softmax(-1)
    said = ask(bert, item)
    assert said is not None
    assert said.probabilities == pytest.approx([float(shares[choice]) for choice in item.choices], rel=1e-4)
    assert said.guess.choice == max(range(len(item.choices)), key=lambda at: said.probabilities[at])
    assert said.top[0][0] == int(shares.argmax())
    assert said.rank == 1 + int((shares > shares[item.choices[item.truth]]).sum())


def test_a_pair_follows_where_the_first_class_is_likelier() -> None:
    bert, item = model(), toy_deck().card(1).item
    ids, segments = torch.from_numpy(item.ids)[None], torch.from_numpy(item.segments)[None]
    with torch.no_grad():
        share = float(bert(ids, segments).nsp_logits.softmax(-1)[0, 0])
    said = ask(bert, item)
    assert said is not None
    assert said.probabilities[FOLLOWS] == pytest.approx(share, rel=1e-4)
    assert (said.guess.choice == FOLLOWS) == (share > 0.5)


def test_a_model_without_the_head_says_nothing() -> None:
    assert ask(model(with_nsp_head=False), toy_deck().card(1).item) is None
    assert ask(model(with_mlm_head=False), toy_deck().card(0).item) is None
