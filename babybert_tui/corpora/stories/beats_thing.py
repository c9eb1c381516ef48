"""What the children do with the thing of the story: who has it, who wants it, who gets it, and where it is."""

from babybert_tui.corpora.stories.beat import Beat, Move

BRINGS = Beat(
    "brings",
    (
        "{X} had {a thing.adj} {thing.noun} in {X.his} {thing.keep} <{place.at} the {place.landmark}>.",
        "{X} had something {thing.adj} to {thing.use_inf} in {X.his} {thing.keep} <{place.at} the {place.landmark}>.",
        "{X.who} opened {X.his} {thing.keep} <{place.at} the {place.landmark}> and showed {Y.him} {a thing.noun}.",
        "{X.who} had brought {a thing.noun} to {thing.use_inf} <{place.at} the {place.landmark}>.",
        "{X.who} sat {place.at} the {place.landmark} and took {a thing.adj} {thing.kind} out of {X.his} {thing.keep}.",
        "The {X.child} {place.at} the {place.landmark} wanted to {thing.use_inf} what was in {X.his} {thing.keep}.",
    ),
    moves=(Move("thing", "nobody", "X"),),
)

FINDS = Beat(
    "finds",
    (
        "{X.who} found {a thing.adj} {thing.noun} <{place.under} the {place.spot}>.",
        "Something {thing.adj} lay {place.under} the {place.spot}, and the {X.child} picked it up.",
        "While {Y.he} slept, {X.he} found {a thing.noun} {place.under} the {place.spot}.",
        "{X.who} saw something {thing.adj} to {thing.use_inf} <{place.under} the {place.spot}> and took it.",
        "{X.who} saw {a thing.adj} {thing.kind} <{place.under} the {place.spot}> and took it.",
        "Nobody came to {thing.use_inf} the {thing.noun} {place.under} the {place.spot}, so {X.he} took it.",
    ),
    moves=(Move("thing", "nobody", "X"),),
)

EARNS = Beat(
    "earns",
    (
        "{X.who} cleaned the {place.tool}, and {a thing.adj} {thing.noun} was {X.his} reward.",
        "{X.who} got {a thing.adj} {thing.kind}, because {X.he} had found the lost {place.tool}.",
        "For the help with the {place.tool} the {X.child} got something {thing.adj} to {thing.use_inf}.",
        "{X.who} gave away {a place.tool} and got {a thing.noun} for it.",
    ),
    moves=(Move("thing", "nobody", "X"),),
)

ADMIRES = Beat(
    "admires",
    (
        "It {thing.sense} {thing.trait}, and the {joy.adj} {X.child} loved the {thing.part}.",
        "{X.who} touched the {thing.part} <on the {place.floor}>, and it {thing.sense} {thing.trait}.",
        "What {a thing.trait} {thing.kind} the {joy.adj} {X.child} had!",
        "{X.who} let {Y.him} touch the {thing.part} <on the {place.floor}>.",
        "It {thing.sense} so {thing.trait} that {X.he} danced on the {place.floor}.",
        "{X.his} {thing.kind} {thing.sense} {thing.trait} and made {X.him} {joy.adj}.",
    ),
    holds=(("X", "thing"),),
)

WANTS = Beat(
    "wants",
    (
        "{X.who} wanted to {thing.use_inf} it too <on the {place.floor}>, but {Y.he} had it.",
        "The {trouble.adj} {X.child} looked at the {thing.part} and asked {Y.him} for the {thing.kind}.",
        "{X.who} was {trouble.adj} and asked {Y} if the {thing.kind} {thing.sense} {thing.trait}.",
        "How the {X.child} on the {place.floor} wished to {thing.use_inf} such {a thing.trait} {thing.kind}!",
        "{X.who} {trouble.gesture}, because {X.he} had nothing to {thing.use_inf} on the {place.floor}.",
        "{X.who} {trouble.gesture} <on the {place.floor}>, for {Y.he} had {a thing.kind} and {X.he} had none.",
    ),
    holds=(("Y", "thing"),),
)

GIVES = Beat(
    "gives",
    (
        "{X} gave the {thing.noun} to {Y} <{place.prep} the {place.noun}>.",
        "{X} put it into {Y.his} hands <{place.at} the {place.landmark}>, full of {joy.noun}.",
        "So {X.he} went to the {place.landmark} and gave it to the {trouble.adj} {Y.child}.",
        "{Y.who} held out {Y.his} hands for the {thing.part} <{place.at} the {place.landmark}>, and {X.he} gave it.",
        "{X.who} said that {Y.he} could have the {thing.kind} {place.at} the {place.landmark} until {time.meal}.",
        "{Y.who} {trouble.gesture} no more, for {X.he} gave {Y.him} the {thing.noun}.",
        "Because the {Y.child} liked the {thing.part}, {X.he} gave {Y.him} the {thing.kind} before {time.meal}.",
    ),
    moves=(Move("thing", "X", "Y"),),
)

USES = Beat(
    "uses",
    (
        "{X.who} {thing.use} it <{place.prep} the {place.noun}>.",
        "The {joy.adj} {X.child} {thing.use} the {thing.kind} <{place.prep} the {place.noun}>.",
        "{X.who} {thing.use} it where the air smelled of {place.smell}.",
        "{X.who} {thing.use} the {thing.noun} until the {weather.noun} {weather.verb}.",
        "Now {X} {thing.use} it, and {Y} watched the {thing.part}.",
        "{X} {thing.use} it <before {time.meal}>, and it {thing.sense} {thing.trait}.",
        "{X.who} was full of {joy.noun} and {thing.use} it <{place.prep} the {place.noun}>.",
    ),
    holds=(("X", "thing"),),
)

LOSES = Beat(
    "loses",
    (
        "But the {thing.keep} fell open {place.at} the {place.landmark}, and {X.he} lost the {thing.kind}.",
        "{X.who} looked into {X.his} {thing.keep} <before {time.meal}>, but the {thing.noun} was gone.",
        "{X.who} put the {thing.kind} down <{place.at} the {place.landmark}>, and then {X.he} could not find it.",
        "{X.who} wanted to {thing.use_inf} again, but {X.his} {thing.keep} was empty.",
        "The {weather.noun} {weather.verb}, {X.he} ran to the {place.landmark}, and the {thing.noun} was gone.",
    ),
    moves=(Move("thing", "X", "spot"),),
)

HIDES = Beat(
    "hides",
    (
        "{X.who} hid the {thing.noun} <{place.under} the {place.spot}>.",
        "While {Y} closed {Y.his} eyes, {X.he} hid it {place.under} the {place.spot}.",
        "{X.who} put something {thing.adj} <{place.under} the {place.spot}> and said nothing to {Y.him}.",
        "For fun the {X.child} hid the {thing.kind} from {Y.him} {place.under} the {place.spot}.",
    ),
    moves=(Move("thing", "X", "spot"),),
)

SEARCHES = Beat(
    "searches",
    (
        "{X.who} looked <{place.at} the {place.landmark}>, but there were only {place.sight} and no {thing.kind}.",
        "{X.who} asked about {a thing.adj} {thing.kind} <{place.at} the {place.landmark}>.",
        "The {trouble.adj} {X.child} searched <among the {place.sight}> for something {thing.adj}.",
        "{X.who} did not see the {thing.part} <among the {place.sight}>, and {X.he} {trouble.gesture}.",
        "{X.who} moved the {place.tool}, but there was nothing to {thing.use_inf}.",
        "{X.who} searched among the {place.sight} for the {thing.noun} <until {time.meal}>.",
    ),
    holds=(("spot", "thing"),),
)

FINDS_AGAIN = Beat(
    "finds again",
    (
        "{X.who} saw the {thing.part} <{place.under} the {place.spot}> and pulled out the {thing.kind}.",
        "At last {X.he} found the {thing.noun} {place.under} the {place.spot}.",
        "{X.who} felt something <{place.under} the {place.spot}>, and it {thing.sense} {thing.trait}.",
        "There it was, {place.under} the {place.spot}, and {X.he} {thing.use} it at once.",
        "{X.who} found the {thing.kind} {place.under} the {place.spot} <when the {weather.noun} {weather.verb}>.",
    ),
    moves=(Move("thing", "spot", "X"),),
)

RETURNS = Beat(
    "returns",
    (
        "{X.who} ran over the {place.floor} and gave {Y.him} back the {thing.noun}.",
        "{X.who} gave it back <on the {place.floor}>, and {Y.he} put it into {Y.his} {thing.keep}.",
        "{Y} got {Y.his} {thing.adj} {thing.kind} back from {X} <on the {place.floor}>.",
        "{X.who} gave back the {thing.trait} {thing.kind} to {Y} <before {time.meal}>.",
    ),
    moves=(Move("thing", "X", "Y"),),
)

RESTORES = Beat(
    "restores",
    (
        "{Y.who} was not {trouble.adj} any more, for {X.he} gave {Y.him} back the {thing.noun}.",
        "{X.who} ran over the {place.floor} and gave it back to the {trouble.adj} {Y.child}.",
        "{Y.who} {trouble.gesture} no more, for {X} came with {Y.his} {thing.kind}.",
        "{X.who} gave it back <on the {place.floor}>, and {Y.he} put it into {Y.his} {thing.keep}.",
        "{Y} got {Y.his} {thing.adj} {thing.kind} back from {X} <on the {place.floor}>.",
    ),
    moves=(Move("thing", "X", "Y"),),
)

SHARES = Beat(
    "shares",
    (
        "{X.who} broke the {thing.noun} in two <on the {place.floor}> and gave {Y.him} half.",
        "{X.who} cut the {thing.kind} <on the {place.floor}>, and {Y.he} got the {thing.part}.",
        "So {X.he} gave {Y.him} half of the {thing.trait} {thing.kind} before {time.meal}.",
        "{X} shared the {thing.kind} with the {trouble.adj} {Y.child} <on the {place.floor}>.",
    ),
    moves=(Move("thing", "X", "both"),),
)

ATE_TOGETHER = Beat(
    "ate together",
    (
        "They {thing.use} it <{place.prep} the {place.noun}>, and it {thing.sense} {thing.trait}.",
        "{X} and {Y} {thing.use} the {thing.kind} until only the {thing.part} was left.",
        "They {thing.use} it <{place.prep} the {place.noun}> and forgot about {time.meal}.",
        "It {thing.sense} so {thing.trait} that the {X.child} and {Y} {joy.gesture}.",
    ),
    holds=(("both", "thing"),),
)

BREAKS = Beat(
    "breaks",
    (
        "{X.who} {thing.use} it too fast <on the {place.floor}>, and the {thing.part} came off.",
        "The {thing.noun} fell down <on the {place.floor}>, and {X.he} saw the broken {thing.part}.",
        "{X.who} dropped the {thing.kind} <on the {place.floor}>, and the {thing.part} broke.",
        "{X.who} let go and broke the {thing.noun} <when the {weather.noun} {weather.verb}>.",
    ),
    holds=(("X", "thing"),),
)

MENDS = Beat(
    "mends",
    (
        "The {place.worker} put down the {place.tool} and mended the {thing.part} for {X.him}.",
        "{X.who} took the {thing.noun} to the {place.worker}, and soon it was whole again.",
        "{X.who} held the {thing.part} while the {place.worker} mended the {thing.kind}.",
        "With some glue the {place.worker} and the {X.child} mended the {thing.noun}.",
    ),
    holds=(("X", "thing"),),
)

HAS_OTHER = Beat(
    "has another",
    (
        "{X} had {a other.adj} {other.noun} in {X.his} {other.keep} <that {time.noun}>.",
        "{X.who} took {a other.kind} <from {X.his} {other.keep}>, and it {other.sense} {other.trait}.",
        "{X.who} had no {thing.kind}, but {X.he} had {a other.adj} {other.noun}.",
        "{X.who} showed {Y.him} the {other.part} of {a other.adj} {other.kind}.",
    ),
    moves=(Move("other", "nobody", "X"),),
)

SWAPS = Beat(
    "swaps",
    (
        "{X.who} gave {Y.him} the {thing.noun} and got the {other.kind} for it.",
        "{X.who} gave {Y.him} the {thing.kind}, and {Y.he} gave {X.him} the {other.noun}.",
        "{X.who} wanted to {other.use_inf}, {Y.he} wanted to {thing.use_inf}, and so they swapped.",
        "{Y.who} got the {thing.kind}, and the {X.child} got the {other.noun}.",
    ),
    moves=(Move("thing", "X", "Y"), Move("other", "Y", "X")),
)

USES_OTHER = Beat(
    "uses the other",
    (
        "{X.who} {other.use} the {other.kind} <{place.prep} the {place.noun}>.",
        "Full of {joy.noun}, {X.he} {other.use} it on the {place.floor}.",
        "Now the {joy.adj} {X.child} {other.use} it, and it {other.sense} {other.trait}.",
        "{X.who} {other.use} it <on the {place.floor}> and liked the {other.part}.",
    ),
    holds=(("X", "other"),),
)
