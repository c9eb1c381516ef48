"""`evaluate` for scripts and people: the held-out figures of a checkpoint, ours or any Hugging Face BERT directory."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from babybert_tui.bert import BabyBert
from babybert_tui.configuration import Configuration
from babybert_tui.corpora import has_own_split
from babybert_tui.errors import RequestError
from babybert_tui.headless.evaluation_table import EvaluationTable
from babybert_tui.headless.obtaining import obtain_and_prepare, say_notes
from babybert_tui.headless.streams import finite, note, print_json, stdout_width, waiting
from babybert_tui.inspection.checkpoint import sentence_objective
from babybert_tui.inspection.notes import heads_note
from babybert_tui.render.figures import clock
from babybert_tui.sanitise import sanitise
from babybert_tui.settings import Settings
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.baselines import find_baselines, find_baselines_elsewhere
from babybert_tui.training.checkpoint import MANIFEST, read_manifest
from babybert_tui.training.evaluation import Evaluation, Figures
from babybert_tui.training.events import Baselines
from babybert_tui.training.hardware import device_for, precision_for, threads_for
from babybert_tui.training.precision import WorkingCopy
from babybert_tui.training.preparation import Prepared, Progress, pair_settings
from babybert_tui.training.record import RunRecord, read_record
from babybert_tui.training.runs import RECORD, resolve_checkpoint
from babybert_tui.weights import load_pretrained

DEFAULT_MAX_LENGTH = 512
_READING = ("data_root", "text_field", "encoding_errors")
_MAKING_PAIRS = ("max_length", "short_sequence_probability")


@dataclass(frozen=True)
class _Judged:
    """A model and the text that it was judged on."""

    directory: Path
    settings: Settings
    prepared: Prepared
    is_held_out: bool  # else all documents
    is_trained_on: bool  # the text's other documents
    evaluation: Evaluation
    baselines: Baselines
    figures: dict[str, float | None]


def evaluate(
    configuration: Configuration, checkpoint: str | None, checkpoints_dir: Path, *, max_pairs: int, as_json: bool
) -> None:
    """Evaluates a checkpoint and prints its figures on stdout.

    A checkpoint of a run is evaluated as in training, so that its figures are those of the run's own evaluation: on the
    run's text and its held-out documents. On another text all documents are taken, or those that it holds out itself.

    Args:
        configuration: Settings; those that nobody has named are the run's.
        checkpoint: `DIR_OR_RUN[@STEP]`, or None for the newest run's.
        checkpoints_dir: Where runs are kept.
        max_pairs: Upper bound on the number of pairs.
        as_json: Whether to print one JSON object.

    Raises:
        RequestError: the checkpoint, the corpus or the two together are not as they should be.
        RunError: the run's record is damaged.
    """
    began = time.monotonic()
    directory = resolve_checkpoint(checkpoint, checkpoints_dir)
    with waiting() as progress:
        progress("loading the checkpoint")
        pretrained = load_pretrained(directory)
        objective = sentence_objective(pretrained.config)
        _say_what_is_missing(pretrained.model, objective, directory)
        record = _record_of(directory)
        settings = _settings(configuration, record, pretrained.model, objective, directory)
        stdin = sys.stdin.buffer if settings.corpus == "-" else None
        prepared = obtain_and_prepare(settings, stdin=stdin, progress=progress)
        say_notes(prepared.corpus)
        judged = _judge(pretrained.model, prepared, settings, record, directory, max_pairs, progress)
    if as_json:
        _print_object(judged, time.monotonic() - began)
    else:
        _print_table(judged)


def _say_what_is_missing(model: BabyBert, objective: str, directory: Path) -> None:
    if model.mlm_head is None and model.nsp_head is None:
        raise RequestError(
            f"{sanitise(str(directory))} is a bare encoder, without masked-LM and NSP heads: it predicts nothing "
            "that could be evaluated.",
            "Train it with `train --checkpoint`.",
        )
    for one in heads_note(model, objective, is_pair=False):
        note(one)


def _record_of(directory: Path) -> RunRecord | None:
    """The record of the run that a checkpoint belongs to; None where it belongs to none."""
    folder = directory.resolve().parent
    return read_record(folder) if (folder / RECORD).is_file() else None


def _settings(
    configuration: Configuration, record: RunRecord | None, model: BabyBert, objective: str, directory: Path
) -> Settings:
    settings, named = configuration.settings, configuration.named
    values: dict[str, Any] = {}
    if record is not None:
        inherited = [*_MAKING_PAIRS, "corpus"]
        if "corpus" not in named or settings.corpus == record.settings.corpus:
            inherited += _READING
        values = {name: getattr(record.settings, name) for name in inherited if name not in named}
        values["held_out_share"] = record.settings.held_out_share
        if "precision" not in named:
            values["precision"] = record.precision
    if values.get("corpus") == "-":
        raise RequestError("The run was trained on piped text.", "Pipe it in again, with --corpus -.")
    positions = model.config.max_position_embeddings
    wanted = settings.max_length if "max_length" in named else values.get("max_length", DEFAULT_MAX_LENGTH)
    if "max_length" in named and wanted > positions:
        note(f"This model has {positions} positions: inputs are of at most {positions} tokens.")
    values["max_length"] = min(wanted, positions)
    values["sentence_objective"] = objective if model.config.type_vocab_size > 1 else "none"
    return replace(settings, tokenizer=str(directory), **values)


def _judge(
    model: BabyBert,
    prepared: Prepared,
    settings: Settings,
    record: RunRecord | None,
    directory: Path,
    max_pairs: int,
    progress: Progress,
) -> _Judged:
    vocabulary = prepared.vocabulary
    if len(vocabulary) > model.config.vocab_size:
        raise RequestError(
            f"{sanitise(str(directory))}: the tokenizer has {len(vocabulary):,} pieces, the model only "
            f"{model.config.vocab_size:,}.",
            "They do not belong together.",
        )
    is_trained_on = record is not None and record.corpus.get("sha256") == prepared.corpus.sha256
    is_held_out = is_trained_on or has_own_split(prepared.corpus)
    everything = join(prepared.training, prepared.held_out)
    documents = prepared.held_out if is_held_out else everything
    pairs = pair_settings(settings)
    evaluation = Evaluation(documents, pairs, vocabulary.masking, vocabulary.special, most_examples=max_pairs)
    what = f"evaluating {len(evaluation.examples):,} inputs of at most {settings.max_length} tokens"
    device = device_for(settings)
    torch.set_num_threads(threads_for(settings))
    working = WorkingCopy(model.to(device), precision_for(settings, device))
    working.refresh()
    figures = evaluation.run(working.model, device, progress=_how_far(what, progress))
    if is_held_out:
        baselines = find_baselines(evaluation, prepared, settings)
    else:
        baselines = find_baselines_elsewhere(evaluation, prepared, everything, settings, record, progress)
    return _Judged(
        directory,
        settings,
        prepared,
        is_held_out,
        is_trained_on,
        evaluation,
        baselines,
        _without_missing_heads(figures, model),
    )


def _how_far(what: str, progress: Progress) -> Callable[[float], None]:
    """Says how much is done, and how long the rest takes at the pace so far."""
    began = time.monotonic()

    def tell(share: float) -> None:
        left = f", {clock((time.monotonic() - began) * (1 - share) / share)} left" if share > 0 else ""
        progress(f"{what}: {share:.0%}{left}")

    return tell


def join(first: TokenizedDocuments, second: TokenizedDocuments) -> TokenizedDocuments:
    """The documents of both, one after the other."""
    sentences = second.sentence_offsets[1:] + first.sentence_offsets[-1]
    documents = second.document_offsets[1:] + first.document_offsets[-1]
    return TokenizedDocuments(
        ids=np.concatenate([first.ids, second.ids]),
        sentence_offsets=np.concatenate([first.sentence_offsets, sentences]),
        document_offsets=np.concatenate([first.document_offsets, documents]),
    )


def _without_missing_heads(figures: Figures, model: BabyBert) -> dict[str, float | None]:
    values: dict[str, float | None] = dict(vars(figures))
    if model.mlm_head is None:
        values |= {"mlm_loss": None, "mlm_accuracy": None, "mlm_nats_per_word": None}
    return values


def _print_object(judged: _Judged, seconds: float) -> None:
    print_json(
        {
            "schema": 1,
            "event": "evaluation",
            "checkpoint": str(judged.directory),
            "step": _step_of(judged.directory),
            "corpus": judged.prepared.corpus.name,
            "held_out": judged.is_held_out,
            "documents": _documents(judged),
            **judged.figures,
            "baselines": vars(judged.baselines),
            "masked_tokens": judged.evaluation.masked_tokens,
            "pairs": len(judged.evaluation.examples),
            "elapsed_seconds": seconds,
        }
    )


def _print_table(judged: _Judged) -> None:
    which = "documents, all there are: none is known to be held out from its training"
    if judged.is_held_out:
        which = "documents that the data set itself holds out"
    if judged.is_trained_on:
        which = "held-out documents of the text that it was trained on"
    print(f"{sanitise(str(judged.directory))} on {sanitise(judged.prepared.corpus.name)}")
    print(f"  {_documents(judged):,} {which}")
    print(
        f"  {len(judged.evaluation.examples):,} inputs of at most {judged.settings.max_length} tokens, "
        f"{judged.evaluation.masked_tokens:,} masked tokens"
    )
    table = EvaluationTable(stdout_width(), judged.settings.sentence_objective, with_time=False)
    print(table.head("held out" if judged.is_held_out else "all documents", judged.baselines))
    print(table.row("this model", finite(judged.figures)))


def _documents(judged: _Judged) -> int:
    sides = [judged.prepared.held_out] if judged.is_held_out else [judged.prepared.training, judged.prepared.held_out]
    return sum(len(side.document_offsets) - 1 for side in sides)


def _step_of(directory: Path) -> int | None:
    """The step of a checkpoint of ours; None for another directory."""
    return int(read_manifest(directory)["step"]) if (directory / MANIFEST).is_file() else None
