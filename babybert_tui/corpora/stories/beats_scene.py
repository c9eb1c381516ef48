"""What happens around the children: the opening, the weather, the place and the people who work there, the close."""

from babybert_tui.corpora.stories.beat import Beat

OPENS = Beat(
    "opens",
    (
        "{X} and {Y} went to the {place.noun} <one {weather.adj} {time.noun}>.",
        "{X} and {Y} spent {a weather.adj} {time.noun} {place.prep} the {place.noun}.",
        "The {time.noun} was {weather.adj} when {X} met {Y} {place.prep} the {place.noun}.",
        "{X} took {Y} to the {place.adj} {place.noun} <before {time.meal}>.",
        "{Y} waited for {X} {place.prep} the {place.adj} {place.noun} <one {time.noun}>.",
        "{X} liked to be {place.prep} the {place.noun} with {Y} <in {weather.adj} weather>.",
        "{X} ran through the {weather.ground} to the {place.noun}, and {Y} ran after {X.him}.",
        "It was {a weather.adj} {time.noun}, and {X} played {place.prep} the {place.noun} with {Y}.",
    ),
)

WEATHER = Beat(
    "weather",
    (
        "The {weather.noun} {weather.verb} <beyond the {place.door}> and made {X} {weather.state}.",
        "{X} and {Y} were {weather.state} from the {weather.ground} near the {place.door}.",
        "{X} came from the {place.door} in {weather.wear}, all {weather.state} from the {weather.ground}.",
        "{X.who} was so {weather.state} <by the {place.door}> that {X.he} asked for {weather.help} at {time.hour}.",
        "The {weather.noun} {weather.verb} <past the {place.door}> until the clock struck {time.hour}.",
        "The {weather.noun} {weather.verb}, so {X.he} kept {X.his} {weather.wear} near the {place.door}.",
        "{Y} had {weather.help} for the {weather.state} {X.child} <by the {place.door}>.",
        "{X} left {X.his} {weather.wear} by the {place.door}, {weather.state} from the {weather.ground}.",
    ),
)

PLACE = Beat(
    "place",
    (
        "{X} and {Y} counted the {place.sight} and loved the smell of {place.smell}.",
        "{X} loved the smell of {place.smell}, but {Y} had come for the {place.sight}.",
        "Even in the {weather.noun} the air smelled of {place.smell}, and {X.he} was {joy.adj}.",
        "{X.who} was full of {joy.noun} <in the {weather.noun}> when {X.he} saw the {place.sight}.",
        "The {joy.adj} {X.child} smelled {time.drink} and {place.smell} <that {time.noun}>.",
        "{X} showed {Y.him} the {place.sight} <before {time.meal}>, and they smelled {place.smell}.",
    ),
)

WORKER = Beat(
    "worker",
    (
        "The {place.worker} {place.work} the {place.piece} for {X} while the {weather.noun} {weather.verb}.",
        "{X} watched how the {place.worker} {place.work} the {place.piece} <before {time.meal}>.",
        "The {place.worker} {joy.gesture} at {X} and {place.work} the {place.piece}.",
        "Full of {joy.noun}, {X} helped the {place.worker} with the {place.piece}.",
        "The {place.worker} offered {X} some {time.drink} and {place.work} the {place.piece}.",
        "{X} was {joy.adj}, for {X.he} {place.work} the {place.piece} with the {place.worker}.",
    ),
)

CLOSES = Beat(
    "closes",
    (
        "{X} and {Y} went home through the {weather.ground} <when the clock struck {time.hour}>.",
        "{X.who} talked about {place.sight} and {a thing.trait} {thing.kind} <over {time.dish} and {time.drink}>.",
        "{X} had {time.dish} and talked about {a thing.adj} {thing.kind} <at {time.meal}>.",
        "It was time for {time.meal}, so {X.he} took {X.his} {weather.wear} from the {place.door}.",
        "The {weather.noun} {weather.verb} no more when the {place.worker} called them to {time.meal}.",
        "They had {time.dish} with the {place.worker}, and {X} {joy.act} {X.his} {joy.body}.",
        "That was the best {time.noun} {X} and {Y} ever had {place.prep} the {place.noun}.",
        "Then the {place.worker} put away the {place.tool} and made {time.dish} for the {joy.adj} {X.child}.",
    ),
)
