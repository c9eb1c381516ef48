"""Documents become flat arrays of ids, quickly, and nothing in a text becomes a special token."""

import json
import pickle
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tokenizers import AddedToken

from babybert_tui.tokenization import (
    DocumentEncoder,
    TokenizedDocuments,
    TokenWriter,
    encode_documents,
    encoding,
    load_tokens,
    make_tokenizer,
    train_vocabulary,
    wordpiece_backend,
)


def _sentences_of(tokenized: TokenizedDocuments) -> list[list[list[int]]]:
    documents = []
    for first, last in pairwise(tokenized.document_offsets):
        bounds = tokenized.sentence_offsets[first : last + 1]
        documents.append([tokenized.ids[start:end].tolist() for start, end in pairwise(bounds)])
    return documents


def test_ids_are_those_of_the_tokenizer_sentence_by_sentence(vocabulary: list[str]) -> None:
    tokenizer = make_tokenizer(vocabulary)
    documents = [("The cat walks .", "cats , walking"), ("the CAFÉ",)]
    expected = [[tokenizer.encode(text, add_special_tokens=False) for text in document] for document in documents]
    assert _sentences_of(encode_documents(tokenizer, documents)) == expected


@pytest.mark.parametrize("token", ["[MASK]", "[SEP]", "[CLS]", "[PAD]", "[UNK]"])
@pytest.mark.parametrize("template", ["{}", "a {} b", "the{}cat", " {} {}"])
def test_literal_special_tokens_are_ordinary_text(vocabulary: list[str], token: str, template: str) -> None:
    tokenizer = make_tokenizer(vocabulary)
    ids = encode_documents(tokenizer, [(template.format(token, token),)]).ids
    assert len(ids) > 2
    assert ids.min() > 4
    assert tokenizer.encode(token, add_special_tokens=False) == [vocabulary.index(token)]  # elsewhere it stays special


@pytest.mark.parametrize("lowercase", [True, False])
def test_any_unicode_is_encoded_as_whole_sentences_would_be(lowercase: bool) -> None:
    generator = random.Random(1)
    signs = [*map(chr, range(0x300)), *"ςσΣİıß你好가\u0301\u2028\u200b\u200d\u3000\ufeff\ufffd😀👩‍🚀ﬁ", *(" " * 300)]
    texts = ["".join(generator.choices(signs, k=generator.randint(0, 50))) for _ in range(1500)]
    tokenizer = make_tokenizer(train_vocabulary(texts[:700], 900, lowercase=lowercase), lowercase=lowercase)
    backend = tokenizer.backend_tokenizer
    expected = [encoding.ids for encoding in backend.encode_batch(texts, add_special_tokens=False)]
    tokenized = encode_documents(tokenizer, [(text,) for text in texts])
    assert _sentences_of(tokenized) == [[ids] for ids in expected if ids]


def test_added_words_of_a_tokenizer_are_found_across_spaces(vocabulary: list[str]) -> None:
    tokenizer = make_tokenizer(vocabulary)
    tokenizer.add_tokens([AddedToken("the cat", normalized=True)])
    assert encode_documents(tokenizer, [("see the cat",)]).ids[-1] == len(vocabulary)


def test_empty_sentences_and_documents_are_left_out(vocabulary: list[str]) -> None:
    documents = [("", "the cat", "\x00\x01"), ("  ",), (), ("a", "b")]
    tokenized = encode_documents(make_tokenizer(vocabulary), documents)
    assert tokenized.document_offsets.tolist() == [0, 1, 3]
    assert tokenized.sentence_offsets.tolist() == [0, 2, 3, 4]


def test_no_documents_give_empty_arrays(vocabulary: list[str]) -> None:
    tokenized = encode_documents(make_tokenizer(vocabulary), [])
    assert tokenized.ids.shape == (0,)
    assert tokenized.sentence_offsets.tolist() == [0]
    assert tokenized.document_offsets.tolist() == [0]


def test_arrays_have_the_promised_types(vocabulary: list[str]) -> None:
    tokenized = encode_documents(make_tokenizer(vocabulary), [("the cat",)])
    assert tokenized.ids.dtype == np.uint16
    assert tokenized.sentence_offsets.dtype == tokenized.document_offsets.dtype == np.int64


def test_a_vocabulary_beyond_65536_takes_wider_ids(vocabulary: list[str]) -> None:
    large = [*vocabulary, *(f"w{number}" for number in range(1 << 16)), "zebra"]
    tokenized = encode_documents(make_tokenizer(large), [("zebra",)])
    assert tokenized.ids.dtype == np.uint32
    assert tokenized.ids.tolist() == [len(large) - 1]


def test_more_sentences_than_one_chunk_keep_their_order(vocabulary: list[str]) -> None:
    words = ["the", "cat", "mask", "walk"]
    documents = [tuple(words[(number + offset) % 4] for offset in range(7)) for number in range(10_000)]
    tokenized = encode_documents(make_tokenizer(vocabulary), documents)
    expected = [vocabulary.index(word) for document in documents for word in document]
    assert tokenized.ids.tolist() == expected
    assert tokenized.document_offsets.tolist() == list(range(0, 70_001, 7))


def test_very_long_words_and_sentences_are_survived(vocabulary: list[str]) -> None:
    tokenized = encode_documents(make_tokenizer(vocabulary), [("a" * 150_000, "the cat " * 50_000)])
    assert tokenized.ids[0] == 1  # one unknown word
    assert tokenized.sentence_offsets.tolist() == [0, 1, 100_001]


def test_the_callers_padding_and_truncation_play_no_part(vocabulary: list[str]) -> None:
    tokenizer = make_tokenizer(vocabulary, max_length=8)
    tokenizer(["the cat"], padding="max_length", truncation=True, max_length=4)
    assert len(encode_documents(tokenizer, [("the cat " * 30,), ("abcdefgh",), ("the",)]).ids) == 60 + 8 + 1
    assert tokenizer.backend_tokenizer.truncation is not None  # and its own settings stay


@pytest.mark.parametrize("lowercase", [True, False])
def test_the_backend_made_without_transformers_is_that_of_transformers(vocabulary: list[str], lowercase: bool) -> None:
    ours = json.loads(wordpiece_backend(vocabulary, lowercase=lowercase))
    theirs = json.loads(make_tokenizer(vocabulary, lowercase=lowercase).backend_tokenizer.to_str())
    for part in ("normalizer", "pre_tokenizer", "model", "added_tokens"):
        assert ours[part] == theirs[part]


def test_words_known_from_before_are_encoded_the_same(vocabulary: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_MOST_WORDS", 6)  # forgotten now and then
    encoder = DocumentEncoder(wordpiece_backend(vocabulary), len(vocabulary))
    travelled = pickle.loads(pickle.dumps(encoder))  # also after it has learned
    for text in ("the cat", "walk the cat", "über the", "mask walk", "cat , cat", "the cat", "a b c d e f g h"):
        expected = encode_documents(make_tokenizer(vocabulary), [(text,)]).ids.tolist()
        assert encoder.encode([(text,)]).ids.tolist() == expected
        assert pickle.loads(pickle.dumps(encoder)).encode([(text,)]).ids.tolist() == expected
    assert travelled.dtype == encoder.dtype


def test_ids_are_counted(vocabulary: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_IDS_A_CALL", 3)
    tokenized = encode_documents(make_tokenizer(vocabulary), [("the cat the cat , the",)])
    counts = tokenized.counts(len(vocabulary))
    assert counts.sum() == len(tokenized.ids) == 6
    assert counts[vocabulary.index("the")] == 3


def test_token_files_hold_what_was_added_in_any_number_of_stretches(tmp_path: Path, vocabulary: list[str]) -> None:
    documents = [("the cat", "walk"), ("a",), ("", "b c d"), ("mask", "mask")] * 5
    encoder = DocumentEncoder(wordpiece_backend(vocabulary), len(vocabulary))
    with TokenWriter(tmp_path, "side", encoder.dtype) as writer:
        for start in (0, 3, 4, 11):
            end = {0: 3, 3: 4, 4: 11, 11: 20}[start]
            writer.add(encoder.encode(documents[start:end]))
    whole, read = encoder.encode(documents), load_tokens(tmp_path, "side", encoder.dtype)
    for name in ("ids", "sentence_offsets", "document_offsets"):
        np.testing.assert_array_equal(getattr(read, name), getattr(whole, name))
        assert getattr(read, name).dtype == getattr(whole, name).dtype


def test_a_side_without_documents_is_read_too(tmp_path: Path) -> None:
    with TokenWriter(tmp_path, "empty", np.dtype(np.uint32)):
        pass
    read = load_tokens(tmp_path, "empty", np.dtype(np.uint32))
    assert (read.ids.shape, read.sentence_offsets.tolist(), read.document_offsets.tolist()) == ((0,), [0], [0])
