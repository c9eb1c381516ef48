"""What a run would be, before it begins: its size, what it costs, and a row of its first batch."""

from collections.abc import Callable
from dataclasses import dataclass

from babybert_tui.bert import BertConfig, parameter_count
from babybert_tui.pretraining.batches import PretrainingData
from babybert_tui.settings import Settings
from babybert_tui.training.batch_look import Row, read_rows
from babybert_tui.training.evaluation import MOST_EXAMPLES
from babybert_tui.training.hardware import device_for, precision_for
from babybert_tui.training.preparation import Prepared, masking_of, pair_settings, prepare
from babybert_tui.training.session import evaluation_interval

_BYTES = 4  # fp32
_STATES = 4  # weights, gradients, two moments
_PROGRAM_BYTES = 400e6  # the interpreter with torch in it


@dataclass(frozen=True)
class Preview:
    """What a run with some settings would be."""

    parameters: int
    vocabulary_size: int
    documents: int
    training_tokens: int
    memory_bytes: float  # roughly
    operations_per_token: float  # multiplications and additions of an update
    tokens_per_step: float  # padding left out; from the first batch
    device: str
    precision: str
    row: Row

    def seconds(self, settings: Settings, operations_per_second: float) -> float:
        """How long the run takes at a measured speed, its evaluations included."""
        examples = settings.batch_size * settings.gradient_accumulation
        # An evaluation goes forwards twice (tokens, whole words), a third of an update's operations each time.
        evaluation = 2 / 3 * MOST_EXAMPLES * self.tokens_per_step / examples
        evaluations = 1 + settings.max_steps // evaluation_interval(settings)
        tokens = settings.max_steps * self.tokens_per_step + evaluations * evaluation
        return tokens * self.operations_per_token / operations_per_second


def preview_run(settings: Settings, prepared_by: Callable[[Settings], Prepared] = prepare) -> Preview:
    """Reads the corpus, and makes the first batch as the run would. Raises RequestError as the run would."""
    device = device_for(settings)
    prepared = prepared_by(settings)
    vocabulary = prepared.vocabulary
    data = PretrainingData(
        prepared.training,
        pair_settings(settings),
        lambda _step: masking_of(settings),
        vocabulary.masking,
        vocabulary.special,
        batch_size=settings.batch_size,
        accumulation=settings.gradient_accumulation,
        seed=settings.seed,
    )
    batches = data[1]
    parameters = parameter_count(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=settings.hidden_size,
            num_hidden_layers=settings.num_layers,
            num_attention_heads=settings.num_heads,
            intermediate_size=settings.feed_forward_size,
            max_position_embeddings=settings.max_length,
        )
    )
    return Preview(
        parameters=parameters,
        vocabulary_size=len(vocabulary),
        documents=len(prepared.corpus.documents),
        training_tokens=len(prepared.training.ids),
        memory_bytes=memory_bytes(settings, parameters, len(vocabulary)),
        operations_per_token=operations_per_token(settings, len(vocabulary)),
        tokens_per_step=sum(batch.tokens for batch in batches),
        device=str(device),
        precision=precision_for(settings, device),
        row=read_rows(batches[0], vocabulary.pieces, 1)[0],
    )


def operations_per_token(settings: Settings, vocabulary_size: int) -> float:
    """Multiplications and additions for one token in an update: three times those of the forward pass."""
    hidden, inner, length = settings.hidden_size, settings.feed_forward_size, settings.max_length
    layer = 2 * (4 * hidden * hidden + 2 * hidden * inner) + 4 * hidden * length
    head = 2 * settings.mask_probability * (hidden * hidden + hidden * vocabulary_size)
    return 3 * (settings.num_layers * layer + head)


def memory_bytes(settings: Settings, parameters: int, vocabulary_size: int) -> float:
    """Roughly what a run takes: the program, the parameters' states, and what the backward pass remembers."""
    rows, length, hidden = settings.batch_size, settings.max_length, settings.hidden_size
    remembered = 9 * hidden + 2 * settings.feed_forward_size  # of each token in each layer
    maps = 3 * settings.num_heads * length
    logits = 3 * settings.mask_probability * vocabulary_size
    activations = rows * length * (settings.num_layers * (remembered + maps) + logits)
    return _PROGRAM_BYTES + _BYTES * (_STATES * parameters + activations)
