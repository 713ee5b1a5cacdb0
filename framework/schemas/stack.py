"""Run native code that recurses on a stack of its own."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
import threading
from typing import Final, TypeVar

R = TypeVar("R")

_PAGE: Final = 4096
_SETTING = threading.Lock()


def on_stack(size: int, function: cabc.Callable[[], R]) -> R:
    """Return what a function returns, called in a thread with a stack of at least this many bytes.

    Memory is taken for what is used of it only. A thread takes about 50 us.
    """
    future: concurrent.futures.Future[R] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    thread = threading.Thread(target=run, name="framework-schema", daemon=True)
    with _SETTING:  # the size is one for the process: threads that others start now get it, too
        previous = threading.stack_size(-(-size // _PAGE) * _PAGE)
        try:
            thread.start()
        finally:
            threading.stack_size(previous)
    return future.result()
