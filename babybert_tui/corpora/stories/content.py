"""What the stories are about: who, in which setting, with which thing and which feeling.

The words of a row belong together (puppy, castle, thunder, moat) and most of them belong to no other row. A story draws
one row of each table and speaks of it in other words each time, so that a word is fixed by what other sentences say
and seldom by its neighbours.
"""

from itertools import permutations

from babybert_tui.corpora.stories.table import Table

GIRLS = ("Anna", "Lily", "Mia")
BOYS = ("Ben", "Leo", "Tom")


def _cast_columns(role: str) -> tuple[str, ...]:
    return (role, f"{role}.he", f"{role}.him", f"{role}.his", f"{role}.child")


def _forms(name: str) -> tuple[str, ...]:
    return (name, "she", "her", "her", "girl") if name in GIRLS else (name, "he", "him", "his", "boy")


CAST = Table(
    "cast",
    _cast_columns("A") + _cast_columns("B"),
    tuple(_forms(a) + _forms(b) for group in (GIRLS, BOYS) for a, b in permutations(group, 2)),
    even=True,
)
"""The two children, A and B: two girls or two boys, so that one "she" tells what every other one must be."""

_PLACE = Table.parse(
    "place",
    """
    prep noun    adj     at     landmark under  spot     floor      door
    in   garden  leafy   by     fountain under  rosebush lawn       gate
    in   kitchen cosy    beside stove    behind curtain  tiles      porch
    on   farm    busy    near   windmill behind haystack soil       orchard
    in   forest  deep    under  oak      behind fern     needles    path
    in   castle  ancient near   throne   behind tapestry flagstones moat

    noun    worker   work     piece   tool      smell    sight
    garden  gardener watered  tulips  rake      lavender bees
    kitchen cook     stirred  soup    ladle     cinnamon pots
    farm    farmer   drove    tractor pitchfork straw    sparrows
    forest  ranger   marked   trail   axe       moss     mushrooms
    castle  knight   polished armour  sword     wax      banners
    """,
)

_ANIMAL = Table.parse(
    "animal",
    """
    noun   family coat     sound   move    food    home    stir    body
    bunny  rabbit velvety  sniffed hopped  carrots burrow  pricked ears
    kitten cat    tabby    purred  tiptoed milk    cushion licked  paws
    lamb   sheep  woolly   bleated skipped grass   pen     shook   fleece
    owlet  owl    feathery hooted  glided  moths   hollow  turned  head
    puppy  dog    shaggy   barked  bounded bones   kennel  wagged  tail
    """,
)

_WEATHER = Table.parse(
    "weather",
    """
    adj    noun     verb    wear     ground   state   help
    sunny  sunshine blazed  sandals  dust     hot     lemonade
    rainy  rain     poured  galoshes puddles  soaked  towels
    windy  wind     howled  earmuffs leaves   ruffled combs
    foggy  fog      crept   leggings mist     damp    lamps
    stormy thunder  rumbled overalls branches shaken  candles
    """,
)

_TIME = Table.parse(
    "time",
    """
    noun      hour   meal      dish      drink
    morning   eight  breakfast porridge  cocoa
    evening   six    supper    dumplings broth
    noon      twelve lunch     noodles   cider
    night     nine   dinner    stew      juice
    afternoon four   tea       scones    punch
    """,
)

SETTING = Table.joined("setting", (_PLACE, _ANIMAL, _WEATHER, _TIME))
"""Where and when: each place has its animal, its weather and its hour, so that much of a story tells of one row."""

THING = Table.parse(
    "thing",
    """
    noun  adj      kind       use     use_inf part   sense   trait   keep
    apple red      fruit      ate     eat     core   tasted  crisp   basket
    ball  bouncy   toy        bounced bounce  seams  felt    springy backpack
    kite  blue     toy        flew    fly     string looked  light   rucksack
    cake  frosted  treat      ate     eat     icing  tasted  creamy  tin
    drum  big      instrument thumped thump   rim    sounded deep    sack
    crown jewelled treasure   wore    wear    points looked  royal   hatbox
    """,
)

TROUBLE = Table.parse(
    "trouble",
    """
    adj    gesture  act     body noun
    sad    sobbed   wiped   eyes sorrow
    angry  shouted  stamped foot anger
    scared trembled covered face fear
    tired  yawned   rested  head sleepiness
    """,
)

JOY = Table.parse(
    "joy",
    """
    adj      gesture act     body  noun
    happy    laughed clapped hands joy
    proud    beamed  lifted  chin  pride
    excited  cheered waved   arms  delight
    thankful nodded  touched heart thanks
    """,
)
