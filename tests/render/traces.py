"""Made-up traces with the patterns that real heads show, for pictures and their tests."""

from collections.abc import Sequence

import numpy as np

from babybert_tui.inspection.head_statistics import head_statistics
from babybert_tui.inspection.trace import Candidate, Floats, MaskedToken, Prediction, Trace, UnknownWord

TEXT = "anna gave the cake to ben because he was sad and she found a warm ##ish apple near the old boat"
WORDS = TEXT.split()


def sentence_pair(n: int) -> tuple[list[str], list[int]]:
    """n tokens, `[CLS] … . [SEP] … . [SEP]` where there is room for a pair, and their segments."""
    if n < 8:
        tokens = ["[CLS]", *WORDS][: max(1, n - 1)] + (["[SEP]"] if n > 1 else [])
        return tokens[:n], [0] * n
    inner = n - 3
    first = inner // 2
    words = [WORDS[index % len(WORDS)] for index in range(inner)]
    a, b = words[:first], words[first:]
    a[-1] = b[-1] = "."
    return ["[CLS]", *a, "[SEP]", *b, "[SEP]"], [0] * (first + 2) + [1] * (len(b) + 1)


def pattern(kind: str, tokens: Sequence[str], generator: np.random.Generator) -> Floats:
    """An (n, n) attention map, rows summing to 1, of one of the kinds that Clark et al. 2019 describe."""
    n = len(tokens)
    scores = generator.normal(0, 0.5, (n, n))
    rows = np.arange(n)
    if kind == "previous":
        scores[rows, np.maximum(rows - 1, 0)] += 6
    elif kind == "next":
        scores[rows, np.minimum(rows + 1, n - 1)] += 6
    elif kind == "sep":
        scores[:, [index for index, token in enumerate(tokens) if token == "[SEP]"]] += 5
    elif kind == "cls":
        scores[:, 0] += 5
    elif kind == "self":
        scores[rows, rows] += 5
    elif kind == "random":
        scores *= 5
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


KINDS = ("previous", "sep", "broad", "random", "next", "cls", "self", "broad")


def make_trace(
    n: int = 16,
    layers: int = 4,
    heads: int = 4,
    *,
    tokens: Sequence[str] | None = None,
    masked: bool = True,
    seed: int = 0,
    checkpoint: str = "stories step 2,000",
) -> Trace:
    """A trace of n tokens whose heads differ from one another."""
    generator = np.random.default_rng(seed)
    pieces, segments = sentence_pair(n if tokens is None else len(tokens))
    pieces = list(pieces if tokens is None else tokens)
    n = len(pieces)
    special = np.array([piece in {"[CLS]", "[SEP]", "[PAD]"} for piece in pieces])
    hidden = _masked(pieces) if masked and n >= 8 else ()
    for token in hidden:
        pieces[token.position] = token.shown
    attention = np.stack(
        [
            np.stack([pattern(KINDS[(layer * 3 + head) % len(KINDS)], pieces, generator) for head in range(heads)])
            for layer in range(layers)
        ]
    )
    numbers = (tuple(range(1, layers + 1)), tuple(range(1, heads + 1)))
    words: list[int | None] = []
    for index, piece in enumerate(pieces):
        seen = [word for word in words if word is not None]
        new = len(seen) and seen[-1] + 1
        words.append(None if special[index] else seen[-1] if piece.startswith("##") and seen else new)
    return Trace(
        checkpoint=checkpoint,
        tokens=tuple(pieces),
        ids=generator.integers(5, 2000, n),
        words=tuple(words),
        segments=np.array(segments),
        special=special,
        masked=hidden,
        unknown=(UnknownWord("zyzzyva", (6,), (pieces[6],)),) if masked and n >= 16 else (),
        predictions=tuple(_prediction(token, generator) for token in hidden),
        is_next=0.9314,
        attention=attention,
        layers=numbers[0],
        head_numbers=numbers[1],
        heads=head_statistics(attention, pieces, special, *numbers),
        notes=(),
    )


def _masked(pieces: Sequence[str]) -> tuple[MaskedToken, ...]:
    found = [MaskedToken(2, pieces[2], "[MASK]", "mask")]
    if len(pieces) >= 12:
        found.append(MaskedToken(4, pieces[4], "shell", "random"))
        found.append(MaskedToken(8, pieces[8], pieces[8], "kept"))
    return tuple(found)


def _prediction(masked: MaskedToken, generator: np.random.Generator) -> Prediction:
    probabilities = np.sort(generator.dirichlet(np.full(8, 0.4)))[::-1]
    names = ["cake", "apple", "shell", "coat", masked.original or "boat"]
    top = tuple(Candidate(name, float(p)) for name, p in zip(names, probabilities, strict=False))
    return Prediction(masked.position, masked.original, 5, float(probabilities[4]), top)
