"""What happens around the children: the opening, the weather, the place and the people who work there, the close."""

from babybert_tui.corpora.stories.beat import Beat

OPENS = Beat(
    "opens",
    (
        "One {weather.adj} {time.noun} {X} and {Y} went to the {place.noun}.",
        "{X} and {Y} spent {a weather.adj} {time.noun} {place.prep} the {place.noun}.",
        "The {time.noun} was {weather.adj} when {X} met {Y} {place.prep} the {place.noun}.",
        "After {time.meal} {X} took {Y} to the {place.adj} {place.noun}.",
        "{Y} waited for {X} {place.prep} the {place.adj} {place.noun} one {time.noun}.",
        "In {weather.adj} weather {X} liked to be {place.prep} the {place.noun} with {Y}.",
        "{X} ran through the {weather.ground} to the {place.noun}, and {Y} ran after {X.him}.",
        "It was {a weather.adj} {time.noun}, and {X} played {place.prep} the {place.noun} with {Y}.",
    ),
)

WEATHER = Beat(
    "weather",
    (
        "The {weather.noun} {weather.verb} beyond the {place.door} and made the {X.child} {weather.state}.",
        "Their {weather.wear} were {weather.state} from the {weather.ground} near the {place.door}.",
        "Because of the {weather.ground} {X.he} had come in {weather.wear} and looked {weather.state}.",
        "{X.he} was so {weather.state} that {X.he} asked for {weather.help} before {time.meal}.",
        "Past the {place.door} the {weather.noun} {weather.verb} until the clock struck {time.hour}.",
        "The {weather.noun} {weather.verb}, so {X.he} kept {X.his} {weather.wear} near the {place.door}.",
        "{Y.he} had {weather.help} for the {weather.state} {X.child} when the clock struck {time.hour}.",
        "{X.he} left {X.his} {weather.state} {weather.wear} by the {place.door} until {time.meal}.",
    ),
)

PLACE = Beat(
    "place",
    (
        "The {joy.adj} {X.child} counted the {place.sight} and loved the smell of {place.smell}.",
        "{X.he} loved the smell of {place.smell}, but {Y} had come for the {place.sight}.",
        "Even in the {weather.noun} the air smelled of {place.smell}, and {X.he} was {joy.adj}.",
        "{X.he} {joy.gesture} when {X.he} saw all the {place.sight} in the {weather.noun}.",
        "That {time.noun} smelled of {place.smell} and {time.drink}, and {X.he} {joy.gesture}.",
        "Before {time.meal} the {X.child} showed {Y.him} {place.sight} that smelled of {place.smell}.",
    ),
)

WORKER = Beat(
    "worker",
    (
        "The {place.worker} {place.work} the {place.piece} while the {weather.noun} {weather.verb}.",
        "Before {time.meal} {X.he} watched how the {place.worker} {place.work} the {place.piece}.",
        "The {place.worker} {joy.gesture} at {X} and {place.work} the {place.piece}.",
        "The {joy.adj} {X.child} helped the {place.worker} with the {place.piece}.",
        "The {place.worker} offered {X.him} some {time.drink} and {place.work} the {place.piece}.",
        "{X.he} was {joy.adj}, for {X.he} {place.work} the {place.piece} with the {place.worker}.",
    ),
)

CLOSES = Beat(
    "closes",
    (
        "When the clock struck {time.hour}, {X} and {Y} went home through the {weather.ground}.",
        "Over {time.dish} and {time.drink} {X.he} told the {place.worker} all about the {thing.kind}.",
        "At {time.meal} the {X.child} had {time.dish} and talked about {a thing.adj} {thing.kind}.",
        "It was time for {time.meal}, so {X.he} took {X.his} {weather.wear} from the {place.door}.",
        "The {weather.noun} {weather.verb} no more when the {place.worker} called them to {time.meal}.",
        "They had {time.dish} with the {place.worker}, and the {X.child} {joy.gesture} again.",
        "That was the best {time.noun} {X} and {Y} ever had {place.prep} the {place.noun}.",
        "Then the {place.worker} put away the {place.tool} and made {time.dish} for the {joy.adj} {X.child}.",
    ),
)
