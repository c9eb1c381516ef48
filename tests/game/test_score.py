"""Who was right how often, and how it is told to others."""

from babybert_tui.game.items import Task
from babybert_tui.game.score import ROUND, Answered, Player, Score, shared_line
from babybert_tui.game.wording import written


def after(*rows: tuple[Task, dict[Player, bool]]) -> Score:
    score = Score()
    for task, right in rows:
        score = score.with_answer(Answered(task, right))
    return score


SCORE = after(
    (Task.BLANK, {Player.YOU: True, Player.BABY: False}),
    (Task.PAIR, {Player.YOU: False, Player.BABY: True, Player.GUESSING: True}),
    (Task.BLANK, {Player.YOU: True, Player.BABY: True}),
)


def test_right_answers_are_counted_for_each_task_and_for_both() -> None:
    assert SCORE.of(Player.YOU) == (2, 3)
    assert SCORE.of(Player.YOU, Task.BLANK) == (2, 2)
    assert SCORE.of(Player.YOU, Task.PAIR) == (0, 1)


def test_who_did_not_answer_was_neither_right_nor_wrong() -> None:
    assert SCORE.of(Player.GUESSING) == (1, 1)
    assert SCORE.squares(Player.GUESSING) == "·■·"
    assert SCORE.squares(Player.YOU) == "■□■"


def test_a_round_is_over_after_its_last_question() -> None:
    one = (Task.BLANK, {Player.YOU: True})
    assert not after(*[one] * (ROUND - 1)).is_over
    assert after(*[one] * ROUND).is_over


def test_the_line_to_share_names_text_model_and_all_who_played() -> None:
    line = shared_line(SCORE, "first at step 300", "stories")
    assert "stories, held out" in line
    assert "you 2/3 ■□■" in line
    assert "the baby (first at step 300) 2/3 □■■" in line
    assert "counting" not in line
    assert "\n" not in line


def test_pieces_are_written_as_words_with_their_signs() -> None:
    assert "".join(written(["un", "##able", "dogs", ",", "ben", "!"])) == "unable dogs, ben!"
