"""Show the notes of runs on stderr."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import logging

import click

from framework.terminal import escape
from framework_iterator import notes


class _OnStderr(logging.Handler):
    """Prints a note on a line of its own."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(escape(record.getMessage()), err=True)


@contextlib.contextmanager
def notes_on_stderr() -> cabc.Generator[None]:
    """Print notes once on stderr within the block, however the application has configured logging."""
    logger, handler = notes.logger, _OnStderr()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
