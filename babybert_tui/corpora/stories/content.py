"""What the stories are about: who, where, when, which animal, which thing and which feeling.

The words of a row belong together (puppy, barked, kennel, bones) and most of them belong to no other row. A story draws
one row of each table and speaks of it in other words each time, so that a word is fixed by what other sentences say
and seldom by its neighbours.
"""

from itertools import product

from babybert_tui.corpora.stories.table import Table

GIRLS = ("Anna", "Clara", "Lily", "Mia", "Rosa")
BOYS = ("Ben", "Finn", "Leo", "Sam", "Tom")


def _cast_columns(role: str) -> tuple[str, ...]:
    return (role, f"{role}.he", f"{role}.him", f"{role}.his", f"{role}.child")


def _forms(name: str) -> tuple[str, ...]:
    return (name, "she", "her", "her", "girl") if name in GIRLS else (name, "he", "him", "his", "boy")


CAST = Table(
    "cast",
    _cast_columns("A") + _cast_columns("B"),
    tuple(
        _forms(first) + _forms(second)
        for girl, boy in product(GIRLS, BOYS)
        for first, second in ((girl, boy), (boy, girl))
    ),
    even=True,
)
"""The two children, A and B: always a girl and a boy, so that "she" and "he" say who is meant."""

WEATHER = Table.parse(
    "weather",
    """
    adj     noun     verb      wear      ground    state    help
    rainy   rain     poured    galoshes  puddles   soaked   towels
    snowy   snow     fell      boots     drifts    cold     blankets
    sunny   sunshine blazed    sandals   dust      hot      lemonade
    windy   wind     howled    earmuffs  leaves    ruffled  combs
    foggy   fog      crept     leggings  mist      damp     lamps
    stormy  thunder  rumbled   overalls  branches  shaken   candles
    frosty  frost    glittered gloves    icicles   numb     mittens
    breezy  breeze   whispered shorts    blossoms  sneezy   handkerchiefs
    """,
)

TIME = Table.parse(
    "time",
    """
    noun       hour    meal       dish       drink
    morning    eight   breakfast  porridge   cocoa
    noon       twelve  lunch      noodles    cider
    afternoon  four    tea        scones     punch
    evening    six     supper     dumplings  broth
    """,
)

PLACE = Table.parse(
    "place",
    """
    prep noun      adj       at     landmark   under   spot      floor       door
    in   garden    leafy     by     fountain   under   rosebush  lawn        gate
    in   kitchen   cosy      beside stove      behind  curtain   tiles       porch
    on   beach     wide      near   lighthouse behind  dune      sand        pier
    on   farm      busy      near   windmill   behind  haystack  soil        orchard
    in   forest    deep      under  oak        behind  fern      needles     path
    in   library   quiet     near   ladder     between shelves   carpet      archway
    at   market    crowded   beside scales     under   stall     cobbles     alley
    in   castle    ancient   near   throne     behind  tapestry  flagstones  moat
    by   river     winding   beside mill       under   bridge    pebbles     ferry
    in   classroom cheerful  near   blackboard behind  globe     mat         corridor
    in   bakery    warm      by     oven       under   counter   flour       hallway
    in   workshop  cluttered by     bench      under   planks    shavings    doorway
    at   harbour   salty     near   crane      between crates    deck        gangway
    at   station   noisy     by     kiosk      under   staircase platform    tunnel
    at   fair      jolly     by     carousel   under   tent      gravel      turnstile

    noun      worker    work      piece    tool      smell     sight
    garden    gardener  watered   tulips   rake      lavender  bees
    kitchen   cook      stirred   soup     ladle     cinnamon  pots
    beach     lifeguard coiled    rope     flag      seaweed   gulls
    farm      farmer    drove     tractor  pitchfork straw     sparrows
    forest    ranger    marked    trail    axe       moss      mushrooms
    library   librarian stamped   cards    pencil    paper     books
    market    grocer    weighed   potatoes apron     spices    barrels
    castle    knight    polished  armour   sword     wax       banners
    river     fisherman cast      line     bucket    reeds     swans
    classroom teacher   drew      letters  ruler     ink       desks
    bakery    baker     kneaded   dough    whisk     vanilla   loaves
    workshop  carpenter sanded    stool    hammer    sawdust   nails
    harbour   sailor    mended    nets     anchor    tar       ships
    station   conductor checked   tickets  lantern   smoke     suitcases
    fair      clown     painted   faces    sponge    popcorn   lights
    """,
)

ANIMAL = Table.parse(
    "animal",
    """
    noun      family    coat      sound     move       food      home     stir      body
    puppy     dog       shaggy    barked    bounded    bones     kennel   wagged    tail
    kitten    cat       tabby     purred    tiptoed    milk      cushion  licked    paws
    duckling  duck      fluffy    quacked   waddled    crumbs    pond     flapped   wings
    bunny     rabbit    velvety   sniffed   hopped     carrots   burrow   pricked   ears
    mouse     rodent    grey      squeaked  scurried   cheese    hole     twitched  whiskers
    lamb      sheep     woolly    bleated   skipped    grass     pen      shook     fleece
    owlet     owl       feathery  hooted    glided     moths     hollow   turned    head
    foal      horse     glossy    neighed   galloped   oats      stable   tossed    mane
    chick     hen       downy     cheeped   pattered   corn      coop     spread    fluff
    piglet    pig       pink      grunted   trotted    turnips   sty      wrinkled  snout
    froglet   frog      slippery  croaked   leapt      flies     swamp    puffed    throat
    squirrel  rodent    nimble    chattered scampered  nuts      nest     hid       claws
    parrot    bird      colourful squawked  fluttered  seeds     perch    clicked   beak
    cub       bear      furry     growled   lumbered   honey     cave     scratched belly
    """,
)

THING = Table.parse(
    "thing",
    """
    noun      adj       kind        use       use_inf   part      sense    trait     keep
    apple     red       fruit       ate       eat       core      tasted   crisp     basket
    ball      bouncy    toy         bounced   bounce    seams     felt     springy   backpack
    kite      blue      toy         flew      fly       string    looked   light     rucksack
    cake      frosted   treat       ate       eat       icing     tasted   creamy    tin
    drum      big       instrument  thumped   thump     rim       sounded  deep      sack
    crown     jewelled  treasure    wore      wear      points    looked   royal     hatbox
    doll      delicate  toy         dressed   dress     curls     looked   pretty    pram
    pear      green     fruit       munched   munch     stalk     tasted   juicy     bowl
    boat      wooden    toy         sailed    sail      mast      looked   sturdy    satchel
    bell      shiny     instrument  rang      ring      clapper   sounded  clear     pocket
    coin      silver    treasure    spun      spin      edge      felt     thin      purse
    plum      purple    fruit       ate       eat       stone     tasted   sweet     bag
    bun       sticky    treat       gobbled   gobble    raisins   smelled  sugary    wrapper
    teddy     brown     toy         cuddled   cuddle    nose      felt     soft      knapsack
    shell     pearly    treasure    rinsed    rinse     curl      felt     smooth    pail
    guitar    curvy     instrument  strummed  strum     neck      sounded  lively    cover
    orange    round     fruit       peeled    peel      juice     smelled  fresh     net
    key       rusty     treasure    rubbed    rub       teeth     felt     heavy     envelope
    train     painted   toy         pushed    push      wheels    looked   speedy    carton
    pie       golden    treat       sliced    slice     crust     smelled  spicy     tray
    lollipop  striped   treat       licked    lick      stick     tasted   minty     jar
    robot     clunky    toy         wound     wind      buttons   sounded  squeaky   toolbox
    trumpet   gleaming  instrument  blew      blow      valves    sounded loud      trunk
    map       folded    treasure    studied   study     corners   looked   faded     tube
    """,
)

TROUBLE = Table.parse(
    "trouble",
    """
    adj      gesture   act       body      noun
    sad      sobbed    wiped     eyes      sorrow
    angry    shouted   stamped   foot      anger
    scared   trembled  covered   face      fear
    tired    yawned    rested    head      sleepiness
    worried  sighed    bit       lip       worries
    puzzled  frowned   scratched chin      doubts
    shy      blushed   hid       cheeks    shyness
    """,
)

JOY = Table.parse(
    "joy",
    """
    adj       gesture   act      body      noun
    happy     laughed   clapped  hands     joy
    proud     beamed    lifted   chin      pride
    excited   cheered   waved    arms      delight
    thankful  nodded    touched  heart     thanks
    surprised gasped    raised   eyebrows  wonder
    merry     giggled   tapped   toes      glee
    """,
)
