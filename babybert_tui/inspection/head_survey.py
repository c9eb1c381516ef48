"""What the heads of a model do over many texts, not just over one."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from babybert_tui.bert import BabyBert
from babybert_tui.inspection.checkpoint import max_length
from babybert_tui.inspection.forward_pass import attention_weights, run
from babybert_tui.inspection.head_statistics import KeyGroups, key_groups, mean_head_statistics
from babybert_tui.inspection.layout import lay_out
from babybert_tui.inspection.trace import Floats, HeadStatistics

if TYPE_CHECKING:
    from transformers import BertTokenizer


def survey_heads(
    model: BabyBert, tokenizer: "BertTokenizer", texts: Iterable[tuple[str, str | None]]
) -> tuple[HeadStatistics, ...]:
    """Statistics of every head, averaged over texts and pairs with nothing masked (as in Clark et al. 2019).

    Args:
        model: The model.
        tokenizer: Its tokenizer.
        texts: Each a text with None, or a pair. Those that are too long are cut.

    Raises:
        ValueError: There is no text.
    """
    layers = range(1, model.config.num_hidden_layers + 1)
    heads = range(1, model.config.num_attention_heads + 1)

    def observations() -> Iterator[tuple[Floats, KeyGroups]]:
        limit = max_length(model.config, tokenizer)
        for text_a, text_b in texts:
            layout = lay_out(tokenizer, text_a, text_b, max_length=limit, num_segments=model.config.type_vocab_size)
            forward_pass = run(model, layout.ids, layout.segments, record=True)
            yield attention_weights(forward_pass, layers, heads), key_groups(layout.tokens, layout.special)

    return mean_head_statistics(observations(), layers, heads)
