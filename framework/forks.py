"""Have a fork wait for calls of other threads that would leave a lock behind in the child.

A forked child has the memory of its parent, but only the thread that forked. A lock that another thread held
at that moment is never released in the child. Looking up an address takes one, in the C library (glibc's
getaddrinfo): a child that was forked during a look-up can connect to nothing.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from framework.retry import Deadline, wait_until

AT_MOST: Final = 0.5
"""Seconds that a fork waits: a look-up takes less, and a call to a broker that is away takes longer."""

_calls: dict[object, int | None] = {}


def hold_back(call: object, thread: int | None = None) -> None:
    """Have each fork wait for the end of a call, but not one by the thread that makes it.

    Args:
        call: What identifies it.
        thread: The identifier of its thread, once that is known.
    """
    _calls[call] = thread


def release(call: object) -> None:
    """Let forks pass: the call has ended, or will never begin."""
    _calls.pop(call, None)


def is_held_back() -> bool:
    """Whether a fork by this thread would wait."""
    mine = threading.get_ident()
    return any(
        thread != mine for thread in list(_calls.values())
    )  # list() of a dictionary's values is atomic


def _wait() -> None:
    wait_until(lambda: not is_held_back(), Deadline(AT_MOST))


def _forget() -> None:
    _calls.clear()  # they are made by threads of the parent


os.register_at_fork(before=_wait, after_in_child=_forget)
