"""The errors that a user sees: one sentence that says what is wrong and where, and one that says what to do."""


class BabyBertError(Exception):
    """Base of all errors meant for the user.

    Args:
        message: What is wrong and where (file, line, byte, option).
        remedy: What to do about it, or "" where the message says it already.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message} {remedy}".strip())

    def __reduce__(self) -> tuple[type["BabyBertError"], tuple[str, str]]:
        """Errors travel between processes."""
        return type(self), (self.message, self.remedy)


class RequestError(BabyBertError):
    """The request is wrong: an option, the configuration, a corpus or a checkpoint. Nothing was written."""

    exit_code = 2


class RunError(BabyBertError):
    """The run failed: disk full, loss not finite, a damaged file."""

    exit_code = 1
