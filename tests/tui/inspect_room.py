"""The app with Inspect open on a small random model, and waiting for what it finds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import torch
from textual.pilot import Pilot
from transformers import BertConfig, BertForPreTraining

from babybert_tui.configuration import Configuration
from babybert_tui.inspection.request import InspectRequest
from babybert_tui.settings import build
from babybert_tui.tokenization import SPECIAL_TOKENS, make_tokenizer, save_tokenizer
from babybert_tui.tui.app import BabyBertApp, Opening
from babybert_tui.tui.history import State
from babybert_tui.tui.inspect.pane import InspectPane
from babybert_tui.tui.inspect.question import Look

from .waiting import app_of, until, until_state

_PIECES = "anna gave the cake to ben . he ate it in bed un ##able ##s a ##a b ##b [unused1]"
WORDS = [*SPECIAL_TOKENS, *_PIECES.split()]
TEXT_A, TEXT_B = "anna gave the cake to ben .", "he ate it in bed ."
LAYERS, HEADS = 3, 4


def save_model(directory: Path, seed: int = 1) -> Path:
    torch.manual_seed(seed)
    shape = {"hidden_size": 32, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 48}
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=48, initializer_range=0.3, **shape)
    BertForPreTraining(config).save_pretrained(directory)
    save_tokenizer(make_tokenizer(WORDS, max_length=48), directory)
    return directory


def save_run(folder: Path, steps: tuple[int, ...]) -> Path:
    """A run as its folder looks to those who only want its weights."""
    folder.mkdir(parents=True)
    (folder / "run.toml").write_text("schema = 1\n", encoding="utf-8")
    for step in steps:
        save_model(folder / f"step-{step:06d}", seed=step)
    return folder


def app_on(
    checkpoint: Path | None, checkpoints_dir: Path, text_a: str = TEXT_A, text_b: str | None = TEXT_B, **options: Any
) -> BabyBertApp:
    spec = None if checkpoint is None else str(checkpoint)
    request = InspectRequest(text_a, text_b, checkpoint=spec, checkpoints_dir=checkpoints_dir, **options)
    configuration = Configuration(build({}), "baby", frozenset())
    state = checkpoints_dir / "state" / "app.json"
    return BabyBertApp(Opening(configuration, checkpoints_dir, state_path=state, inspect=request))


@asynccontextmanager
async def opened(app: BabyBertApp, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[Any]]:
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.screen.query(InspectPane)))
        await settled(pilot)
        yield pilot


def pane_of(pilot: Pilot[Any]) -> InspectPane:
    found: InspectPane = pilot.app.screen_stack[0].query_one(InspectPane)
    return found


def look_of(pilot: Pilot[Any]) -> Look:
    look = pane_of(pilot).look
    assert look is not None
    assert not look.failure, look.failure
    return look


async def look_at_training(pilot: Pilot[Any]) -> InspectPane:
    """Opens the room while a model trains, until there is a look at that model."""
    app = app_of(pilot)
    await until_state(pilot, State.TRAINING)
    await until(pilot, lambda: app.trainer.session is not None)
    await pilot.press("2")
    pane = pane_of(pilot)
    await until(pilot, lambda: pane.look is not None and pane.look.trace is not None)
    return pane


async def settled(pilot: Pilot[Any]) -> None:
    """What was asked is answered and on the screen."""
    pane = pane_of(pilot)
    await until(pilot, lambda: pane.look is not None and pane.look.request is pane._request)
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
