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

_calling: set[threading.Thread] = set()


def hold_back(thread: threading.Thread) -> None:
    """Have each fork by another thread wait for the call that this one makes, or is about to make."""
    _calling.add(thread)


def release(thread: threading.Thread) -> None:
    """Let forks pass: the call of this thread has ended, or will never begin."""
    _calling.discard(thread)


def is_held_back() -> bool:
    """Whether a fork by this thread would wait."""
    mine = threading.get_ident()
    # A list, which is made at once: other threads change the set.
    return any(thread.ident != mine for thread in list(_calling))


def _wait() -> None:
    wait_until(lambda: not is_held_back(), Deadline(AT_MOST))


def _forget() -> None:
    _calling.clear()  # they are threads of the parent


os.register_at_fork(before=_wait, after_in_child=_forget)
