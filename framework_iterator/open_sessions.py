"""The open sessions of this process: closed at its end, left to the parent after a fork."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Protocol

from framework.retry import Deadline

EXIT_TIMEOUT = 10.0
"""Seconds that the end of a process may take for the commits of all its sessions."""
_LEAST = 0.2
"""Seconds that each of them gets."""


class _Session(Protocol):
    def close_at_exit(self, timeout: float) -> None: ...
    def detach(self) -> None: ...


_open: weakref.WeakSet[_Session] = weakref.WeakSet()


def add(session: _Session) -> None:
    """Note that a session is open."""
    _open.add(session)


def discard(session: _Session) -> None:
    """Note that a session is closed."""
    _open.discard(session)


def _detach_all() -> None:
    for session in list(_open):
        session.detach()
    _open.clear()


def _close_all() -> None:
    deadline = Deadline(EXIT_TIMEOUT)
    for session in list(_open):
        session.close_at_exit(max(_LEAST, deadline.remaining))


os.register_at_fork(after_in_child=_detach_all)
# A generator that a module or a shell still holds is finalized too late to close anything.
atexit.register(_close_all)
