"""How the programs here end: with one line where something is wrong, and quietly where nothing is."""

from __future__ import annotations

import collections.abc as cabc
import os
import sys

from framework import FrameworkError


class Failure(Exception):  # noqa: N818
    """A program can't go on; its text says why, and the way out."""


def run(main: cabc.Callable[[], int]) -> int:
    """The exit code of a program: its own; 1 and a line for what failed, 130 for Ctrl-C, 0 for `| head`."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. Python would complain of it once more at its exit, when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (Failure, FrameworkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code
