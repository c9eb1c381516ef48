"""You against the baby, on the screen."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from game.toy import PIECES, toy_deck
from textual.app import App
from textual.message import Message
from textual.pilot import Pilot

from babybert_tui.game.items import Guess, ModelGuess, Task
from babybert_tui.game.score import ROUND, Player
from babybert_tui.sanitise import sanitise
from babybert_tui.tui.app import BabyBertApp
from babybert_tui.tui.game.dealer import Dealt
from babybert_tui.tui.game.hand import Hand
from babybert_tui.tui.game.inside import Inside, inside_of
from babybert_tui.tui.history import State
from babybert_tui.tui.screens.play import GameTable, Play
from babybert_tui.tui.themes import EXTRA_VARIABLES, THEMES
from tui.inspect_room import pane_of
from tui.waiting import shown, until, until_state

pytestmark = pytest.mark.asyncio
MakeApp = Callable[..., BabyBertApp]


class OpenHanded:
    """Deals from the toy deck, at once; its baby always takes the first choice."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.post = post
        self.deck = toy_deck()
        self.failure = ""

    def deal(self, number: int) -> None:
        card = self.deck.card(number)
        shares = tuple(1 / 2**at for at in range(1, len(card.item.choices) + 1))
        top = ((card.item.choices[0], 0.5),) if card.item.task is Task.BLANK else ()
        said = ModelGuess(Guess(0, 0.5), shares, top, 1)
        hand = Hand(card, said, PIECES, "first at step 300", "toys", "nsp")
        self.post(Dealt(failure=self.failure) if self.failure else Dealt(hand))

    def end(self) -> None:
        pass


class Table(App[None]):
    """Nothing but the game."""

    CSS_PATH: ClassVar[str] = "../../babybert_tui/tui/app.tcss"
    results: ClassVar[list[Inside | None]] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return EXTRA_VARIABLES

    def on_mount(self) -> None:
        self.register_theme(THEMES[0])
        self.theme = THEMES[0].name
        self.results.clear()
        self.dealers: list[OpenHanded] = []

        def dealer(post: Callable[[Message], object]) -> Any:
            self.dealers.append(OpenHanded(post))
            return self.dealers[-1]

        self.push_screen(Play(dealer), self.results.append)


def play_of(pilot: Pilot[Any]) -> Play:
    assert isinstance(pilot.app.screen, Play)
    return pilot.app.screen


async def dealt(pilot: Pilot[Any]) -> Hand:
    await until_open(pilot)
    hand = play_of(pilot).hand
    assert hand is not None
    return hand


async def until_open(pilot: Pilot[Any]) -> None:
    for _ in range(200):
        await pilot.pause()
        hand = play_of(pilot).hand
        if hand is not None and hand.is_open:
            return
    raise AssertionError("nothing was dealt")


async def test_a_key_answers_and_the_truth_is_shown_only_then() -> None:
    async with Table().run_test(size=(80, 24)) as pilot:
        hand = await dealt(pilot)
        truth = hand.card.item.truth
        assert "▁▁▁" in shown(pilot)
        assert "✓" not in shown(pilot)
        await pilot.press(str(truth + 1))
        assert "Right. It was" in shown(pilot)
        assert f"✓ {hand.choices[truth]}" in shown(pilot)
        assert "▁▁▁" not in shown(pilot)
        assert play_of(pilot).score.of(Player.YOU) == (1, 1)


async def test_an_answer_cannot_be_changed() -> None:
    async with Table().run_test(size=(80, 24)) as pilot:
        hand = await dealt(pilot)
        wrong = (hand.card.item.truth + 1) % len(hand.choices)
        await pilot.press(str(wrong + 1), str(hand.card.item.truth + 1))
        assert "No. It was" in shown(pilot)
        assert play_of(pilot).score.of(Player.YOU) == (0, 1)


async def test_arrows_and_enter_choose_and_go_on() -> None:
    async with Table().run_test(size=(80, 24)) as pilot:
        await dealt(pilot)
        await pilot.press("down", "down", "enter")
        assert play_of(pilot).hand.chosen == 2
        await pilot.press("enter")
        assert (await dealt(pilot)).card.item.task is Task.PAIR
        assert "B follows A" in shown(pilot)


async def test_the_mouse_chooses_and_goes_on() -> None:
    async with Table().run_test(size=(120, 36)) as pilot:
        await dealt(pilot)
        first = pilot.app.screen.query_one(GameTable)._first_choice
        assert await pilot.click(GameTable, offset=(6, first + 3))
        assert play_of(pilot).hand.chosen == 3
        assert await pilot.click(GameTable, offset=(6, 0))
        assert (await dealt(pilot)).card.item.task is Task.PAIR


async def test_a_round_ends_with_a_line_to_share_and_another_can_follow() -> None:
    async with Table().run_test(size=(80, 24)) as pilot:
        seen = []
        for number in range(ROUND):
            seen.append((await dealt(pilot)).card.item.ids.tolist())
            await pilot.press("1", *(["enter"] if number < ROUND - 1 else []))
        score = play_of(pilot).score
        assert score.is_over
        await pilot.press("enter", "y")
        assert play_of(pilot).score is score, "a round that is over stays"
        assert f"you {score.of(Player.YOU)[0]}/{ROUND}" in pilot.app.clipboard
        assert f"the baby (first at step 300) {score.of(Player.BABY)[0]}/{ROUND}" in pilot.app.clipboard
        await pilot.press("n")
        assert (await dealt(pilot)).card.item.ids.tolist() not in seen
        assert play_of(pilot).score.answered == ()


async def test_everybody_stands_where_they_chose() -> None:
    async with Table().run_test(size=(120, 36)) as pilot:
        hand = await dealt(pilot)
        await pilot.press("1")
        line = next(row for row in shown(pilot).split("\n") if hand.choices[0] in row and "you" in row)
        assert "you, baby" in line
        assert play_of(pilot).score.of(Player.COUNTING) == (int(hand.card.counting.choice == hand.card.item.truth), 1)


async def test_a_failure_is_said_and_enter_tries_again() -> None:
    async with Table().run_test(size=(80, 24)) as pilot:
        await dealt(pilot)
        dealer = pilot.app.dealers[0]
        dealer.failure = "The text is [red]gone[/]."
        await pilot.press("1", "enter")
        await pilot.pause()
        assert "The text is [red]gone[/]." in shown(pilot)
        dealer.failure = ""
        await pilot.press("enter")
        await dealt(pilot)


async def test_escape_leaves() -> None:
    async with Table().run_test(size=(80, 24)) as pilot:
        await dealt(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert Table.results == [None]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_it_fits(size: tuple[int, int]) -> None:
    async with Table().run_test(size=size) as pilot:
        for _ in range(4):
            await dealt(pilot)
            await pilot.press("2")
            text = shown(pilot)
            assert text == sanitise(text, keep_newlines=True)
            assert "guessing" in text
            assert "hidden words" in text
            assert "Esc leave" in text
            await pilot.press("enter")


async def test_a_question_is_looked_at_from_inside() -> None:
    card = toy_deck().card(0)
    inside = inside_of(Hand(card, None, PIECES, "m", "toys", "nsp", chosen=0))
    assert inside.masks == (card.item.position,)
    ids = card.item.ids.copy()
    ids[card.item.position] = card.item.choices[card.item.truth]
    pieces = [PIECES[number].removeprefix("##") for number in ids.tolist()]
    said = (inside.text_a + inside.text_b).replace(" ", "")
    assert said == "".join(piece for piece in pieces if piece not in ("[CLS]", "[SEP]"))


async def test_it_is_played_against_the_run_on_its_own_held_out_text(make_app: MakeApp) -> None:
    app = make_app(trains=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_state(pilot, State.FINISHED)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, Play) and app.screen.hand is not None)
        run = app.trainer.history.view().run
        hand = play_of(pilot).hand
        assert hand.name == f"{run} at step 40"
        assert hand.corpus.endswith("small.txt")
        assert hand.model is not None
        await pilot.press("1", "i")
        await until(pilot, lambda: app.screen is app.bench and app.bench._room == "inspect")
        pane = pane_of(pilot)
        await until(pilot, lambda: pane.look is not None and pane.look.request is pane._request)
        await until(pilot, lambda: pane.question.masks == (hand.card.item.position,))
        await until(pilot, lambda: pane.look.trace is not None and pane.look.request is pane._request)
        [masked] = pane.look.trace.masked
        assert masked.original == hand.choices[hand.card.item.truth]
        found = next(one for one in pane.look.trace.predictions if one.position == masked.position)
        assert found.probability == pytest.approx(hand.model.probabilities[hand.card.item.truth], rel=1e-3)
