"""The standard streams, any of which may be closed, broken, full, or not UTF-8."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import select
import sys

import click

from framework.data_stdout import reserved_stdout


def prepare(*, is_quiet: bool) -> None:
    """Open streams that the shell closed (`>&-`), and escape characters that stdout can't encode.

    Args:
        is_quiet: Whether nothing is logged, as Python prints warnings on stderr.
    """
    if is_quiet:
        logging.disable(logging.CRITICAL)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # open until the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may not be UTF-8


def is_reader_gone() -> bool:
    """Whether the reader of stdout or stderr is gone: another pipe of the command may have broken."""
    watch = select.poll()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a stream of a test has no file number
            watch.register(stream.fileno(), 0)  # errors are always reported
    return bool(watch.poll(0))


def flush() -> None:
    """Flush stdout, or discard the rest if that fails: Python would fail again when it flushes at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def reserve(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    """Keep stdout for the data of the command, as the callback of a flag such as --json.

    What the application prints while it is imported, in its deserializers or by its logging goes to stderr.
    """
    if value and not context.meta.setdefault(__name__, False):
        context.meta[__name__] = True
        context.with_resource(reserved_stdout())
    return value
