"""A directory with a BERT in it, loaded and ready to be looked into."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from babybert_tui.bert import BabyBert, BertConfig
from babybert_tui.errors import RequestError
from babybert_tui.sanitise import sanitise
from babybert_tui.tokenization import load_tokenizer
from babybert_tui.weights import load_pretrained

if TYPE_CHECKING:
    from transformers import BertTokenizer

SENTENCE_OBJECTIVES = ("nsp", "sop", "none")


class Inspectable(NamedTuple):
    """A model, the tokenizer that it was trained with, and its `config.json` as it stands there."""

    model: BabyBert
    tokenizer: "BertTokenizer"
    config: dict[str, Any]


def load_inspectable(directory: Path) -> Inspectable:
    """Loads a Hugging Face BERT directory, ours or anyone's, without asking the network.

    Raises:
        RequestError: It holds no BERT or no tokenizer, or the two do not belong together.
    """
    pretrained = load_pretrained(directory)
    tokenizer = load_tokenizer(directory)
    tokens, rows = len(tokenizer), pretrained.model.config.vocab_size
    if tokens > rows:  # fewer are fine: some models round their vocabulary up
        raise RequestError(
            f"{sanitise(str(directory))}: the tokenizer has {tokens:,} tokens and the model only {rows:,}.",
            "They do not belong together.",
        )
    return Inspectable(pretrained.model, tokenizer, pretrained.config)


def max_length(config: BertConfig, tokenizer: "BertTokenizer") -> int:
    """The most tokens that the model takes, `[CLS]` and `[SEP]` included."""
    return min(config.max_position_embeddings, int(tokenizer.model_max_length))


def sentence_objective(config: dict[str, Any]) -> str:
    """What the sentence head of a checkpoint was trained for: "nsp", "sop" or "none".

    Ours say so under the key `babybert`; every other BERT with such a head learned NSP.
    """
    own = config.get("babybert")
    objective = own.get("sentence_objective") if isinstance(own, dict) else None
    return objective if objective in SENTENCE_OBJECTIVES else "nsp"
