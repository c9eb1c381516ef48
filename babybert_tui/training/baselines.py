"""What a model is measured against: guessing, counting, and where the text was generated, knowing the generator."""

from dataclasses import replace

from babybert_tui.corpora.stories.ceiling import MEASURED
from babybert_tui.corpora.stories.windows import LENGTH, SHORT
from babybert_tui.errors import BabyBertError
from babybert_tui.settings import Settings
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.evaluation import Evaluation
from babybert_tui.training.events import Baselines
from babybert_tui.training.preparation import Prepared, Progress, prepare
from babybert_tui.training.record import RunRecord

_SPECIAL_TOKENS = 3
_READING = ("corpus", "data_root", "text_field", "encoding_errors", "held_out_share")


def find_baselines(evaluation: Evaluation, prepared: Prepared, settings: Settings) -> Baselines:
    """All that is known of the evaluation on the held-out documents of a corpus.

    Args:
        evaluation: Of the held-out documents.
        prepared: The corpus.
        settings: Those that the evaluation was made with.
    """
    known = evaluation.baselines(prepared.training, len(prepared.vocabulary))
    return _with_oracle(known, prepared, settings)


def find_baselines_elsewhere(
    evaluation: Evaluation,
    judged: Prepared,
    everything: TokenizedDocuments,
    settings: Settings,
    record: RunRecord | None,
    progress: Progress,
) -> Baselines:
    """The same for a model that is judged on other text than it was trained on.

    The rivals learn from what the model has learned from. Where that is not at hand there are none, and the word
    frequencies are those of the judged text.

    Args:
        evaluation: Of all documents of the judged text.
        judged: That text.
        everything: Its documents.
        settings: Those that the evaluation was made with.
        record: Of the model's run, if it is known.
        progress: Told what is being waited for.
    """
    training = _training_text(settings, record, progress)
    size = len(judged.vocabulary)
    known = evaluation.baselines(everything if training is None else training, size, is_held_out=training is not None)
    return _with_oracle(known, judged, settings)


def _training_text(settings: Settings, record: RunRecord | None, progress: Progress) -> TokenizedDocuments | None:
    """What a run has learned from, in the vocabulary of `settings`; None where it cannot be read or has changed."""
    if record is None or record.settings.corpus == "-":
        return None
    reading = {name: getattr(record.settings, name) for name in _READING}
    progress("reading the text that it was trained on")
    try:
        prepared = prepare(replace(settings, **reading), progress=progress)
    except BabyBertError:
        return None
    return prepared.training if prepared.corpus.sha256 == record.corpus.get("sha256") else None


def _with_oracle(known: Baselines, prepared: Prepared, settings: Settings) -> Baselines:
    """The same with the oracle's figures, where the evaluation is like the windows that it was measured on."""
    if not _is_measured(prepared, settings):
        return known
    return replace(
        known,
        mlm_accuracy_oracle=MEASURED.mlm,
        mlm_accuracy_oracle_error=MEASURED.mlm_error,
        nsp_accuracy_oracle=MEASURED.nsp,
        nsp_accuracy_oracle_error=MEASURED.nsp_error,
    )


def _is_measured(prepared: Prepared, settings: Settings) -> bool:
    """Whether these are stories in windows of the same making, and in whole, lower-case words as the oracle's."""
    return (
        settings.corpus == "stories"
        and settings.sentence_objective == "nsp"
        and settings.max_length == LENGTH + _SPECIAL_TOKENS
        and settings.short_sequence_probability == SHORT
        and not settings.cased
        and not prepared.vocabulary.masking.continuation[prepared.held_out.ids].any()
    )
