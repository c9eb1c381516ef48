"""What the animal of the story does. "It" is always the thing; the animal is named, or called by what it is."""

from babybert_tui.corpora.stories.beat import Beat, Move

ARRIVES = Beat(
    "arrives",
    (
        "{a animal.coat} {animal.noun} {animal.move} through the {place.door} and {animal.sound}.",
        "Through the {weather.ground} {a animal.noun} {animal.move} up to the {X.child}.",
        "Something {animal.coat} {animal.sound} near the {place.door}.",
        "{X.he} heard how {a animal.noun} {animal.sound} near the {place.door}.",
        "From the {place.door} came {a animal.coat} {animal.noun} that {animal.sound}.",
        "{a animal.noun} had left its {animal.home} and {animal.move} up to {X}.",
    ),
)

ACTS = Beat(
    "acts",
    (
        "The {animal.family} looked at the {place.tool} and {animal.stir} its {animal.body}.",
        "The little animal {animal.stir} its {animal.body} and wanted some {animal.food}.",
        "The {animal.coat} visitor {animal.move} round the {place.tool} and {animal.sound}.",
        "The {X.child} gave the {animal.family} some {animal.food} and {joy.gesture}.",
        "The {animal.family} wanted {animal.food} and {animal.stir} its {animal.body} at {X.him}.",
        "{X.he} {joy.gesture} when the little animal {animal.stir} its {animal.body} at the {place.tool}.",
    ),
)

TAKES = Beat(
    "takes",
    (
        "The {animal.family} took the {thing.noun} and {animal.move} round the {place.tool}.",
        "It {thing.sense} {thing.trait}, so the {animal.family} {animal.move} off with the {thing.kind}.",
        "The {animal.coat} thief {animal.stir} its {animal.body} and took the {thing.kind}.",
        "When {X.he} looked away, the little animal {animal.move} off with the {thing.part}.",
        "The {animal.family} {animal.stir} its {animal.body} and carried off {X.his} {thing.noun}.",
    ),
    moves=(Move("thing", "X", "animal"),),
)

TRADES = Beat(
    "trades",
    (
        "{X.he} offered some {animal.food}, and the {animal.family} dropped the {thing.kind}.",
        "For some {animal.food} {X.he} got the {thing.noun} from the {animal.coat} thief.",
        "The little animal liked the {animal.food} better, so {X.he} took back the {thing.noun}.",
        "The {X.child} held out {animal.food} until the {animal.family} gave up the {thing.part}.",
    ),
    moves=(Move("thing", "animal", "X"),),
)

FETCHES = Beat(
    "fetches",
    (
        "The {animal.family} {animal.move} up with the {thing.noun} and gave it to {X.him}.",
        "Out {animal.move} the {animal.coat} visitor, and it had the {thing.kind}.",
        "The little animal {animal.stir} its {animal.body}, and there {X.he} found the {thing.noun}.",
        "The {animal.family} pulled the {thing.part}, and the {X.child} had {X.his} {thing.kind} again.",
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
        "{X.he} {thing.use} it, and the {animal.family} {animal.stir} its {animal.body}.",
        "The little animal looked at the {thing.part} and {animal.stir} its {animal.body}.",
        "{X.he} {thing.use} the {thing.kind} softly, and the {animal.family} {animal.move} up to {Y.him}.",
        "It {thing.sense} {thing.trait}, and the {animal.family} {animal.move} up to the {X.child}.",
    ),
    holds=(("X", "thing"),),
)

FEEDS = Beat(
    "feeds",
    (
        "{X.he} fetched {animal.food} and {weather.help} for the {animal.coat} visitor.",
        "The {place.worker} had some {animal.food}, and {X.he} fed the {animal.family}.",
        "Soon the {animal.coat} guest {animal.sound} for more {animal.food} on the {place.floor}.",
        "{X.he} gave the {animal.family} {animal.food} from the {place.worker}.",
    ),
)

GOES_HOME = Beat(
    "goes home",
    (
        "The little animal {animal.move} past the {place.door} to its {animal.home}.",
        "Soon the {animal.family} {animal.sound} from its {animal.home} beyond the {place.door}.",
        "{X} and {Y} took the {animal.coat} guest back to its {animal.home}.",
        "Through the {weather.ground} the {animal.family} {animal.move} to its {animal.home}.",
        "At {time.meal} the {animal.coat} {animal.family} slept in its {animal.home}.",
    ),
)
