"""Who has learned more after so many minutes: a run of ours, and the usual Hugging Face recipe on the same text.

Both have the same tokenizer, the same training documents, the same shape and the same held-out items, and each the
minutes for itself. Ours is a run as `train --minutes` makes it, which keeps some of the minutes for its calibration and
evaluations. The other is a plain loop with the usual recipe: AdamW with the library's defaults, dropout 0.1, warm-up
over a tenth of the time and linear decay over the rest, gradients clipped at 1, in bf16 autocast where the processor
has bf16. Its learning rate follows the clock instead of a number of steps, so that none of its minutes is lost; its
batches are made outside its time, and its initial weights are always those of the paper.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import torch

from babybert_tui.benchmarks.contenders import HuggingFace
from babybert_tui.benchmarks.workload import Workload
from babybert_tui.errors import RunError
from babybert_tui.pretraining.masking import EVALUATION_MASKING
from babybert_tui.settings import Settings
from babybert_tui.tokenization import save_tokenizer
from babybert_tui.training.evaluation import Evaluation, Figures
from babybert_tui.training.events import Baselines, Evaluated, Event, Failed, Started, Stepped
from babybert_tui.training.opening import FinishedRun, RunRequest, open_session
from babybert_tui.training.preparation import Progress, pair_settings

USUAL_DROPOUT = 0.1
USUAL_LEARNING_RATE = 5e-4
_USUAL_CLIP = 1.0
_WARMUP_SHARE = 0.1
OURS, THEIRS = "ours", "hugging-face"
_SELDOM = 1_000_000_000  # updates between evaluations: only the last one counts here


@dataclass(frozen=True)
class Learned:
    """What a side has reached."""

    label: str
    learning_rate: float  # at its peak
    updates: int
    tokens: int  # real ones, special ones included
    seconds: float  # of updates: evaluation and saving left out
    figures: Figures

    @property
    def tokens_per_second(self) -> float:
        """While training."""
        return self.tokens / max(self.seconds, 1e-9)


@dataclass(frozen=True)
class LearningResult:
    """Both sides, None for one that was not reached, beside what is reached without learning."""

    ours: Learned | None
    theirs: Learned | None
    baselines: Baselines | None


def compare_learning(
    workload: Workload,
    preset: str,
    directory: Path,
    precision: str,
    *,
    minutes: float,
    learning_rate: float,
    is_over: Callable[[], bool],
    progress: Progress,
) -> LearningResult:
    """Trains both, ours first.

    Args:
        workload: Its settings are those of our run.
        preset: Whose settings they are.
        directory: Where our run is kept, as `ours`, and their model, as `hugging-face`.
        precision: Hugging Face's.
        minutes: For each.
        learning_rate: Hugging Face's peak.
        is_over: Whether to stop now, with what there is.
        progress: Told what is going on.

    Raises:
        RunError: our run failed.
    """
    told = _train_ours(workload, preset, directory, minutes, is_over, progress)
    theirs = None
    if not is_over():
        theirs = _train_theirs(workload, directory / THEIRS, precision, minutes, learning_rate, is_over, progress)
    return LearningResult(told.learned(), theirs, told.baselines)


@dataclass
class _Told:
    """What the events of our run say."""

    settings: Settings
    precision: str
    baselines: Baselines | None = None
    figures: Figures | None = None
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    learning_rates: list[float] = field(default_factory=list)

    def hear(self, event: Event) -> None:
        if isinstance(event, Failed):
            raise RunError(event.message)
        if isinstance(event, Started):
            self.baselines = event.baselines
        elif isinstance(event, Evaluated):
            self.figures = Figures(**{name: getattr(event, name) for name in Figures.__dataclass_fields__})
        elif isinstance(event, Stepped):
            self.seconds += (event.tokens - self.tokens) / event.tokens_per_second
            self.tokens = event.tokens
        self.step = event.step

    def learned(self) -> Learned | None:
        """What it has learned; None before the first update that was told of."""
        if self.figures is None or self.tokens == 0:
            return None
        label = f"BabyBERT, {self.precision}"
        return Learned(label, self.settings.learning_rate, self.step, self.tokens, self.seconds, self.figures)


def _train_ours(
    workload: Workload,
    preset: str,
    directory: Path,
    minutes: float,
    is_over: Callable[[], bool],
    progress: Progress,
) -> _Told:
    """A run of `minutes`, to its end or until `is_over`; it is evaluated in either case."""
    settings = replace(
        workload.settings,
        run=OURS,
        minutes=minutes,
        checkpoint=None,
        eval_every=_SELDOM,
        save_every=_SELDOM,
        log_every=1,  # tokens and seconds are counted by what is logged
    )
    request = RunRequest(settings, preset, directory, prepare=lambda *_, **__: workload.prepared)
    with open_session(request, progress=progress) as session:
        assert not isinstance(session, FinishedRun)
        told = _Told(settings, session.machine.precision)
        for event in session.events():
            told.hear(event)
            progress(f"BabyBERT: update {event.step:,} of {session.max_steps:,}")
            if is_over():
                session.orders.stop("interrupted")
        if session.step < session.max_steps:
            told.figures = session.evaluation.run(session.model, session.machine.device)
    return told


def _train_theirs(
    workload: Workload,
    directory: Path,
    precision: str,
    minutes: float,
    learning_rate: float,
    is_over: Callable[[], bool],
    progress: Progress,
) -> Learned:
    """The usual recipe for `minutes`, or until `is_over`; the model is saved."""
    usual = with_usual_recipe(workload)
    contender, updates = HuggingFace(usual, precision), usual.updates()
    spent, step, tokens, whole = 0.0, 0, 0, minutes * 60
    while spent < whole and not is_over():
        (batch,) = next(updates)
        step += 1
        began = perf_counter()
        contender.learn(batch, step, learning_rate * share_of_peak_at(spent / whole))
        spent += perf_counter() - began
        tokens += batch.tokens
        progress(f"Hugging Face: update {step:,}, {spent / 60:.1f} of {minutes:g} minutes")
    _save(contender, workload, directory)
    figures = _evaluation(workload).run(contender.as_ours(usual.shape), torch.device("cpu"))
    return Learned(contender.label, learning_rate, step, tokens, spent, figures)


def _save(contender: HuggingFace, workload: Workload, directory: Path) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()  # it would draw on stderr
    contender.model.save_pretrained(directory)
    save_tokenizer(workload.prepared.vocabulary.tokenizer, directory)


def with_usual_recipe(workload: Workload) -> Workload:
    """The same text and shape, trained as BERT usually is."""
    masking = EVALUATION_MASKING
    settings = replace(
        workload.settings,
        vocab_size=len(workload.prepared.vocabulary),
        initial_max_length=None,
        dropout=USUAL_DROPOUT,
        gradient_clip=_USUAL_CLIP,
        mask_probability=masking.probability,
        initial_mask_probability=masking.probability,
        mask_token_fraction=masking.mask_fraction,
        random_token_fraction=masking.random_fraction,
        masking=masking.unit,
    )
    return replace(workload, settings=settings)


def share_of_peak_at(share_of_time: float) -> float:
    """The learning rate as a share of its peak: up linearly, then down linearly to zero."""
    if share_of_time < _WARMUP_SHARE:
        return share_of_time / _WARMUP_SHARE
    return max(0.0, (1 - share_of_time) / (1 - _WARMUP_SHARE))


def _evaluation(workload: Workload) -> Evaluation:
    """The items that a run of ours is judged by."""
    vocabulary = workload.prepared.vocabulary
    pairs = pair_settings(workload.settings)
    return Evaluation(workload.prepared.held_out, pairs, vocabulary.masking, vocabulary.special)
