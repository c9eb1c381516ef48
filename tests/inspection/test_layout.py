"""What BERT is given for a text: special tokens, segments, words, and what is left out of a text that is too long."""

import time
from pathlib import Path

import pytest
from transformers import BertTokenizer

from babybert_tui.errors import RequestError
from babybert_tui.inspection.checkpoint import Inspectable, load_inspectable
from babybert_tui.inspection.layout import Layout, lay_out
from babybert_tui.inspection.tracing import trace
from inspection.random_models import MAX_LENGTH, random_bert, save_model


def laid_out(tokenizer: BertTokenizer, *texts: str, max_length: int = MAX_LENGTH) -> Layout:
    return lay_out(tokenizer, *texts, max_length=max_length)


def test_a_pair_is_laid_out_as_in_the_paper(tokenizer: BertTokenizer) -> None:
    layout = laid_out(tokenizer, "Anna ate.", "he gave it")
    assert layout.tokens == ("[CLS]", "anna", "ate", ".", "[SEP]", "he", "gave", "it", "[SEP]")
    assert layout.segments.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert layout.special.tolist() == [True, False, False, False, True, False, False, False, True]
    assert layout.words == (None, 0, 1, 2, None, 3, 4, 5, None)
    assert layout.is_pair


def test_an_empty_text_is_cls_and_sep(tokenizer: BertTokenizer) -> None:
    layout = laid_out(tokenizer, "")
    assert layout.tokens == ("[CLS]", "[SEP]")
    assert not layout.is_pair


def test_a_typed_sep_makes_a_pair_of_one_text(tokenizer: BertTokenizer) -> None:
    typed, given = laid_out(tokenizer, "anna ate [SEP] he gave"), laid_out(tokenizer, "anna ate", "he gave")
    assert typed.tokens == given.tokens
    assert typed.segments.tolist() == given.segments.tolist()
    assert typed.words == given.words
    assert typed.is_pair


def test_a_typed_sep_inside_a_given_pair_starts_no_segment(tokenizer: BertTokenizer) -> None:
    layout = laid_out(tokenizer, "anna [SEP] ate", "he gave")
    assert layout.segments.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    assert layout.special.tolist()[2]
    assert layout.words[2] is None


@pytest.mark.parametrize("text", ["[SEP]", "[SEP][SEP] [SEP]", "anna [SEP]", "[PAD] [SEP] [CLS]"])
def test_seps_with_nothing_behind_them_make_no_pair(tokenizer: BertTokenizer, text: str) -> None:
    layout = laid_out(tokenizer, text)
    assert not layout.segments.any()
    assert not layout.is_pair


def test_a_typed_mask_stands_for_a_word(tokenizer: BertTokenizer) -> None:
    layout = laid_out(tokenizer, "anna [MASK] it")
    assert layout.words == (None, 0, 1, 2, None)
    assert not layout.special[2]


def test_the_pieces_of_a_word_share_its_number_across_both_texts(tokenizer: BertTokenizer) -> None:
    layout = laid_out(tokenizer, "unbelievables it", "unbelievable")
    assert layout.words == (None, 0, 0, 0, 0, 1, None, 2, 2, 2, None)


def test_words_the_vocabulary_lacks_are_pointed_at(tokenizer: BertTokenizer) -> None:
    layout = laid_out(tokenizer, "Unbelievable apple ☃", "xyz it")
    found = [(word.word, word.positions, word.pieces) for word in layout.unknown]
    assert found == [
        ("Unbelievable", (1, 2, 3), ("un", "##believ", "##able")),
        ("☃", (5,), ("[UNK]",)),
        ("xyz", (7,), ("[UNK]",)),
    ]


def test_typed_special_tokens_are_no_unknown_words(tokenizer: BertTokenizer) -> None:
    assert not laid_out(tokenizer, "[UNK] [MASK] [SEP] [PAD] [CLS]").unknown


@pytest.mark.parametrize(
    ("words", "kept"),
    [((30,), [10]), ((30, 30), [5, 4]), ((30, 2), [7, 2]), ((2, 30), [2, 7]), ((5, 30), [5, 4]), ((4, 30), [4, 5])],
)
def test_a_long_input_loses_the_end_of_its_longer_text(
    tokenizer: BertTokenizer, words: tuple[int, ...], kept: list[int]
) -> None:
    layout = laid_out(tokenizer, *("it " * count for count in words), max_length=12)
    assert len(layout.tokens) == 12
    ends = [position for position, token in enumerate(layout.tokens) if token == "[SEP]"]
    starts = [0, *ends]
    assert [end - start - 1 for start, end in zip(starts, ends, strict=False)] == kept
    assert len(layout.notes) == 1
    assert "12 tokens" in layout.notes[0]
    assert all(f"first {count}" in layout.notes[0] for count in kept)


def test_an_input_that_just_fits_is_not_cut(tokenizer: BertTokenizer) -> None:
    assert not laid_out(tokenizer, "it " * 10, max_length=12).notes
    assert not laid_out(tokenizer, "it " * 4, "it " * 5, max_length=12).notes


@pytest.mark.parametrize("filler", ["it ", "it " * 5000, "\n" * 5000, "中"], ids=["short", "long", "blank", "cjk"])
def test_a_cut_that_would_lose_a_typed_mask_is_refused(tokenizer: BertTokenizer, filler: str) -> None:
    text = "it " * 20 + filler + "[MASK]"
    with pytest.raises(RequestError, match=r"12 tokens.*\[MASK\]"):
        laid_out(tokenizer, text, max_length=12)
    with pytest.raises(RequestError, match=r"12 tokens.*\[MASK\]"):
        laid_out(tokenizer, "anna", text, max_length=12)


def test_a_mask_before_the_cut_is_kept(tokenizer: BertTokenizer) -> None:
    assert laid_out(tokenizer, "[MASK] " + "it " * 20, max_length=12).tokens[1] == "[MASK]"


@pytest.mark.parametrize(
    "text",
    ["anna gave the apple " * 50_000, "a" * 1_000_000, "中" * 333_000, " " * 999_999 + "it", "\0" * 500_000 + "it"],
    ids=["words", "one word", "cjk", "blanks", "controls"],
)
def test_a_megabyte_is_cut_as_if_it_had_been_read_whole(tokenizer: BertTokenizer, text: str) -> None:
    began = time.perf_counter()
    layout = laid_out(tokenizer, text)
    assert time.perf_counter() - began < 5
    whole = tokenizer(text, truncation=True, max_length=MAX_LENGTH)["input_ids"]
    assert layout.ids.tolist() == whole


def test_beginnings_of_texts_give_the_pieces_of_the_whole(tokenizer: BertTokenizer) -> None:
    text = "unbelievable,gave! [MASK]cab☃aéb\t\0to-ben " * 400
    for limit in range(4, 120, 7):
        whole = tokenizer(text.replace("[MASK]", "it"), truncation=True, max_length=limit)["input_ids"]
        assert laid_out(tokenizer, text.replace("[MASK]", "it"), max_length=limit).ids.tolist() == whole


def test_a_model_without_segments_gets_none(tokenizer: BertTokenizer, tmp_path: Path) -> None:
    model, tokenizer, _ = load_inspectable(save_model(random_bert(type_vocab_size=1), tokenizer, tmp_path))
    found = trace(model, tokenizer, "anna", "ben")
    assert not found.segments.any()
    assert found.is_next is not None
    assert any("segment" in note for note in found.notes)


def test_the_models_own_maximum_holds_where_the_tokenizer_allows_more(inspectable: Inspectable) -> None:
    model, tokenizer, _ = inspectable
    found = trace(model, tokenizer, "it " * 600, want={"tokens"})
    assert len(found.tokens) == MAX_LENGTH


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧 🇩🇪 👍🏽",
        "日本語の文",
        "שלום עולם \u202egarden",
        "e\u0301 \u0301\u0301 a\u20dd",
        "\x1b[31mred\x1b]0;title\x07 \x00\x9b",
        "[/red] [bold]it[/]",
        "\ud800 lone \udcff",
        "\ufeff\u200b\u2060",
        "[SEP][SEP][SEP]",
        "[MASK]" * 10,
        "it\u2028he\x0bate\x85",
        "\ue000\U0010ffff",
    ],
)
def test_strange_texts_are_traced(inspectable: Inspectable, text: str) -> None:
    model, tokenizer, _ = inspectable
    found = trace(model, tokenizer, text, text, masks="auto")
    n = len(found.tokens)
    assert found.attention is not None
    assert found.attention.shape == (3, 4, n, n)
    assert len(found.ids) == len(found.words) == len(found.segments) == len(found.special) == n
