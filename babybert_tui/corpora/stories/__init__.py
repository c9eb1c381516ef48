"""The built-in corpus: short stories for children, told by a generator that keeps track of who has what and where."""

from babybert_tui.corpora.stories.engine import Document, tell

DEFAULT_COUNT = 3_200
"""How many stories make the corpus of the default size, about half a million tokens."""


def generate_stories(count: int, seed: int = 0) -> list[Document]:
    """The first `count` stories of the corpus with this seed, each a tuple of sentences.

    Story number i depends on the seed and i alone, so that a larger corpus begins with the smaller one.
    """
    return [tell(seed, index).sentences for index in range(count)]


__all__ = ["DEFAULT_COUNT", "Document", "generate_stories", "tell"]
