"""Keep stdout for the data of a command, whatever the application prints."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import sys
from typing import Final, TextIO

_reserved: Final[list[TextIO]] = []
"""The streams of the commands that run, of which one may run another."""


def data_stdout() -> TextIO:
    """Return the stream for the data of the running command."""
    return _reserved[-1] if _reserved else sys.stdout


@contextlib.contextmanager
def reserved_stdout() -> cabc.Generator[None]:
    """Keep stdout for `data_stdout` within the block; all else that Python code prints goes to stderr.

    Child processes, code in C and whoever holds the stream already still write to stdout.
    """
    _reserved.append(sys.stdout)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        _reserved.pop()
