"""What the process leaves with, besides 0 and 128 + the signal that ended it."""

EXIT_STDOUT_CLOSED = 141  # what is left of SIGPIPE, which Python does not die of
