"""The plots: which things happen in which order, and which rows each story may draw."""

from dataclasses import dataclass, field

from babybert_tui.corpora.stories import beats_animal as animal
from babybert_tui.corpora.stories import beats_feeling as feeling
from babybert_tui.corpora.stories import beats_scene as scene
from babybert_tui.corpora.stories import beats_thing as thing
from babybert_tui.corpora.stories import content
from babybert_tui.corpora.stories.beat import Beat
from babybert_tui.corpora.stories.table import Table

Step = tuple[Beat, str]
"""A beat and the child that plays its role X."""

Stage = tuple[tuple[Step, ...], ...]
"""Equally likely ways to tell one part of a story, each a run of steps; an empty one leaves the part out."""

TOYS = content.THING.where("kind", "toy", "instrument")
FOODS = content.THING.where("kind", "fruit", "treat")
THINGS = content.THING
PLAYTHINGS = content.THING.where("kind", "toy", "instrument", "treasure")
TREATS_AND_TREASURES = content.THING.where("kind", "fruit", "treat", "treasure")


@dataclass(frozen=True)
class Plot:
    """A story's skeleton: its stages in order, and the table that each of its latents is drawn from."""

    name: str
    stages: tuple[Stage, ...]
    tables: dict[str, Table] = field(default_factory=dict)


def _run(*steps: Step) -> Stage:
    return (steps,)


def _maybe(*steps: Step) -> Stage:
    return (steps, ())


def _either(*runs: tuple[Step, ...]) -> Stage:
    return runs


_OPEN: Stage = (((scene.OPENS, "A"),), ((scene.OPENS, "B"),))
_LOOK: Stage = (
    ((scene.WEATHER, "A"),),
    ((scene.WEATHER, "B"),),
    ((scene.PLACE, "A"), (scene.WEATHER, "A")),
    ((scene.WEATHER, "B"), (scene.PLACE, "B")),
    ((scene.PLACE, "B"), (scene.WORKER, "A")),
    ((scene.WORKER, "B"), (scene.WEATHER, "A")),
)
_PAUSE: Stage = (
    (),
    ((scene.WEATHER, "A"),),
    ((scene.WORKER, "A"),),
    ((scene.PLACE, "B"),),
    ((scene.WORKER, "B"),),
)
_CLOSE: Stage = (
    ((scene.CLOSES, "A"),),
    ((scene.CLOSES, "B"),),
    ((feeling.BOTH_GLAD, "A"), (scene.CLOSES, "A")),
    ((feeling.BOTH_GLAD, "B"), (scene.CLOSES, "B")),
)
_ANIMAL_CLOSE: Stage = (
    ((animal.GOES_HOME, "A"), (scene.CLOSES, "B")),
    ((animal.GOES_HOME, "B"), (scene.CLOSES, "A")),
    ((scene.CLOSES, "A"), (animal.GOES_HOME, "B")),
)
_VISIT: Stage = (
    ((animal.ARRIVES, "A"), (animal.ACTS, "A")),
    ((animal.ARRIVES, "B"), (animal.ACTS, "B")),
)


def _plot(name: str, things: Table, *stages: Stage, other: Table | None = None) -> Plot:
    tables = {
        "cast": content.CAST,
        "setting": content.SETTING,
        "thing": things,
        "trouble": content.TROUBLE,
        "joy": content.JOY,
    }
    return Plot(name, stages, tables | ({"other": other} if other else {}))


PLOTS = (
    _plot(
        "a gift",
        PLAYTHINGS,
        _OPEN,
        _LOOK,
        _either(((thing.FINDS, "A"),), ((thing.EARNS, "A"),)),
        _run((thing.ADMIRES, "A")),
        _run((thing.WANTS, "B")),
        _either((), *_VISIT),
        _run((thing.GIVES, "A"), (feeling.JOY, "B"), (thing.USES, "B")),
        _CLOSE,
    ),
    _plot(
        "lost and found",
        PLAYTHINGS,
        _OPEN,
        _run((thing.BRINGS, "A")),
        _either(((thing.USES, "A"),), ((thing.ADMIRES, "A"),)),
        _LOOK,
        _run((thing.LOSES, "A"), (feeling.TROUBLE, "A")),
        _maybe((feeling.COMFORTS, "B")),
        _run((thing.SEARCHES, "B")),
        _either(
            ((thing.FINDS_AGAIN, "B"), (thing.RESTORES, "B"), (feeling.JOY, "A")),
            ((animal.ARRIVES, "A"), (animal.FETCHES, "A"), (feeling.JOY, "A")),
            ((thing.SEARCHES, "A"), (thing.FINDS_AGAIN, "A"), (feeling.JOY, "A")),
        ),
        _CLOSE,
    ),
    _plot(
        "the thief",
        THINGS,
        _OPEN,
        _run((thing.BRINGS, "A")),
        _maybe((thing.ADMIRES, "A")),
        _PAUSE,
        _run((animal.ARRIVES, "B"), (animal.TAKES, "A"), (feeling.TROUBLE, "A")),
        _either(
            ((animal.TRADES, "B"), (thing.RESTORES, "B")),
            ((feeling.COMFORTS, "B"), (animal.TRADES, "A")),
        ),
        _run((feeling.JOY, "A")),
        _maybe((thing.USES, "A")),
        _ANIMAL_CLOSE,
    ),
    _plot(
        "hide and seek",
        PLAYTHINGS,
        _OPEN,
        _PAUSE,
        _run((thing.BRINGS, "A"), (thing.ADMIRES, "A")),
        _either((), *_VISIT),
        _run((thing.HIDES, "A"), (thing.SEARCHES, "B")),
        _maybe((feeling.TROUBLE, "B")),
        _PAUSE,
        _run((thing.FINDS_AGAIN, "B"), (feeling.JOY, "B")),
        _maybe((thing.USES, "B")),
        _CLOSE,
    ),
    _plot(
        "half for you",
        FOODS,
        _OPEN,
        _LOOK,
        _run((thing.BRINGS, "A"), (thing.WANTS, "B")),
        _maybe((feeling.TROUBLE, "B")),
        _run((thing.SHARES, "A"), (thing.ATE_TOGETHER, "A")),
        _either(((animal.ARRIVES, "A"), (animal.ACTS, "B"), (animal.FEEDS, "A")), ((feeling.BOTH_GLAD, "B"),)),
        _PAUSE,
        _CLOSE,
    ),
    _plot(
        "something sweet",
        FOODS,
        _OPEN,
        _LOOK,
        _either(((thing.BRINGS, "A"),), ((thing.EARNS, "A"),)),
        _maybe((thing.ADMIRES, "A")),
        _run((thing.WANTS, "B"), (thing.GIVES, "A")),
        _maybe((feeling.JOY, "B")),
        _run((thing.USES, "B")),
        _either((), *_VISIT),
        _PAUSE,
        _CLOSE,
    ),
    _plot(
        "broken and mended",
        TOYS,
        _OPEN,
        _run((thing.BRINGS, "A"), (thing.WANTS, "B")),
        _PAUSE,
        _run((thing.GIVES, "A"), (thing.BREAKS, "B"), (feeling.TROUBLE, "B")),
        _maybe((feeling.COMFORTS, "A")),
        _run((thing.MENDS, "B")),
        _either(((thing.USES, "B"),), ((thing.RETURNS, "B"),), ((feeling.JOY, "B"), (thing.RETURNS, "B"))),
        _PAUSE,
        _CLOSE,
    ),
    _plot(
        "a swap",
        TREATS_AND_TREASURES,
        _OPEN,
        _LOOK,
        _run((thing.BRINGS, "A"), (thing.HAS_OTHER, "B")),
        _maybe((thing.ADMIRES, "A")),
        _run((thing.SWAPS, "A")),
        _either(((thing.USES_OTHER, "A"), (thing.USES, "B")), ((thing.USES, "B"), (thing.USES_OTHER, "A"))),
        _PAUSE,
        _CLOSE,
        other=TOYS,
    ),
    _plot(
        "a lost animal",
        TOYS,
        _OPEN,
        _LOOK,
        _run((animal.ARRIVES, "A"), (animal.IN_NEED, "B")),
        _run((thing.BRINGS, "B"), (animal.CALMS, "B")),
        _maybe((animal.ACTS, "A")),
        _either(((animal.FEEDS, "A"),), ((animal.FEEDS, "B"), (animal.ACTS, "B"))),
        _PAUSE,
        _ANIMAL_CLOSE,
    ),
    _plot(
        "first you, then me",
        PLAYTHINGS,
        _OPEN,
        _either(((thing.FINDS, "B"),), ((thing.BRINGS, "B"),), ((thing.EARNS, "B"),)),
        _run((thing.USES, "B"), (thing.WANTS, "A")),
        _LOOK,
        _run((thing.GIVES, "B"), (thing.USES, "A")),
        _maybe((feeling.JOY, "A")),
        _run((thing.RETURNS, "A")),
        _CLOSE,
    ),
)
