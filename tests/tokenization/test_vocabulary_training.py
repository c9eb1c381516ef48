"""A trained vocabulary is WordPiece, bounded, and the same every time."""

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from babybert_tui.errors import RequestError
from babybert_tui.tokenization import SPECIAL_TOKENS, train_vocabulary
from babybert_tui.tokenization.vocabulary import count_words

_REPOSITORY = Path(__file__).resolve().parents[2]

_TRAIN_AND_HASH = """
import hashlib, random, sys
from babybert_tui.tokenization import train_vocabulary
generator = random.Random(7)
stems = ["".join(generator.choices("abcdefghijklmnop", k=generator.randint(2, 9))) for _ in range(400)]
lines = [" ".join(generator.choices(stems, k=12)) + " ." for _ in range(800)]
print(hashlib.sha256("\\n".join(train_vocabulary(lines, 700)).encode()).hexdigest())
"""


def _sentences() -> list[str]:
    generator = random.Random(3)
    stems = ["walk", "talk", "garden", "apple", "ship", "sail", "bird", "sing"]
    return [
        " ".join(generator.choice(stems) + generator.choice(["", "ing", "ed", "s"]) for _ in range(9))
        for _ in range(300)
    ]


def test_special_tokens_come_first_in_berts_order() -> None:
    vocabulary = train_vocabulary(_sentences(), 200)
    assert vocabulary[:5] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] == list(SPECIAL_TOKENS)
    assert len(set(vocabulary)) == len(vocabulary)


def test_frequent_words_and_endings_become_pieces() -> None:
    vocabulary = set(train_vocabulary(_sentences(), 200))
    assert {"garden", "##ing", "##ed"} <= vocabulary


@pytest.mark.parametrize("size", [6, 20, 60, 100])
def test_size_is_an_upper_bound(size: int) -> None:
    assert len(train_vocabulary(_sentences(), size)) <= size


def test_small_text_yields_a_small_vocabulary() -> None:
    assert len(train_vocabulary(["a cat", "a cat"], 8192)) < 30


def test_what_is_seen_once_is_no_regularity() -> None:
    vocabulary = train_vocabulary(["often rarely", "often"], 8192)
    assert "often" in vocabulary
    assert "rarely" not in vocabulary


def test_characters_that_do_not_fit_are_the_rarest() -> None:
    vocabulary = train_vocabulary(["e " * 50, "t " * 40, "z"], 7)
    assert vocabulary == [*SPECIAL_TOKENS, "e", "t"]


def test_same_bytes_across_processes_hash_seeds_and_thread_counts() -> None:
    digests = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("2", "4")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "RAYON_NUM_THREADS": threads}
        command = [sys.executable, "-c", _TRAIN_AND_HASH]
        output = subprocess.run(command, env=environment, cwd=_REPOSITORY, capture_output=True, text=True, check=True)
        digests.add(output.stdout.strip())
    assert len(digests) == 1


def test_order_of_sentences_does_not_matter() -> None:
    sentences = _sentences()
    assert train_vocabulary(sentences, 150) == train_vocabulary(sentences[::-1], 150)


def test_special_tokens_written_in_the_text_are_ordinary_text() -> None:
    vocabulary = train_vocabulary(["the [MASK] of [SEP] zorro"] * 20, 300)
    assert vocabulary.count("[MASK]") == 1
    assert {"[", "]", "mask", "sep"} <= set(vocabulary)


def test_lowercasing_strips_case_and_accents_and_cased_keeps_them() -> None:
    sentences = ["Café Ärger"] * 10
    assert {"cafe", "arger"} <= set(train_vocabulary(sentences, 100))
    assert {"Café", "Ärger"} <= set(train_vocabulary(sentences, 100, lowercase=False))


def test_words_are_cut_as_bert_cuts_them() -> None:
    vocabulary = set(train_vocabulary(["don't stop, 你好 well-known"] * 10, 300))
    assert {"don", "'", "t", "你", "好", "well", "-", "known"} <= vocabulary
    assert not any("'" in token and len(token) > 1 for token in vocabulary)


def test_every_character_of_the_text_can_be_spelled() -> None:
    vocabulary = set(train_vocabulary(["quartz jinx", "a"], 300))
    assert {"q", "##z", "j", "##x"} <= vocabulary


@pytest.mark.parametrize("size", [-1, 0, 5])
def test_no_room_beside_the_special_tokens_is_refused(size: int) -> None:
    with pytest.raises(RequestError, match="no room"):
        train_vocabulary(["some text"], size)


@pytest.mark.parametrize("sentences", [[], ["", "  "], ["\x01\x02"]])
def test_text_without_a_visible_character_is_refused(sentences: list[str]) -> None:
    with pytest.raises(RequestError, match="nothing to build a vocabulary from"):
        train_vocabulary(sentences, 100)


def test_real_text_gives_the_full_size(movie_sentences: list[str]) -> None:
    vocabulary = train_vocabulary(movie_sentences[:8000], 4096)
    assert len(vocabulary) == 4096
    again = train_vocabulary(iter(movie_sentences[:8000]), 4096)
    assert hashlib.sha256("".join(again).encode()).digest() == hashlib.sha256("".join(vocabulary).encode()).digest()


@pytest.mark.parametrize("lowercase", [True, False])
def test_words_are_counted_as_bert_splits_them(lowercase: bool) -> None:
    generator = random.Random(5)
    signs = [*map(chr, range(0x180)), *"ςİıß你가\u0301\u2028\u200b\u3000\ufeff😀ﬁ", *" abcXYZ019.,-'\"[]_^`~" * 12]
    lines = ["".join(generator.choices(signs, k=generator.randint(0, 60))) for _ in range(2000)]
    normalizer, pre_tokenizer = BertNormalizer(lowercase=lowercase), BertPreTokenizer()
    expected = Counter(
        word for line in lines for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(line))
    )
    assert count_words(lines, lowercase=lowercase) == expected
