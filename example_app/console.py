"""The exit codes and error output of the programs here."""

from __future__ import annotations

import collections.abc as cabc
import os
import sys

from framework import FrameworkError


class Failure(Exception):  # noqa: N818
    """An error that ends a program; its text names the reason and what to do."""


def run(main: cabc.Callable[[], int]) -> int:
    """Run a program and return its exit code: 1 and a line for an error, 130 for Ctrl-C, 0 for `| head`."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader closed the pipe. Python would fail again at exit, when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Failure, FrameworkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code
