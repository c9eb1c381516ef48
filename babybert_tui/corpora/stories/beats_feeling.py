"""How the children feel about it, and how they show it."""

from babybert_tui.corpora.stories.beat import Beat

TROUBLE = Beat(
    "trouble",
    (
        "Without the {thing.noun} {X.he} {trouble.gesture} and {trouble.act} {X.his} {trouble.body}.",
        "{X} {trouble.gesture} and {trouble.act} {X.his} {trouble.body} <on the {place.floor}>.",
        "Full of {trouble.noun}, the {X.child} sat on the {place.floor} and {trouble.gesture}.",
        "{Y} asked why the {X.child} on the {place.floor} {trouble.act} {X.his} {trouble.body}.",
        "{X.who} was so {trouble.adj} about the {thing.part} that {X.he} {trouble.gesture}.",
        "The {trouble.adj} {X.child} {trouble.act} {X.his} {trouble.body} <on the {place.floor}>.",
    ),
)

COMFORTS = Beat(
    "comforts",
    (
        "{X} took {Y.his} hand by the {place.door}, for {Y.he} was full of {trouble.noun}.",
        "{X.who} told the {trouble.adj} {Y.child} to forget {Y.his} {trouble.noun} and the {thing.kind}.",
        "When {Y.he} {trouble.gesture}, {X.he} gave {Y.him} some {time.drink} by the {place.door}.",
        "{X.who} saw that {Y.he} {trouble.act} {Y.his} {trouble.body} and came from the {place.door}.",
        "{X.who} promised {Y} {time.dish} if {Y.he} forgot {Y.his} {trouble.noun}.",
    ),
)

JOY = Beat(
    "joy",
    (
        "{X} {joy.gesture} and {joy.act} {X.his} {joy.body} <among the {place.sight}>.",
        "{X.who} was so {joy.adj} with the {thing.noun} that {X.he} {joy.act} {X.his} {joy.body}.",
        "Full of {joy.noun}, {X.he} {joy.act} {X.his} {joy.body} and thanked {Y} among the {place.sight}.",
        "{Y.who} saw how {joy.adj} the {X.child} with the {thing.noun} was.",
        "{X.who} {joy.act} {X.his} {joy.body} and looked at the {thing.part} among the {place.sight}.",
        "The {joy.adj} {X.child} thanked {Y.him} for {a thing.trait} {thing.kind} and {joy.gesture}.",
    ),
    holds=(("X", "thing"),),
)

BOTH_GLAD = Beat(
    "both glad",
    (
        "{X} and {Y} {joy.gesture} <among the {place.sight}>, full of {joy.noun}.",
        "{X} and {Y} were {joy.adj}, and even the {place.worker} {joy.gesture}.",
        "Full of {joy.noun}, the {X.child} and {Y} danced round the {place.sight}.",
        "{X} and {Y} were so {joy.adj} that they danced in the {weather.noun}.",
    ),
)
