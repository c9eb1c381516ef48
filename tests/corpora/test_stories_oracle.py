"""The oracle of the stories: it knows what the generator knows, and is humble about the rest."""

from functools import cache

import pytest

from babybert_tui.corpora.stories.ceiling import MEASURED, Ceiling, measure
from babybert_tui.corpora.stories.engine import tell
from babybert_tui.corpora.stories.oracle import Belief, Oracle
from babybert_tui.corpora.stories.paths import paths
from babybert_tui.corpora.stories.windows import LENGTH, Corruption, Item, Window, sample_items


@pytest.fixture(autouse=True)
def narrow_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """These windows are easy to read; the limits of a measurement would only make the tests slow."""
    monkeypatch.setattr("babybert_tui.corpora.stories.oracle.SLACK", 1)
    monkeypatch.setattr("babybert_tui.corpora.stories.oracle.WIDTH", 50)


@cache
def oracle() -> Oracle:
    return Oracle()


def believe(first: str, second: str, asked: tuple[int, ...] = ()) -> Belief:
    parts = [tuple(None if word == "?" else word for word in part.split()) for part in (first, second)]
    return oracle().believe(Window(parts[0], parts[1], asked))


def best(words: dict[str, float]) -> str:
    return max(words, key=words.__getitem__)


@cache
def items() -> list[Item]:
    return list(sample_items([tell(5, index) for index in range(40)], Corruption(), seed=1))


def test_food_tells_the_animal() -> None:
    first = "the ? looked at the sword and ? its ? ."
    second = "she gave the little animal bones from the knight ."
    belief = believe(first, second, asked=(1,))
    assert best(belief.words[0]) == "dog"


def test_word_is_recovered_from_the_other_side() -> None:
    first = "one sunny morning anna and lily went to the ? ."
    second = "full of joy , lily helped the gardener with the tulips ."
    assert best(believe(first, second, asked=(9,)).words[0]) == "garden"


@pytest.mark.parametrize(("names", "pronoun"), [(("anna", "lily"), "she"), (("ben", "tom"), "he")])
def test_pronoun_fits_the_children(names: tuple[str, str], pronoun: str) -> None:
    first = f"{names[0]} gave the apple to {names[1]} in the garden ."
    second = "? ate it in the garden ."
    assert best(believe(first, second, asked=(10,)).words[0]) == pronoun


def test_word_that_is_plainly_wrong_is_corrected() -> None:
    first = "one sunny morning anna and mia went to the garden ."
    second = "the gardener ladle the tulips for mia while the sunshine blazed ."
    assert best(believe(first, second, asked=(13,)).words[0]) == "watered"


def test_continuation_is_told_from_another_story() -> None:
    first = "one sunny morning anna and mia went to the garden ."
    assert believe(first, "the gardener watered the tulips for mia while the sunshine blazed .").next_probability > 0.9
    assert believe(first, "the farmer drove the tractor for tom while the wind howled .").next_probability < 0.1


def test_beliefs_are_probabilities() -> None:
    for item in items()[:2]:
        belief = oracle().believe(item.window)
        assert 0 <= belief.next_probability <= 1
        assert len(belief.words) == len(item.answers)
        assert all(0.9 < sum(words.values()) < 1.0001 for words in belief.words)


def test_windows_are_made_as_google_makes_them() -> None:
    for item in items():
        words = item.window.first + item.window.second
        assert len(item.window.first) > 0
        assert len(item.window.second) > 0
        assert len(words) <= LENGTH
        assert len(item.window.asked) == len(item.answers) == max(1, round(0.15 * len(words)))
        first, second = item.origins[0].telling, item.origins[-1].telling
        assert item.is_next == (first is second)


def test_oracle_is_right_more_often_than_any_cheap_rival_and_within_its_bound() -> None:
    ceiling: Ceiling = measure(items()[:4])
    assert 0.8 < ceiling.mlm <= ceiling.mlm_bound + 2 * ceiling.mlm_error
    assert ceiling.nsp >= 0.5
    assert ceiling.windows == 4


def test_recorded_ceiling_leaves_the_cheap_rivals_far_below() -> None:
    """A count model of both neighbours reaches .54, a classifier of overlapping words .64."""
    assert MEASURED.mlm <= MEASURED.mlm_bound
    assert 0.65 * MEASURED.mlm > 0.54
    assert 0.75 * MEASURED.nsp > 0.65


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.plot.name)
def test_chains_of_plots_end_after_their_last_step(path: object) -> None:
    chain = next(each for each in paths() if each is path)
    assert chain.first.sum() == pytest.approx(1)
    assert chain.follows[-1].sum() == pytest.approx(0)
    assert chain.follows.sum(1).max() == pytest.approx(1)
    assert chain.anywhere.sum() == pytest.approx(1)
