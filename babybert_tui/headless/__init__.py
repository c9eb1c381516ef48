"""The work for scripts: no terminal control, data on stdout, messages on stderr."""
