"""Initial weights with which a model compares the words of A and B from its first update.

Whether B follows A shows in the words that they share, but a BERT with random weights takes thousands of updates to
find that out: only products of words with words tell it, and those are tiny at first. So these begin where it could
be: the keys of the first layer are like its queries, and a word attends to its like (mimetic initialization, Trockman
and Kolter 2023), in the other sentence rather than in its own; positions are small, so that the place
of a word matters less than what it is; and the matrices of all layers keep the size of what passes through them,
instead of the .02 that suits BERT's 768 dimensions (Glorot and Bengio 2010). From there on they learn as any others.
"""

import torch

from babybert_tui.bert import BabyBert, Layer

_WORDS, _POSITIONS = 0.1, 0.01  # standard deviations of the embeddings; segments are like words
_SELF_SCORE = 29.0  # the mean score of a key that is the query itself
_OTHER_SEGMENT = 1.3  # how much of a key's segment is taken away; above 1, the other segment is preferred


@torch.no_grad()
def make_comparing(model: BabyBert) -> None:
    """Changes the initial weights of `BabyBert.initialise` in place."""
    shape, unit = model.config, 1 / model.config.initializer_range
    embeddings, first = model.embeddings, model.layers[0]
    assert isinstance(first, Layer)
    embeddings.word.weight.mul_(_WORDS * unit)
    embeddings.segment.weight.mul_(_WORDS * unit)
    embeddings.position.weight.mul_(_POSITIONS * unit)
    for parameter in model.layers.parameters():
        if parameter.dim() > 1:
            parameter.mul_(unit / shape.hidden_size**0.5)
    # A query is W x, |x|² = H after LayerNorm; q·q/√D = D σ² H / √D on average, σ being that of W.
    spread = (_SELF_SCORE / (shape.hidden_size * shape.head_size**0.5)) ** 0.5
    query, key = first.attention.query.weight, first.attention.key.weight
    query.mul_(spread * shape.hidden_size**0.5)
    segments = embeddings.segment.weight
    direction = torch.nn.functional.normalize(segments[0] - segments[1], dim=0)  # (H,)
    key.copy_(query - _OTHER_SEGMENT * torch.outer(query @ direction, direction))
