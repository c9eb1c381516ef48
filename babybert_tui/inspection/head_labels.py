"""A plain word for what a head does, where its statistics allow one.

The kinds are those of Clark et al. 2019, section 3. Their own threshold for "broad" (an entropy above 3.8 nats) cannot
be met by fewer than 45 tokens; ours is relative to the length.
"""

from collections.abc import Mapping

LABELS = {
    "to_previous": "previous token",
    "to_next": "next token",
    "to_self": "itself",
    "to_cls": "to [CLS]",
    "to_sep": "to [SEP]",
    "to_punctuation": "punctuation",
}
BROAD = "broad"
MIXED = "mixed"

AT_LEAST = 0.5  # half of the attention goes there …
TIMES_EVEN = 2.0  # … and twice what an even spread would send: in a short text much goes everywhere by chance
BROAD_ENTROPY = 0.9  # of ln n


def plain_label(statistics: Mapping[str, float], even: Mapping[str, float]) -> str:
    """The label of a head.

    Args:
        statistics: Its mean statistics, by field name of `HeadStatistics`.
        even: The same for a head that spreads its attention evenly.

    Returns:
        The name of the largest share that is at least `AT_LEAST` and `TIMES_EVEN` its even value; "broad" where there
        is none and the entropy is at least `BROAD_ENTROPY`; else "mixed".
    """
    telling = [name for name in LABELS if statistics[name] >= max(AT_LEAST, TIMES_EVEN * even[name])]
    if telling:
        return LABELS[max(telling, key=statistics.__getitem__)]
    return BROAD if statistics["entropy"] >= BROAD_ENTROPY else MIXED
