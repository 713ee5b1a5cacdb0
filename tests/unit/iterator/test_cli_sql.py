"""`framework sql` ends at once when Ctrl-C is pressed, though duckdb waits in C."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from framework_iterator.cli.sql import _run


def test_ctrl_c_interrupts_the_query() -> None:
    interrupted = threading.Event()

    def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)  # as a terminal does: the main thread gets it
        interrupted.wait(20)

    with pytest.raises(KeyboardInterrupt):
        _run(work, interrupted.set)
    assert interrupted.is_set()


def test_an_error_of_the_query_is_raised() -> None:
    def work() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        _run(work, lambda: None)
