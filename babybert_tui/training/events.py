"""What a training session tells: small frozen objects, whose fields are those of the `--json` stream."""

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Baselines:
    """What guessing, cheap rivals and an oracle reach on the held-out evaluation: nats, and accuracies as fractions.

    None where it is not known: in runs recorded before there was such a rival, or where there are no pairs.
    """

    mlm_loss_uniform: float  # ln V
    mlm_loss_unigram: float  # cross-entropy under the add-one-smoothed unigrams of the training text
    mlm_accuracy_unigram: float  # always saying the commonest token
    nsp_accuracy_majority: float | None  # always saying the larger class
    mlm_accuracy_count: float | None = None  # a back-off count model of both neighbours, on the same corrupted input
    nsp_accuracy_overlap: float | None = None  # a threshold on how many words the two segments share
    mlm_accuracy_oracle: float | None = None  # who knows the generator of the stories
    mlm_accuracy_oracle_error: float | None = None  # standard error of that estimate
    nsp_accuracy_oracle: float | None = None
    nsp_accuracy_oracle_error: float | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened at an update; 0 is before the first one."""

    name: ClassVar[str]
    step: int

    def as_json(self) -> dict[str, Any]:
        """The event as one object of the stream, without a number that JSON does not have."""
        return {name: _finite(value) for name, value in {"event": self.name, **asdict(self)}.items()}


@dataclass(frozen=True)
class Started(Event):
    """The run begins, or goes on from `step`."""

    name: ClassVar[str] = "start"
    run: str
    path: str
    settings: dict[str, Any]
    parameters: int
    vocabulary_size: int
    documents: int
    held_out_documents: int
    training_tokens: int
    baselines: Baselines

    def as_json(self) -> dict[str, Any]:
        """With the version of the stream's format."""
        return {"schema": 1, **super().as_json()}


@dataclass(frozen=True)
class Stepped(Event):
    """An update was made. Its losses are those of its own batch, before the weights changed."""

    name: ClassVar[str] = "step"
    loss: float
    mlm_loss: float
    nsp_loss: float | None
    mlm_accuracy: float
    nsp_accuracy: float | None
    learning_rate: float
    tokens: int  # non-padding input tokens since step 0
    tokens_per_second: float
    elapsed_seconds: float


@dataclass(frozen=True)
class Evaluated(Event):
    """The model was evaluated on the held-out documents."""

    name: ClassVar[str] = "evaluation"
    mlm_loss: float
    mlm_accuracy: float
    mlm_nats_per_word: float
    nsp_loss: float | None
    nsp_accuracy: float | None
    elapsed_seconds: float


@dataclass(frozen=True)
class SettingChanged(Event):
    """A live change, in force from the update after `step`."""

    name: ClassVar[str] = "setting"
    setting: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        """The setting's name goes under `name`."""
        return {"event": self.name, "step": self.step, "name": self.setting, "value": self.value}


@dataclass(frozen=True)
class Saved(Event):
    """A checkpoint is complete on the disk."""

    name: ClassVar[str] = "checkpoint"
    path: str
    state_sha256: str


@dataclass(frozen=True)
class Ended(Event):
    """The last event of a session."""

    name: ClassVar[str] = "end"
    reason: str  # "finished", "stopped", "interrupted" or "failed"
    checkpoint: str | None
    state_sha256: str | None
    elapsed_seconds: float


@dataclass(frozen=True)
class Failed(Event):
    """The run cannot go on; `Ended` follows."""

    name: ClassVar[str] = "error"
    message: str


def _finite(value: Any) -> Any:
    """The same with None in place of what JSON has no number for."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
