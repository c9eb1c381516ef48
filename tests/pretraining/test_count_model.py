"""The count model is what a slow, plain count of neighbours says, and sees no more than a model sees."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from babybert_tui.pretraining.batches import Batch, lay_out, make_batch
from babybert_tui.pretraining.count_model import CountModel
from babybert_tui.pretraining.masking import Masking
from babybert_tui.pretraining.pairs import PairSettings, draw_examples
from babybert_tui.randomness import generator
from pretraining.telltale_corpus import CLS, FIRST, MASK, PAD, SEP, SPECIAL
from pretraining.toy_corpus import Nested, Words, batch_of, random_documents, tokenized, vocabulary

WORDS = 25
SIZE = FIRST + WORDS


class PlainCounts:
    """The same rules, a word at a time."""

    def __init__(self, documents: Nested) -> None:
        self.between: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        self.after: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self.before: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self.total: Counter[int] = Counter()
        for document in documents:
            text = [CLS, *(number for sentence in document for number in sentence), SEP]
            for left, word, right in zip(text, text[1:], text[2:], strict=False):
                self.total[word] += 1
                self.between[left, right][word] += 1
                self.after[left][word] += 1
                self.before[right][word] += 1
            place = 1
            for sentence in document:
                first, last = place, place + len(sentence) - 1
                if first > 1:
                    self.after[CLS][text[first]] += 1
                    self.between[CLS, text[first + 1]][text[first]] += 1
                if last < len(text) - 2:
                    self.before[SEP][text[last]] += 1
                    self.between[text[last - 1], SEP][text[last]] += 1
                place = last + 1

    def favourite(self, counts: Counter[int]) -> tuple[float, int]:
        if not counts:
            return 0.0, -1
        word = min(counts, key=lambda one: (-counts[one], -self.total[one], one))
        return counts[word] / counts.total(), word

    def predict(self, left: int, right: int) -> int:
        """Any special token but [MASK] is an edge, on either side."""
        left, right = (CLS if left in (SEP, PAD) else left), (SEP if right in (CLS, PAD) else right)
        for share, word in (
            self.favourite(self.between.get((left, right), Counter())),
            max(
                self.favourite(self.after.get(left, Counter())),
                self.favourite(self.before.get(right, Counter())),
                key=lambda one: one[0],
            ),
        ):
            if share > 0:
                return word
        return self.favourite(self.total)[1]


def corrupted(documents: Nested, probability: float, seed: int = 0) -> Batch:
    corpus, random = tokenized(documents), generator(seed, "test")
    examples = draw_examples(corpus, PairSettings(20), random)
    layout = lay_out(corpus.ids, examples, SPECIAL)
    return make_batch(layout, examples.label, Masking(probability), vocabulary(SIZE), random)


def fitted(documents: Nested, size: int = SIZE) -> CountModel:
    return CountModel(tokenized(documents), size, SPECIAL)


@pytest.mark.parametrize("seed", range(4))
def test_it_predicts_what_a_plain_count_predicts(seed: int) -> None:
    training = random_documents(seed, words=WORDS)
    batch = corrupted(random_documents(100 + seed, words=WORDS, documents=60), 0.3, seed)
    plain, ids = PlainCounts(training), batch.input_ids.tolist()
    places = list(zip(*np.nonzero(batch.fates), strict=True))
    expected = [plain.predict(ids[row][column - 1], ids[row][column + 1]) for row, column in places]
    assert len(places) > 300
    assert sum(MASK in (ids[row][column - 1], ids[row][column + 1]) for row, column in places) > 50
    assert fitted(training).predict(batch).tolist() == expected


def test_counts_are_those_that_one_makes_by_hand() -> None:
    words = Words()
    documents = words.documents(
        "the dog ran home . | the dog sat .", "the cat sat here . | the cow ran . | a dog ran ."
    )
    model = fitted(documents)

    def answer(text: str) -> str:
        (number,) = model.predict(batch_of([words.ids(text)]))
        return next(word for word, known in words.known.items() if known == number)

    assert answer("[CLS] the [MASK] ran . [SEP]") == "dog"  # twice between "the" and "ran", once in "the cow ran"
    assert answer("[CLS] the [MASK] here . [SEP]") == "sat"  # never between the two; "here" is surer than "the"
    assert answer("[CLS] [MASK] dog sat [SEP]") == "the"  # begins two sentences before "dog"; "a" begins one
    assert answer("[CLS] dog ran [MASK] [SEP] the cat [SEP]") == "."  # ends a sentence, though "home" stood there too
    assert answer("[CLS] purple [MASK] purple [SEP]") == "."  # the commonest of all


def test_hidden_neighbour_is_left_out() -> None:
    words = Words()
    model = fitted(words.documents("red apple pie | red apple pie | red wine bar", "cold wine bar | red wine glass"))
    after_red, before_edge = model.predict(batch_of([words.ids("[CLS] red [MASK] [MASK] [SEP]")]))
    assert after_red == words.known["wine"]  # as often as "apple", which is the rarer word
    assert before_edge == words.known["pie"]  # as often as "bar", which came later
    assert model.predict(batch_of([words.ids("[CLS] [MASK] [MASK] pie [SEP]")]))[1] == words.known["apple"]


def test_words_that_the_input_hides_do_not_change_the_predictions() -> None:
    training, batch = random_documents(1, words=WORDS), corrupted(random_documents(2, words=WORDS), 0.3)
    model = fitted(training)
    other: NDArray[np.int64] = np.random.default_rng(0).integers(FIRST, SIZE, batch.original_ids.shape)
    selected = batch.fates > 0
    changed = replace(
        batch,
        original_ids=np.where(selected, other, batch.original_ids),
        targets=torch.from_numpy(other[selected]),
    )
    assert (changed.targets != batch.targets).float().mean() > 0.5
    np.testing.assert_array_equal(model.predict(changed), model.predict(batch))


def test_what_stands_at_the_place_itself_is_not_looked_at() -> None:
    model, ids = fitted(random_documents(1, words=WORDS)), np.array([[CLS, 11, 12, 13, SEP, 12, 14, SEP]])
    place = np.zeros(ids.shape, bool)
    place[0, 2] = True
    guesses = set()
    for shown in (MASK, *range(FIRST, SIZE)):
        ids[0, 2] = shown
        guesses.add(int(model.guess(ids, place)[0]))
    assert len(guesses) == 1


def test_a_large_vocabulary_fits_the_keys() -> None:
    size = 1_000_000
    documents = [[[size - 1, size - 2, size - 1], [size - 3, size - 2, size - 3]], [[size - 1, 12, 13]]]
    model = CountModel(replace(tokenized([[[1]]]), **_wide(documents)), size, SPECIAL)
    assert model.predict(batch_of([[CLS, size - 3, MASK, size - 3, SEP]])) == size - 2
    assert model.predict(batch_of([[CLS, size - 1, MASK, 13, SEP]])) == 12


def _wide(documents: Nested) -> dict[str, NDArray[np.int64]]:
    narrow = tokenized([[[0] * len(sentence) for sentence in document] for document in documents])
    ids = np.array([number for document in documents for sentence in document for number in sentence], dtype=np.uint32)
    return vars(narrow) | {"ids": ids}
