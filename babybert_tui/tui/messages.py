"""What the threads tell the screen: that there is something to look at, and not what."""

from dataclasses import dataclass

from textual.message import Message


@dataclass
class RunChanged(Message):
    """The run's history has grown, or its state has changed."""

    def can_replace(self, message: Message) -> bool:
        """The newest one says all."""
        return isinstance(message, RunChanged)


@dataclass
class RunEnded(Message):
    """A run has left the training thread."""


@dataclass
class TorchLoaded(Message):
    """What computes is there."""

    failure: str = ""


@dataclass
class PreviewChanged(Message):
    """There is a new answer to what the settings of the Tune pane would be."""

    def can_replace(self, message: Message) -> bool:
        """The newest one says all."""
        return isinstance(message, PreviewChanged)


@dataclass
class PastRead(Message):
    """Recordings and curves of earlier runs were read from the disk."""


@dataclass
class Warned(Message):
    """Something the user should know."""

    text: str
    severity: str = "warning"
