"""What the animal of the story does. "It" is always the thing; the animal is named, or called by what it is."""

from babybert_tui.corpora.stories.beat import Beat, Move

ARRIVES = Beat(
    "arrives",
    (
        "{a animal.coat} {animal.noun} {animal.move} from the {place.door} to the {X.child}.",
        "{a animal.noun} {animal.move} up to {X} <through the {weather.ground}>.",
        "Something {animal.coat} {animal.sound} <near the {place.door}>.",
        "{X.who} heard how {a animal.noun} {animal.sound} near the {place.door}.",
        "{a animal.coat} {animal.noun} {animal.sound} and came to {X} <from the {place.door}>.",
        "{a animal.noun} had left its {animal.home} and {animal.move} up to {X} and {Y}.",
    ),
)

ACTS = Beat(
    "acts",
    (
        "The {animal.family} looked at the {place.tool} and {animal.stir} its {animal.body}.",
        "The little animal {animal.stir} its {animal.body} for {animal.food} near the {place.tool}.",
        "The {animal.coat} visitor {animal.move} round the {place.tool} and {animal.sound}.",
        "The {joy.adj} {X.child} gave the {animal.family} some {animal.food}.",
        "The guest wanted {animal.food}, but {X} had only {a place.tool}.",
        "{X.who} laughed when the visitor {animal.stir} its {animal.body} at the {place.tool}.",
    ),
)

TAKES = Beat(
    "takes",
    (
        "The {animal.family} took the {thing.noun} and {animal.move} round the {place.tool}.",
        "It {thing.sense} {thing.trait}, so the {animal.family} {animal.move} off with the {thing.kind}.",
        "The {animal.coat} thief {animal.stir} its {animal.body} and took the {thing.kind}.",
        "When {X.he} looked away, the little animal {animal.move} off with the {thing.part}.",
        "The rascal {animal.stir} its {animal.body} and carried off {X.his} {thing.noun}.",
    ),
    moves=(Move("thing", "X", "animal"),),
)

TRADES = Beat(
    "trades",
    (
        "{X.who} offered some {animal.food}, and the rascal dropped the {thing.noun}.",
        "For some {animal.food} {X.he} got the {thing.noun} from the {animal.coat} thief.",
        "The little animal liked the {animal.food} better, so {X.he} took back the {thing.kind}.",
        "{X.who} held out {animal.food} until the rascal let go of the {thing.part}.",
    ),
    moves=(Move("thing", "animal", "X"),),
)

FETCHES = Beat(
    "fetches",
    (
        "The visitor {animal.move} up with the {thing.noun} and gave it to {X.him}.",
        "Out {animal.move} the {animal.coat} visitor, and it had the {thing.kind}.",
        "The little animal {animal.stir} its {animal.body}, and there {X.he} found the {thing.noun}.",
        "The guest pulled the {thing.part}, and the {X.child} had {X.his} {thing.kind} again.",
    ),
    moves=(Move("thing", "spot", "X"),),
)

IN_NEED = Beat(
    "in need",
    (
        "The poor {animal.family} was {weather.state} and {animal.stir} its {animal.body}.",
        "{X} saw that the little animal was {weather.state} and far from its {animal.home}.",
        "The {weather.noun} {weather.verb}, and the {animal.family} {animal.stir} its {animal.body}.",
        "The {animal.coat} animal was lost on the {place.floor} and wanted some {animal.food}.",
    ),
)

CALMS = Beat(
    "calms",
    (
        "{X.who} {thing.use} it, and the guest {animal.stir} its {animal.body}.",
        "The little animal looked at the {thing.part} and {animal.stir} its {animal.body}.",
        "{X.who} {thing.use} the {thing.kind} softly, and the visitor {animal.move} up to {Y.him}.",
        "It {thing.sense} {thing.trait}, and the {animal.family} {animal.move} up to the {X.child}.",
    ),
    holds=(("X", "thing"),),
)

FEEDS = Beat(
    "feeds",
    (
        "{X.who} fetched {animal.food} and {weather.help} for the {animal.coat} visitor.",
        "The {place.worker} had some {animal.food}, and {X.he} fed the visitor.",
        "Soon the {animal.coat} guest {animal.sound} for more {animal.food} on the {place.floor}.",
        "{X.who} gave the little animal {animal.food} from the {place.worker}.",
    ),
)

GOES_HOME = Beat(
    "goes home",
    (
        "The little animal {animal.move} past the {place.door} to its {animal.home}.",
        "Soon something {animal.sound} from the {animal.home} beyond the {place.door}.",
        "{X} and {Y} took the {animal.coat} guest back to its {animal.home}.",
        "The guest {animal.move} to its {animal.home} <through the {weather.ground}>.",
        "The {animal.coat} {animal.family} slept in its {animal.home} <at {time.meal}>.",
    ),
)
