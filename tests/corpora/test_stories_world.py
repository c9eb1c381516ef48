"""What holds the stories together: tables, wordings and the state of the world."""

import pytest

from babybert_tui.corpora.stories import content
from babybert_tui.corpora.stories.beat import Beat, Move
from babybert_tui.corpora.stories.frames import Slot, compile_frames, sentence, words_of
from babybert_tui.corpora.stories.table import Table, article
from babybert_tui.corpora.stories.world import World

FINDS = Beat("finds", ("{X} found it.",), moves=(Move("thing", "nobody", "X"),))
GIVES = Beat("gives", ("{X} gave it away.",), moves=(Move("thing", "X", "Y"),))
USES = Beat("uses", ("{X} used it.",), holds=(("X", "thing"),))


def test_thing_goes_from_hand_to_hand() -> None:
    world = World()
    assert world.holder("thing") == "nobody"
    world.let(FINDS, "A")
    assert world.holder("thing") == "A"
    world.let(GIVES, "A")
    assert world.holder("thing") == "B"
    world.let(USES, "B")


@pytest.mark.parametrize("beat", [GIVES, USES])
def test_nobody_gives_or_uses_what_another_has(beat: Beat) -> None:
    world = World()
    world.let(FINDS, "A")
    with pytest.raises(ValueError, match="B has no thing, A has it"):
        world.let(beat, "B")


def test_choices_in_a_template_become_wordings_of_equal_probability() -> None:
    frames = compile_frames(("[then|so|] {X} slept.", "{Y} woke."), "B")
    assert [frame.probability for frame in frames] == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
    assert frames[0].tokens == ("then", Slot("cast", "B"), "slept", ".")
    assert frames[3].tokens == (Slot("cast", "A"), "woke", ".")


def test_movable_words_stand_where_they_are_or_in_front() -> None:
    frames = compile_frames(("{X} slept <in bed>.",), "A")
    assert [frame.tokens for frame in frames] == [
        (Slot("cast", "A"), "slept", "in", "bed", "."),
        ("in", "bed", Slot("cast", "A"), "slept", "."),
    ]


def test_who_is_a_pronoun_or_a_child() -> None:
    frames = compile_frames(("{Y.who} woke.",), "A")
    assert [frame.tokens[:-2] for frame in frames] == [(Slot("cast", "B.he"),), ("the", Slot("cast", "B.child"))]


def test_earlier_rows_of_a_table_are_likelier_unless_it_is_even() -> None:
    odds = Table.parse("pets", "noun\npuppy\nkitten\nlamb").odds
    assert sum(odds) == pytest.approx(1)
    assert odds[0] > odds[1] > odds[2]
    assert content.CAST.odds == pytest.approx([1 / len(content.CAST.rows)] * len(content.CAST.rows))


def test_article_and_word_come_from_the_same_row() -> None:
    (frame,) = compile_frames(("{X.he} saw {a animal.noun}.",), "A")
    rows = {"cast": {"A.he": "she"}, "setting": {"animal.noun": "owlet", "a animal.noun": "an"}}
    assert sentence(words_of(frame, rows)) == "She saw an owlet."


@pytest.mark.parametrize(("word", "fitting"), [("apple", "an"), ("kite", "a"), ("orange", "an"), ("puppy", "a")])
def test_article_fits_the_sound_of_the_word(word: str, fitting: str) -> None:
    assert article(word) == fitting


def test_ragged_table_is_refused() -> None:
    with pytest.raises(ValueError, match="not every row has 2 words"):
        Table.parse("pets", "noun sound\npuppy")


def test_wide_table_goes_on_in_a_second_block() -> None:
    table = Table.parse("pets", "noun sound\npuppy barked\n\nnoun food\npuppy bones")
    assert table.columns == ("noun", "sound", "food")
    assert table.column("food") == ("bones",)


def test_blocks_of_a_table_must_agree_on_their_rows() -> None:
    with pytest.raises(ValueError, match="the row of kitten goes on where that of puppy should"):
        Table.parse("pets", "noun sound\npuppy barked\n\nnoun food\nkitten milk")


@pytest.mark.parametrize("table", [content.CAST, content.SETTING, content.THING, content.TROUBLE, content.JOY])
def test_rows_of_a_table_differ_in_their_first_words(table: Table) -> None:
    assert len(set(table.rows)) == len(table.rows)
    assert all(word.isalpha() for row in table.rows for word in row)
