"""Next-sentence pairs made as Google's BERT is described to make them, in plain Python, one token at a time.

Written from the description of the algorithm (Devlin et al. 2018, appendix A.2; the comments of google-research/bert)
as the yardstick for our own. Tokens are lists of ints; nothing here is fast.
"""

import random
from dataclasses import dataclass

Sentence = list[int]


@dataclass
class PublishedPair:
    """One example before the special tokens, and what is known of how it came about."""

    a: list[int]
    b: list[int]
    is_random: bool
    a_cut: tuple[int, int]  # tokens lost at its front and at its back
    b_cut: tuple[int, int]
    short: bool
    sentences: int  # in the chunk that A, and B where it follows, came from
    b_follows: list[int]  # the tokens that stand after A in the document, up to the end of the chunk


def published_pairs(
    documents: list[list[Sentence]], number: int, max_length: int, short_probability: float, rng: random.Random
) -> list[PublishedPair]:
    """The examples of one document."""
    document = documents[number]
    room = max_length - 3  # [CLS], [SEP], [SEP]
    target, short = room, False
    if rng.random() < short_probability:
        target, short = rng.randint(2, room), True
    pairs = []
    chunk: list[Sentence] = []
    place = 0
    while place < len(document):
        chunk.append(document[place])
        if place == len(document) - 1 or sum(map(len, chunk)) >= target:
            a_sentences = rng.randint(1, len(chunk) - 1) if len(chunk) > 1 else 1
            a = [token for sentence in chunk[:a_sentences] for token in sentence]
            follows = [token for sentence in chunk[a_sentences:] for token in sentence]
            is_random = len(chunk) == 1 or rng.random() < 0.5
            if is_random:
                b = random_sentences(documents, number, target - len(a), rng)
                place -= len(chunk) - a_sentences  # these were not used: they begin the next chunk
            else:
                b = list(follows)
            a_cut, b_cut = cut_longer_one(a, b, room, rng)
            pairs.append(PublishedPair(a, b, is_random, a_cut, b_cut, short, len(chunk), follows))
            chunk = []
        place += 1
    return pairs


def random_sentences(documents: list[list[Sentence]], number: int, wanted: int, rng: random.Random) -> list[int]:
    other = number
    while other == number:
        other = rng.randrange(len(documents))
    found: list[int] = []
    for sentence in documents[other][rng.randrange(len(documents[other])) :]:
        found += sentence
        if len(found) >= wanted:
            break
    return found


def cut_longer_one(
    a: list[int], b: list[int], room: int, rng: random.Random
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Takes one token after another from the longer of the two, at its front or at its back."""
    cut = {"a": [0, 0], "b": [0, 0]}
    while len(a) + len(b) > room:
        name, longer = ("a", a) if len(a) > len(b) else ("b", b)
        if rng.random() < 0.5:
            del longer[0]
            cut[name][0] += 1
        else:
            longer.pop()
            cut[name][1] += 1
    return (cut["a"][0], cut["a"][1]), (cut["b"][0], cut["b"][1])
