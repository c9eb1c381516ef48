"""What a run would be, before it begins: its size, what it costs, and a row of its first batch."""

from collections.abc import Callable
from dataclasses import dataclass

from babybert_tui.bert import parameter_count
from babybert_tui.settings import Settings
from babybert_tui.training.batch_look import Row, read_rows
from babybert_tui.training.evaluation import MOST_EXAMPLES
from babybert_tui.training.hardware import device_for, precision_for
from babybert_tui.training.preparation import (
    Prepared,
    evenly_masked,
    mean_mask_probability,
    prepare,
    training_data,
)
from babybert_tui.training.shape import shape_of

_BYTES = 4  # fp32
_STATES = 4  # weights, gradients, two moments
_LEAST_EXAMPLES, _MOST_PASSES = 256, 8  # of an evaluation
_PROGRAM_BYTES = 530e6  # the interpreter with torch and the kernels in it


@dataclass(frozen=True)
class Preview:
    """What a run with some settings would be."""

    parameters: int
    vocabulary_size: int
    documents: int
    training_tokens: int
    held_out_tokens: int
    memory_bytes: float  # roughly
    operations_per_token: float  # multiplications and additions of an update
    tokens_per_step: float  # padding left out; from the first batch
    device: str
    precision: str
    row: Row

    def seconds(self, settings: Settings, operations_per_second: float) -> float:
        """How long the run takes at a measured speed, its evaluations included."""
        per_example = self.tokens_per_step / (settings.batch_size * settings.gradient_accumulation)
        # An evaluation goes forwards twice (tokens, whole words), a third of an update's operations each time.
        evaluation = 2 / 3 * evaluation_examples(self.held_out_tokens / per_example) * per_example
        evaluations = 1 + settings.max_steps // settings.evaluation_interval
        tokens = settings.max_steps * self.tokens_per_step + evaluations * evaluation
        return tokens * self.operations_per_token / operations_per_second


def preview_run(settings: Settings, prepared_by: Callable[[Settings], Prepared] = prepare) -> Preview:
    """Reads the corpus, and makes the first batch as the run would. Raises RequestError as the run would."""
    device = device_for(settings)
    prepared = prepared_by(settings)
    vocabulary = prepared.vocabulary
    batches = training_data(evenly_masked(settings), prepared)[1]
    parameters = parameter_count(shape_of(settings, len(vocabulary)))
    return Preview(
        parameters=parameters,
        vocabulary_size=len(vocabulary),
        documents=len(prepared.corpus.documents),
        training_tokens=len(prepared.training.ids),
        held_out_tokens=len(prepared.held_out.ids),
        memory_bytes=memory_bytes(settings, parameters, len(vocabulary)),
        operations_per_token=operations_per_token(settings, len(vocabulary)),
        tokens_per_step=sum(batch.tokens for batch in batches),
        device=str(device),
        precision=precision_for(settings, device),
        row=read_rows(batches[0], vocabulary.pieces, 1)[0],
    )


def evaluation_examples(in_one_pass: float) -> float:
    """About how many examples `Evaluation` makes where one pass through its documents gives so many."""
    passes = min(_MOST_PASSES, max(1.0, _LEAST_EXAMPLES / max(1.0, in_one_pass)))
    return min(MOST_EXAMPLES, passes * in_one_pass)


def operations_per_token(settings: Settings, vocabulary_size: int) -> float:
    """Multiplications and additions for one token in an update: three times those of the forward pass."""
    hidden, inner, length = settings.hidden_size, settings.feed_forward_size, settings.max_length
    layer = 2 * (4 * hidden * hidden + 2 * hidden * inner) + 4 * hidden * length
    head = 2 * mean_mask_probability(settings) * (hidden * hidden + hidden * vocabulary_size)
    return 3 * (settings.num_layers * layer + head)


def memory_bytes(settings: Settings, parameters: int, vocabulary_size: int) -> float:
    """Roughly what a run takes: the program, the parameters' states, and what the backward pass remembers."""
    rows, length, hidden = settings.batch_size, settings.max_length, settings.hidden_size
    remembered = 9 * hidden + 2 * settings.feed_forward_size  # of each token in each layer
    maps = 3 * settings.num_heads * length
    logits = 3 * max(settings.mask_probability, settings.initial_mask_probability) * vocabulary_size
    activations = rows * length * (settings.num_layers * (remembered + maps) + logits)
    return _PROGRAM_BYTES + _BYTES * (_STATES * parameters + activations)
