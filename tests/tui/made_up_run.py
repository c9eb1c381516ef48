"""A run that nobody has trained: curves from formulas, so that a picture of it is the same on every machine."""

import math
from pathlib import Path

from babybert_tui.settings import Settings
from babybert_tui.training.batch_look import BatchLook, Guess, Row, Target
from babybert_tui.training.events import Baselines, Evaluated, Saved, SettingChanged, Started, Stepped
from babybert_tui.training.preview import Preview
from babybert_tui.training.recording import read_recording
from babybert_tui.tui.history import ProbeView, RunHistory, State

SHIPPED = Path(__file__).parents[2] / "checkpoints"
MAX_STEPS = 1500
BASELINES = Baselines(7.42, 5.07, 0.13, 0.577, 0.54, 0.704, 0.936, 0.004, 0.988, 0.004)


def made_up_history(steps: int, *, speed: float = 1.0, run: str = "stories-baby-2") -> RunHistory:
    """A run after `steps` updates; `speed` is how quickly it learns."""
    history = RunHistory()
    settings = {**vars(Settings()), "run": run, "device": "cpu", "precision": "fp32", "max_steps": MAX_STEPS}
    history.note(Started(0, run, f"checkpoints/{run}", settings, 1_050_631, 1669, 3200, 346, 413_496, BASELINES))
    history.note(_evaluated(0, speed))
    for step in range(1, steps + 1):
        history.note(_stepped(step, speed))
        if step == 900:
            history.note(SettingChanged(step, "learning_rate", 0.0005))
        if step % 150 == 0:
            history.note(_evaluated(step, speed))
        if step % 300 == 0:
            history.note(Saved(step, f"checkpoints/{run}/step-{step:06d}", "0" * 64))
    recording = read_recording(SHIPPED / "stories")
    assert recording is not None
    seen = tuple(one for one in recording.snapshots if one.step <= max(1, steps))
    history.note_probe(ProbeView(recording.probe, seen, None, recording.pieces))
    history.enter(State.TRAINING)
    return history


def _learned(step: int, speed: float) -> float:
    """From 0 to 1, after a plateau."""
    return 1 / (1 + math.exp(-(step * speed - 600) / 150))


def _figures(step: int, speed: float) -> dict[str, float]:
    learned = _learned(step, speed)
    start = 2.4 * math.exp(-step * speed / 40)
    return {
        "mlm_loss": 5.0 - 4.1 * learned + start,
        "mlm_accuracy": (0.17 + 0.56 * learned) * (1 - math.exp(-step * speed / 20)),
        "nsp_loss": 0.69 - 0.26 * learned,
        "nsp_accuracy": 0.55 + 0.24 * learned,
    }


def _stepped(step: int, speed: float) -> Stepped:
    figures = _figures(step, speed)
    shake = math.sin(step * 2.3) + math.sin(step * 7.1)
    figures = {
        "mlm_loss": figures["mlm_loss"] + 0.08 * shake,
        "mlm_accuracy": max(0.0, figures["mlm_accuracy"] + 0.02 * shake),
        "nsp_loss": figures["nsp_loss"] + 0.03 * shake,
        "nsp_accuracy": figures["nsp_accuracy"] + 0.06 * shake,
    }
    loss = figures["mlm_loss"] + figures["nsp_loss"]
    return Stepped(
        step, loss, **figures, learning_rate=3e-3, tokens=1600 * step, tokens_per_second=27_000.0,
        elapsed_seconds=0.06 * step,
    )  # fmt: skip


def _evaluated(step: int, speed: float) -> Evaluated:
    figures = _figures(step, speed)
    return Evaluated(step, **figures, mlm_nats_per_word=figures["mlm_loss"], elapsed_seconds=0.06 * step)


def made_up_batch(step: int) -> BatchLook:
    """What a single step shows."""
    first = ["[CLS]", "anna", "gave", "the", "[MASK]", "to", "ben", ".", "[SEP]"]
    tokens = [*first, "he", "ate", "red", "in", "the", "garden", ".", "[SEP]"]
    targets = (
        Target(4, "cake", "[MASK]", "mask", Guess("apple", 0.12), Guess("apple", 0.15)),
        Target(11, "it", "red", "random", Guess("it", 0.44), Guess("it", 0.47)),
        Target(14, "garden", "garden", "kept", Guess("garden", 0.71), Guess("garden", 0.72)),
    )
    row = Row(tuple(tokens), (0,) * 9 + (1,) * 8, targets, 0, True, 0.62, 0.64)
    return BatchLook(step, (row,), 32, 1.42, 0.61, 0.41)


def made_up_preview() -> Preview:
    """What the settings would make."""
    return Preview(
        parameters=1_050_631,
        vocabulary_size=1669,
        documents=3200,
        training_tokens=413_496,
        held_out_tokens=44_000,
        memory_bytes=5.2e8,
        operations_per_token=6.5e6,
        tokens_per_step=1600,
        device="cpu",
        precision="fp32",
        row=made_up_batch(1).rows[0],
    )
