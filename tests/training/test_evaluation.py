"""The figures on held-out text are what a slow, separate computation makes of the same inputs."""

import math
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from babybert_tui.pretraining.batches import Batch
from babybert_tui.tokenization import TokenizedDocuments
from babybert_tui.training.session import TrainingSession
from training.small_runs import opened, small_settings
from training.test_reference_loop import reference_of

pytestmark = pytest.mark.usefixtures("one_thread")

MASK_ID = 4
FEW_PIECES = {"vocab_size": 60, "dropout": 0.0}  # most words are of several pieces
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def session(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingSession]:
    with opened(small_settings(corpus, **FEW_PIECES), tmp_path_factory.mktemp("runs")) as session:
        for _ in session.events():
            pass
        yield session


def negative_log_probabilities(session: TrainingSession, batches: list[Batch]) -> Iterator[tuple[list[float], ...]]:
    """For each row, −ln p of the true token at each column, and 1 where it is the likeliest."""
    model = reference_of(session).eval()
    for batch in batches:
        real = (batch.original_ids != 0).astype(np.int64)
        with torch.no_grad():
            logits = model(
                input_ids=batch.input_ids, token_type_ids=batch.segment_ids, attention_mask=torch.from_numpy(real)
            ).prediction_logits.double()
        losses = -logits.log_softmax(-1).gather(-1, torch.from_numpy(batch.original_ids)[..., None])[..., 0]
        right = (logits.argmax(-1) == torch.from_numpy(batch.original_ids)).double()
        yield from zip(losses.tolist(), right.tolist(), batch.fates.tolist(), batch.original_ids.tolist(), strict=True)


def test_mlm_figures_are_means_over_the_selected_tokens(session: TrainingSession) -> None:
    figures = session.evaluation.run(session.model, CPU)
    losses, right = [], []
    for row_losses, row_right, fates, _ in negative_log_probabilities(session, session.evaluation.batches):
        losses += [loss for loss, fate in zip(row_losses, fates, strict=True) if fate]
        right += [one for one, fate in zip(row_right, fates, strict=True) if fate]
    assert len(losses) == session.evaluation.masked_tokens > 300
    assert figures.mlm_loss == pytest.approx(np.mean(losses), rel=1e-5)
    assert figures.mlm_accuracy == pytest.approx(np.mean(right))


def test_nats_per_word_sum_over_the_pieces_of_each_word(session: TrainingSession) -> None:
    pieces = session.vocabulary.pieces
    words: list[float] = []
    sizes: Counter[int] = Counter()
    for losses, _, fates, ids in negative_log_probabilities(session, session.evaluation.whole_word_batches):
        inside, size = False, 0
        for column, (loss, fate, number) in enumerate(zip(losses, fates, ids, strict=True)):
            after_special = column == 0 or pieces[ids[column - 1]] in ("[CLS]", "[SEP]")
            continues = pieces[number].startswith("##") and not after_special
            if continues:
                assert bool(fate) == inside  # a word is masked whole or not at all
            else:
                sizes[size] += inside
                size = 0
            inside = bool(fate)
            if fate and continues:
                words[-1] += loss
            elif fate:
                words.append(loss)
            size += inside
    figures = session.evaluation.run(session.model, CPU)
    assert session.evaluation.words() == len(words) > 100
    assert sum(count for size, count in sizes.items() if size > 1) > 0.3 * sum(sizes.values())
    assert figures.mlm_nats_per_word == pytest.approx(sum(words) / len(words), rel=1e-5)
    assert figures.mlm_nats_per_word > figures.mlm_loss


def test_every_piece_of_a_selected_word_is_hidden(session: TrainingSession) -> None:
    for batch in session.evaluation.whole_word_batches:
        assert (batch.input_ids.numpy()[batch.fates > 0] == MASK_ID).all()


def test_nsp_figures_are_means_over_the_pairs(session: TrainingSession) -> None:
    figures = session.evaluation.run(session.model, CPU)
    model, losses, right = reference_of(session).eval(), [], []
    for batch in session.evaluation.batches:
        real = torch.from_numpy((batch.original_ids != 0).astype(np.int64))
        with torch.no_grad():
            output = model(input_ids=batch.input_ids, token_type_ids=batch.segment_ids, attention_mask=real)
        for (zero, one), label in zip(output.seq_relationship_logits.tolist(), batch.labels.tolist(), strict=True):
            losses.append(math.log(math.exp(zero) + math.exp(one)) - (one if label else zero))
            right.append((one > zero) == bool(label))
    assert figures.nsp_loss == pytest.approx(np.mean(losses), rel=1e-5)
    assert figures.nsp_accuracy == pytest.approx(np.mean(right))


def documents_of(tokenized: TokenizedDocuments) -> list[tuple[int, ...]]:
    ends = tokenized.sentence_offsets[tokenized.document_offsets]
    return [tuple(tokenized.ids[a:b].tolist()) for a, b in pairwise(ends)]


def test_baselines_are_counted_by_hand(session: TrainingSession) -> None:
    training = Counter(number for document in documents_of(session.data.corpus) for number in document)
    total, size = sum(training.values()), len(session.vocabulary)
    targets, labels = [], []
    for batch in session.evaluation.batches:
        for fates, ids in zip(batch.fates.tolist(), batch.original_ids.tolist(), strict=True):
            targets += [number for fate, number in zip(fates, ids, strict=True) if fate]
        labels += batch.labels.tolist()
    found = session.evaluation.baselines(session.data.corpus, size)
    assert found.mlm_loss_uniform == pytest.approx(math.log(size))
    smoothed = [-math.log((training[number] + 1) / (total + size)) for number in targets]
    assert found.mlm_loss_unigram == pytest.approx(np.mean(smoothed))
    commonest = training.most_common(1)[0][0]
    assert found.mlm_accuracy_unigram == pytest.approx(np.mean([number == commonest for number in targets]))
    assert found.nsp_accuracy_majority == pytest.approx(max(np.mean(labels), 1 - np.mean(labels)))

    rare = TokenizedDocuments(np.full(90, targets[0], np.uint16), np.array([0, 45, 90]), np.array([0, 1, 2]))
    found = session.evaluation.baselines(rare, size)  # the commonest token is that of the training text
    assert found.mlm_accuracy_unigram == pytest.approx(targets.count(targets[0]) / len(targets))
    known, unknown = -math.log(91 / (90 + size)), -math.log(1 / (90 + size))
    assert found.mlm_loss_unigram == pytest.approx(
        np.mean([known if number == targets[0] else unknown for number in targets])
    )


def test_nothing_of_the_held_out_documents_is_trained_on(session: TrainingSession, corpus: Path) -> None:
    held_out = documents_of(session.evaluation._documents)
    training = documents_of(session.data.corpus)
    assert len(held_out) >= 2
    assert not set(held_out) & set(training)
    text = corpus.read_text(encoding="utf-8")
    assert len(held_out) + len(training) == text.count("that was day")

    def ends(documents: list[tuple[int, ...]]) -> list[str]:
        """The last tokens of each document name its day, which is in no other document."""
        return [" " + " ".join(map(str, document[-5:])) + " " for document in documents]

    seen = "".join(
        f" {' '.join(map(str, row))} \n"
        for step in range(1, 60)
        for batch in session.data[step]
        for row in batch.original_ids.tolist()
    )
    assert not any(end in seen for end in ends(held_out))
    assert sum(end in seen for end in ends(training)) > 0.8 * len(training)


@pytest.mark.parametrize(
    "changes",
    [{"seed": 5}, {"masking": "span"}, {"mask_probability": 0.4, "mask_token_fraction": 0.1}, {"batch_size": 3}],
)
def test_evaluation_is_the_same_whatever_the_run_trains_with(
    changes: dict[str, object], session: TrainingSession, corpus: Path, tmp_path: Path
) -> None:
    with opened(small_settings(corpus, **(FEW_PIECES | changes)), tmp_path) as other:
        for kind in ("batches", "whole_word_batches"):
            for one, two in zip(getattr(session.evaluation, kind), getattr(other.evaluation, kind), strict=True):
                assert torch.equal(one.input_ids, two.input_ids)
                assert torch.equal(one.targets, two.targets)
                assert torch.equal(one.labels, two.labels)


def test_evaluation_selects_15_percent_by_the_published_rule(session: TrainingSession) -> None:
    for batch in session.evaluation.batches:
        lengths = (batch.original_ids != 0).sum(axis=1).tolist()
        assert (batch.fates > 0).sum(axis=1).tolist() == [max(1, round(0.15 * n)) for n in lengths]


def test_without_a_sentence_objective_there_are_no_nsp_figures(corpus: Path, tmp_path: Path) -> None:
    with opened(small_settings(corpus, sentence_objective="none"), tmp_path) as session:
        figures = session.evaluation.run(session.model, CPU)
        baselines = session.evaluation.baselines(session.data.corpus, len(session.vocabulary))
    assert figures.nsp_loss is figures.nsp_accuracy is baselines.nsp_accuracy_majority is None
    assert math.isfinite(figures.mlm_loss)


def test_an_evaluation_tells_how_far_it_is(session: TrainingSession) -> None:
    shares: list[float] = []
    session.evaluation.run(session.model, CPU, progress=shares.append)
    batches = len(session.evaluation.batches) + len(session.evaluation.whole_word_batches)
    assert shares == pytest.approx([number / batches for number in range(batches)])
