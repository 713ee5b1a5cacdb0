"""The standard streams: any may be closed, broken, full, or not UTF-8."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys


def prepare() -> None:
    """Have all three, also where the shell closed one (`>&-`), and none that a letter could break."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # for good
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that isn't UTF-8 is no error


def is_reader_gone() -> bool:
    """Whether a pipe that broke is that of our own output: the command may have others."""
    watch = select.poll()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a test's stream has no number
            watch.register(stream.fileno(), 0)  # what is wrong is told unasked
    return bool(watch.poll(0))


def flush() -> None:
    """Write what is left, or let it go: Python would complain once more when it flushes at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
