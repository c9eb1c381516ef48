"""Training a WordPiece vocabulary that is the same, byte for byte, every time for the same text and size."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, CharDelimiterSplit
from tokenizers.trainers import WordPieceTrainer

from babybert_tui.errors import RequestError

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CONTINUATION = "##"
# A pair of pieces seen once is no regularity of the language; 2 is also the default of Hugging Face's BERT trainer.
_MIN_FREQUENCY = 2
_SEPARATOR = " "  # no word of BERT's has one
_REPETITIONS = 1000
_CHARACTERS_A_TEXT = 1 << 16
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]")  # BERT takes each other sign of ASCII for punctuation


def train_vocabulary(sentences: Iterable[str], size: int, *, lowercase: bool = True) -> list[str]:
    """Learns a WordPiece vocabulary of at most `size` tokens.

    The order is: the five special tokens, every character (alone and as a `##` continuation) in code point order,
    then the learned pieces, most valuable first. Text is cut into words exactly as BERT does (`BertNormalizer`,
    `BertPreTokenizer`); special tokens written literally in the text are ordinary text.

    Args:
        sentences: The text to learn from.
        size: Upper bound on the number of tokens; a small text yields fewer.
        lowercase: Lower-case the text and strip its accents first, as in the uncased BERT.

    Returns:
        The tokens; the index of a token is its id.

    Raises:
        RequestError: `size` leaves no room beside the special tokens, or the text holds no visible character.

    Source:
        Schuster and Nakajima (2012); Wu et al. (2016), section 4.1; the merges are those of `tokenizers`.
    """
    return learn_vocabulary(count_words(sentences, lowercase=lowercase), size)


def learn_vocabulary(words: Counter[str], size: int) -> list[str]:
    """Learns a vocabulary from the words of a text and how often each occurs; see `train_vocabulary`."""
    if size <= len(SPECIAL_TOKENS):
        raise RequestError(
            f"A vocabulary of {size} tokens has no room beside the {len(SPECIAL_TOKENS)} special tokens.",
            "Ask for a few hundred at least.",
        )
    characters = _character_pieces(words)
    if not characters:
        raise RequestError(
            "The text holds nothing to build a vocabulary from: no letter, digit or sign in it.",
            "Check what the corpus contains.",
        )
    room = size - len(SPECIAL_TOKENS)
    if len(characters) >= room:
        counts = _count_characters(words)
        kept = sorted(characters, key=lambda piece: (-counts[piece], piece))[:room]
        return [*SPECIAL_TOKENS, *sorted(kept)]
    return _merge(words, [*SPECIAL_TOKENS, *sorted(characters)], size)


def count_words(sentences: Iterable[str], *, lowercase: bool = True) -> Counter[str]:
    """Counts words as BERT's normalisation and word splitting leave them."""
    normalizer = BertNormalizer(lowercase=lowercase)
    pre_tokenizer = BertPreTokenizer()
    words: Counter[str] = Counter()
    for text, count in count_space_separated(sentences).items():
        plain = plain_words(text, lowercase=lowercase)  # the same in a tenth of the time
        if plain is None:
            plain = [word for word, _ in pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))]
        for word in plain:
            words[word] += count
    return words


def plain_words(text: str, *, lowercase: bool) -> list[str] | None:
    """Cuts a stretch without spaces as BERT does; None where more than ASCII's letters, digits and signs is in it."""
    if not (text.isascii() and text.isprintable()):
        return None
    return _ASCII_WORD.findall(text.lower() if lowercase else text)


def _character_pieces(words: Iterable[str]) -> set[str]:
    """The single-character pieces that spell all words: `c` at the start of a word, `##c` within."""
    within = set("".join([word[1:] for word in words]))
    return {word[0] for word in words} | {CONTINUATION + character for character in within}


def _count_characters(words: Counter[str]) -> Counter[str]:
    """Counts those pieces."""
    pieces: Counter[str] = Counter()
    for word, count in words.items():
        pieces[word[0]] += count
        for character in word[1:]:
            pieces[CONTINUATION + character] += count
    return pieces


def count_space_separated(lines: Iterable[str]) -> Counter[str]:
    """Counts the stretches between spaces.

    BERT's normalisation and word splitting never look across a space (U+0020), so whatever holds for each distinct
    stretch holds for the whole text, at a fraction of the work. Other white space is not safe to split at: control
    characters such as U+001C vanish in normalisation and join their neighbours.
    """
    counts: Counter[str] = Counter()
    for line in lines:
        counts.update(line.split(" "))
    del counts[""]
    return counts


def _merge(words: Counter[str], first: list[str], size: int) -> list[str]:
    tokenizer = Tokenizer(WordPiece(unk_token=SPECIAL_TOKENS[1]))
    tokenizer.pre_tokenizer = CharDelimiterSplit(_SEPARATOR)  # faster than any other
    # The trainer numbers pieces in the order of a randomised hash map and breaks ties by number. With every
    # character piece numbered beforehand, as a special token, there is nothing left for chance to decide.
    trainer = WordPieceTrainer(
        vocab_size=size,
        min_frequency=_MIN_FREQUENCY,
        special_tokens=first,
        continuing_subword_prefix=CONTINUATION,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_spelled_out(words), trainer)
    ids = tokenizer.get_vocab()
    return sorted(ids, key=ids.__getitem__)


def _spelled_out(words: Counter[str]) -> Iterator[str]:
    """Yields each word as often as it was counted: the trainer takes text, and counts for itself.

    It takes so much at a time that what each time costs does not count.
    """
    text: list[str] = []
    size = 0
    for word, count in words.items():
        if len(word) == 1:
            continue  # there is nothing in it to merge
        for first in range(0, count, _REPETITIONS):
            text.append((word + _SEPARATOR) * min(_REPETITIONS, count - first))
            size += len(text[-1])
            if size >= _CHARACTERS_A_TEXT:
                yield "".join(text)
                text, size = [], 0
    yield "".join(text)
