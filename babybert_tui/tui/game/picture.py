"""The game as lines of coloured cells: the text, the choices, who chose which, and the score."""

from collections.abc import Iterator

from rich.cells import cell_len

from babybert_tui.game.items import Item, Task
from babybert_tui.game.score import Player, Score
from babybert_tui.game.wording import written
from babybert_tui.render.bars import bar
from babybert_tui.render.cells import Cell, Line, line_width, text_lines
from babybert_tui.render.figures import fraction_or_less
from babybert_tui.render.labels import clipped, fitted, visible, wrapped
from babybert_tui.render.palette import Ink, Palette, Role
from babybert_tui.tui.game.hand import Hand
from babybert_tui.tui.inspect.cursor_ink import cursor_patch

_BLANK = " ▁▁▁▁▁▁ "
_LABEL = 4  # "A  "
_NAME, _STATEMENT = 17, 26
_BAR, _FIGURE = 10, 7
_COLUMN, _LABELS = 18, 15

TASKS = {
    "blank": ("Which word is hidden?", "BERT's first task, masked language modelling"),
    "nsp": ("Does B follow A in the text?", "BERT's second task, next sentence prediction"),
    "sop": ("Are A and B in order, or swapped?", "ALBERT's second task, sentence order"),
}


_RULES = {
    Player.BABY: "the model, as it is at this step; it sees what you see and has to choose like you",
    Player.COUNTING: "knows which words stood between the same two neighbours, and how many words A and B share",
    Player.GUESSING: "always names the commonest of the words, or the commoner of the two answers",
}
_RULE_LABEL = 11


def task_line(hand: Hand, width: int, palette: Palette) -> Line:
    """What is asked, and what the task is called."""
    question, name = TASKS["blank" if hand.card.item.task is Task.BLANK else hand.objective]
    rest = clipped(f"  {name}", width - cell_len(question), palette)
    return [Cell(question, palette.text(Role.HEADING)), Cell(rest, palette.text(Role.MUTED))]


def passage_lines(hand: Hand, width: int, palette: Palette) -> list[Line]:
    """A and B as running text, each from a line of its own; the hidden word is shown once it was guessed."""
    lines: list[Line] = []
    for segment, letter, role in ((0, "A", Role.SEGMENT_A), (1, "B", Role.SEGMENT_B)):
        places = _places(hand, segment)
        if not places:
            continue
        label = [Cell(f" {letter}  ", palette.text(role, bold=True))]
        for row in _wrapped(list(_words(hand, places, role, palette)), width - _LABEL):
            lines.append([*label, *row])
            label = [Cell(" " * _LABEL)]
    return lines


def _places(hand: Hand, segment: int) -> list[int]:
    """The tokens of A or B, without [CLS] and [SEP], which stand at both ends."""
    item = hand.card.item
    special = {"[CLS]", "[SEP]", "[PAD]"}
    return [
        at
        for at, number in enumerate(item.ids.tolist())
        if int(item.segments[at]) == segment and hand.pieces[number] not in special
    ]


def _words(hand: Hand, places: list[int], role: Role, palette: Palette) -> Iterator[list[Cell]]:
    """Each with the space before it; what belongs to one word, or stands right after it, stays together."""
    item = hand.card.item
    texts = written([hand.pieces[int(item.ids[at])] for at in places])
    word: list[Cell] = []
    for at, text in zip(places, texts, strict=True):
        if text.startswith(" ") and word:
            yield word
            word = []
        word.append(_piece(hand, item, at, text, role, palette))
    yield word


def _piece(hand: Hand, item: Item, at: int, text: str, role: Role, palette: Palette) -> Cell:
    if at != item.position:
        return Cell(visible(text.removeprefix(" ")), palette.text(role) if role is Role.SEGMENT_B else Ink())
    if hand.is_open:
        return Cell(_BLANK if not palette.ascii_only else " ______ ", palette.chip(Role.MASKED))
    return Cell(f" {visible(hand.choices[item.truth])} ", palette.chip(Role.MASKED))


def _wrapped(words: list[list[Cell]], width: int) -> Iterator[Line]:
    line: Line = []
    for word in words:
        if line and line_width(line) + 1 + line_width(word) > width:
            yield line
            line = []
        line += [*([Cell(" ")] if line else []), *word]
    yield line


def choice_line(hand: Hand, index: int, width: int, palette: Palette, *, is_here: bool) -> Line:
    """A choice with its key; once the question is answered, how likely the model found it and who chose it."""
    name_width = _NAME if hand.card.item.task is Task.BLANK else _STATEMENT
    name = fitted(visible(hand.choices[index]), name_width, palette)
    pointer = palette.signs.right if is_here and hand.is_open else " "
    ink = _choice_ink(hand, index, palette, is_here=is_here)
    line = [
        Cell(f" {pointer}{index + 1} ", palette.text(Role.MUTED)),
        Cell(f" {_mark(hand, index, palette)}{name}", ink),
    ]
    if hand.is_open:
        return line
    line += _shares(hand, index, palette)
    return [*line, *_voters(hand, index, width - line_width(line), palette)]


def _choice_ink(hand: Hand, index: int, palette: Palette, *, is_here: bool) -> Ink:
    if hand.is_open:
        return cursor_patch(palette) if is_here else Ink(bold=True)
    if index == hand.card.item.truth:
        return palette.text(Role.ORIGINAL, bold=True)
    return palette.text(Role.UNKNOWN) if index == hand.chosen else palette.text(Role.MUTED)


def _mark(hand: Hand, index: int, palette: Palette) -> str:
    if hand.is_open:
        return ""
    right, wrong = ("+ ", "x ") if palette.ascii_only else ("✓ ", "✗ ")
    return right if index == hand.card.item.truth else wrong if index == hand.chosen else "  "


def _shares(hand: Hand, index: int, palette: Palette) -> Line:
    if hand.model is None:
        return []
    share = hand.model.probabilities[index]
    drawn = bar(share, _BAR, palette)
    return [
        Cell(f" {fraction_or_less(share):>5} "),
        Cell(drawn, palette.text(Role.BAR)),
        Cell(" " * (_BAR - cell_len(drawn))),
    ]


def _voters(hand: Hand, index: int, width: int, palette: Palette) -> Line:
    chosen = hand.chosen_by()
    names = [str(player) for player, choice in chosen.items() if choice == index]
    names = ["everybody"] if len(names) == len(chosen) else names
    return [Cell(clipped("  " + ", ".join(names) if names else "", max(0, width), palette), palette.text(Role.HEADING))]


def verdict_lines(hand: Hand, width: int, palette: Palette) -> list[Line]:
    """What came out, and what the model would have said without choices."""
    if hand.is_open:
        return []
    is_right = hand.chosen == hand.card.item.truth
    ink = palette.text(Role.ORIGINAL if is_right else Role.UNKNOWN, bold=True)
    verdict = [Cell(" Right. " if is_right else " No. ", ink), Cell(_truth_words(hand))]
    return [verdict, *([Cell(" "), *line] for line in text_lines(_free_words(hand), width - 2, palette))]


def _free_words(hand: Hand) -> str:
    """The model chooses among all words in training: what it would say there."""
    model = hand.model
    if model is None or not model.top:
        return ""
    said = ", ".join(f"{visible(hand.pieces[number])} {fraction_or_less(share)}" for number, share in model.top)
    rank = "" if model.rank == 1 else f" The true word is its number {model.rank:,}."
    return f"Of all {len(hand.pieces):,} pieces the baby finds likeliest: {said}.{rank}"


def _truth_words(hand: Hand) -> str:
    item = hand.card.item
    if item.task is Task.BLANK:
        return f"It was “{visible(hand.choices[item.truth])}”."
    return f"{hand.choices[item.truth]}."


def rules_lines(width: int, palette: Palette) -> list[Line]:
    """Who else plays, said before the first answer."""
    lines: list[Line] = []
    for player, words in _RULES.items():
        label = Cell(f" {player:<10}", palette.text(Role.HEADING))
        for row in wrapped(words, width - _RULE_LABEL):
            lines.append([label, Cell(row, palette.text(Role.MUTED))])
            label = Cell(" " * _RULE_LABEL)
    return lines


def score_lines(score: Score, width: int, palette: Palette) -> list[Line]:
    """A column each player, a line each task."""
    players = [player for player in Player if score.of(player)[1]]
    column = min(_COLUMN, (width - _LABELS) // len(players))
    head = [Cell(" " * _LABELS)]
    head += [Cell(fitted(str(player), column, palette), palette.text(Role.HEADING)) for player in players]
    lines = [head]
    for label, task in (("hidden words", Task.BLANK), ("pairs", Task.PAIR)):
        cells = [Cell(fitted(_tally(score, player, task), column, palette)) for player in players]
        lines.append([Cell(f" {label:<{_LABELS - 1}}", palette.text(Role.MUTED)), *cells])
    squares = [
        Cell(fitted(score.squares(player), column, palette), _squares_ink(player, palette)) for player in players
    ]
    return [*lines, [Cell(f" {'all':<{_LABELS - 1}}", palette.text(Role.MUTED)), *squares]]


def _tally(score: Score, player: Player, task: Task) -> str:
    right, count = score.of(player, task)
    return f"{right} of {count}" if count else "–"


def _squares_ink(player: Player, palette: Palette) -> Ink:
    return palette.text(Role.ORIGINAL if player is Player.YOU else Role.BAR if player is Player.BABY else Role.MUTED)
