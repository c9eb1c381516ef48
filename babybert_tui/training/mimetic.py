"""Initial weights that mimic what a trained BERT does first: look at neighbours, and compare the words of A and B.

With the paper's initial weights (N(0, .02²)) a small model spends a good part of a short run before it finds that
words depend on their neighbours, and most of a longer one before it finds that A and B belong together where they share
rare words. Trained models do both in heads of their lower layers (Clark et al. 2019, "What does BERT look at?"), so we
begin there, as Trockman and Kolter (2023, "Mimetic initialization of self-attention layers") do for other patterns. All
of it is learned on from the first update; the model stays the BERT that it was.

How the H dimensions are used at first, a quarter of the heads, of D dimensions each, comparing:

- *compared* (D for each that does): rare words, each a random vector, and [SEP];
- *segments* (2): one for A, one for B;
- *places* (H/8, at most D): positions, as waves;
- *the rest*: frequent words, and what rare ones come to mean.

AdamW's steps have a size of their own, whatever the size of what they move. So words are long where they are compared,
and turn slowly there, as what heads compare must not change under them; in the rest they are short, LayerNorm's gain is
as much larger, and what a word means is learned fast.

A word of frequency f has the share a / (a + f) of its length among the compared (Arora, Liang and Ma 2017, section 3),
a being the frequency at which half of all tokens are words more frequent: about 1 in 1,000 in English. That A and B
share "the" says nothing; that both have "boxer" says much.

In the first layer a head that *looks at a neighbour* has keys that are the waves of a position and queries that are
those of the position before it, or after it. One that *compares* has keys like its queries, and prefers the other
segment; where that has nothing alike, [SEP] scores highest, as in trained models, and is all that its values
tell. So the mean of what it hands on says how much of A and B they share.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from babybert_tui.bert import BabyBert, BertConfig, Embeddings, Layer, SelfAttention

_WORD = 1.0  # root mean square of a rare word's vector
_QUICK = 20.0  # how many times shorter words are in the rest, and larger the gain of LayerNorm
_PLACES, _SEGMENTS = 0.5, 0.25  # squared lengths of their vectors, that of a word being 1
_NEIGHBOUR_SCORE = 12.0  # q·k/√D at the place that is looked at, which is about 0 far away from it
_LIKE_SCORE = 40.0  # of a word and itself
_SEGMENT_SCORE = 20.0  # won in the other segment, and lost in the own
_NOTHING_ALIKE = 0.8  # the score of [SEP] for a word that is not [SEP], as a share of the score of its like
_VALUE = 6.0  # of [SEP], per unit of its vector
_LEAST_HIDDEN, _LEAST_HEAD = 16, 4  # narrower models have no room for any of it and keep the paper's weights


@torch.no_grad()
def make_mimetic(
    model: BabyBert,
    frequencies: np.ndarray,
    sep_id: int,
    mask_id: int,
    *,
    compares: bool,
    normal: Callable[[tuple[int, ...]], Tensor],
) -> None:
    """Changes the weights of `BabyBert.initialise` in place.

    Args:
        model: With the paper's weights; `initializer_range` is theirs.
        frequencies: (V,), the share of the training tokens that are each piece.
        sep_id: What comparing heads look at where nothing is alike.
        mask_id: A piece that tells nothing, however rare: it is never compared.
        compares: Whether a quarter of the heads compare; otherwise all look at neighbours.
        normal: Draws a tensor of the shape from N(0, 1).
    """
    shape = model.config
    if shape.hidden_size < _LEAST_HIDDEN or shape.head_size < _LEAST_HEAD:
        return
    comparing = (shape.num_attention_heads + 2) // 4 if compares else 0  # one of two, one of four, three of twelve
    room = _Room.of(shape, comparing)
    for parameter in model.layers.parameters():
        if parameter.dim() > 1:
            parameter.mul_(1 / (shape.initializer_range * shape.hidden_size**0.5))  # |W x| is like |x| at any width
    length = _WORD * shape.hidden_size**0.5
    if model.mlm_head is not None:
        model.mlm_head.norm.weight.fill_(1 / length)  # so that logits are of about 1
        model.mlm_head.norm.weight[room.rest] *= _QUICK

    rare = _rarity(frequencies) if comparing else torch.zeros(len(frequencies))
    if comparing:
        rare[mask_id], rare[sep_id] = 0.0, 1.0
    _embed(model.embeddings, length, rare, room, normal)

    layer = model.layers[0]
    assert isinstance(layer, Layer)
    entering = (shape.hidden_size / (1 + _PLACES + _SEGMENTS)) ** 0.5  # LayerNorm brings the sum of the three to √H
    sep = entering * normalize(model.embeddings.word.weight[sep_id], dim=0)
    for number in range(shape.num_attention_heads):
        rows = slice(number * shape.head_size, (number + 1) * shape.head_size)
        if number < comparing:
            _compare(layer.attention, rows, room, entering, sep, normal)
        else:
            distance, is_after = divmod(number - comparing, 2)
            _look(layer.attention, rows, room, entering, distance + 1 if is_after else -distance - 1)


@dataclass(frozen=True)
class _Room:
    """Which of the H dimensions hold what at first."""

    compared: slice
    segments: slice
    places: slice
    rest: slice

    @staticmethod
    def of(shape: BertConfig, comparing: int) -> "_Room":
        segments = comparing * shape.head_size
        places = segments + shape.type_vocab_size
        rest = places + min(shape.head_size, shape.hidden_size // 8) // 2 * 2
        return _Room(slice(0, segments), slice(segments, places), slice(places, rest), slice(rest, shape.hidden_size))

    @property
    def waves(self) -> Tensor:
        """(P / 2,), in radians a position: dense near 0, so that near places are alike, and far ones never again."""
        count = _size(self.places) // 2
        return torch.pi * ((torch.arange(count) + 0.5) / count) ** 2


def _size(part: slice) -> int:
    return int(part.stop - part.start)


def _embed(
    embeddings: Embeddings, length: float, rare: Tensor, room: _Room, normal: Callable[[tuple[int, ...]], Tensor]
) -> None:
    """Words `length` long, `rare` (V) of which is their share among the compared; segments; positions."""
    for parameter in (embeddings.word.weight, embeddings.segment.weight, embeddings.position.weight):
        parameter.zero_()
    embeddings.norm.weight[room.rest] = _QUICK
    for part, share in ((room.compared, rare), (room.rest, (1 - rare**2).sqrt() / _QUICK)):
        directions = normalize(normal((len(rare), _size(part))), dim=1)
        embeddings.word.weight[:, part] = length * share[:, None] * directions
    embeddings.segment.weight[:, room.segments] = length * _SEGMENTS**0.5 * torch.eye(_size(room.segments))
    angles = torch.arange(len(embeddings.position.weight))[:, None] * room.waves  # (positions, P / 2)
    amplitude = length * (_PLACES / len(room.waves)) ** 0.5
    embeddings.position.weight[:, room.places] = amplitude * torch.cat([angles.cos(), angles.sin()], 1)


def _look(attention: SelfAttention, rows: slice, room: _Room, length: float, offset: int) -> None:
    """Makes a head look `offset` places on; a word would enter the layer `length` long."""
    used = slice(rows.start, rows.start + _size(room.places))
    strength = (_NEIGHBOUR_SCORE * _size(rows) ** 0.5 / (_PLACES * length**2)) ** 0.5
    cos, sin = (room.waves * offset).cos().diag(), (room.waves * offset).sin().diag()
    # (cos t, sin t) becomes (cos(t + offset · wave), sin(t + offset · wave)).
    turned = torch.cat([torch.cat([cos, -sin], 1), torch.cat([sin, cos], 1)])
    for linear, what in ((attention.query, turned), (attention.key, torch.eye(len(turned)))):
        linear.weight[used] = 0.0
        linear.weight[used, room.places] = strength * what


def _rarity(frequencies: np.ndarray) -> Tensor:
    """(V,): a / (a + f)."""
    descending = np.sort(frequencies)[::-1]
    usual = descending[np.searchsorted(np.cumsum(descending), 0.5 * descending.sum())]
    return torch.from_numpy((usual / (usual + frequencies)).astype("float32"))


def _compare(
    attention: SelfAttention,
    rows: slice,
    room: _Room,
    length: float,
    sep: Tensor,
    normal: Callable[[tuple[int, ...]], Tensor],
) -> None:
    """Makes a head compare the dimensions `rows` of its input, but for the first: there it tells segments apart.

    Args:
        attention: Whose head it is.
        rows: Of its matrices, and so of the compared dimensions.
        room: Where the segments are.
        length: Of a rare word's vector as it enters the layer.
        sep: (H,), that of [SEP].
        normal: Draws a tensor of the shape from N(0, 1).
    """
    head = _size(rows)
    likeness = torch.zeros(head, len(sep))
    seen = length**2 * (head - 1) / _size(room.compared)  # what this head sees of a word's squared length
    likeness[1:, rows.start + 1 : rows.stop] = (_LIKE_SCORE * head**0.5 / seen) ** 0.5 * torch.eye(head - 1)
    own = torch.zeros_like(likeness)
    own[0, room.segments] = (_SEGMENT_SCORE * head**0.5 / (_SEGMENTS * length**2)) ** 0.5 * torch.tensor([1.0, -1.0])
    attention.query.weight[rows], attention.key.weight[rows] = likeness + own, likeness - own
    key = likeness @ sep
    attention.query.bias[rows] = _NOTHING_ALIKE * _LIKE_SCORE * head**0.5 * key / key.square().sum()
    attention.value.weight[rows] = _VALUE * torch.outer(normalize(normal((head,)), dim=0), normalize(sep, dim=0))
