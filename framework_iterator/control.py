"""The state of a run, and how other threads, signal handlers and the end of the process reach it."""

from __future__ import annotations

import collections.abc as cabc
import enum
import os
import signal
import threading
import weakref
from typing import Any, Final

_RAISE_AGAIN_AFTER: Final = 0.05
"""Seconds before Ctrl-C is raised again: longer than the finalization of a generator takes."""


class State(enum.Enum):
    """The life of a session: there is none before it is open."""

    READING = enum.auto()
    CLOSED = enum.auto()
    DETACHED = enum.auto()
    """In a forked child: the run is the parent's, which is unharmed."""


class Control:
    """Made before the session of a run, and shared with it: so a run can be stopped while it is opened.

    `stop` may be called from any thread and from a signal handler. It sets flags, which the loop checks
    after each message; everything else belongs to the loop's thread.
    """

    __slots__ = ("_generator", "_pid", "interrupted", "stop_requested")

    def __init__(self) -> None:
        """The run may begin."""
        self.stop_requested = False
        # Something was requested that can't wait for the next batch.
        self.interrupted = False
        self._pid = os.getpid()
        self._generator: weakref.ref[Any] | None = None

    def watch(self, generator: Any) -> None:
        """Know the generator of the run, without keeping it alive."""
        self._generator = weakref.ref(generator)

    def stop(self) -> None:
        """Request the end of the run after the current message."""
        self.stop_requested = self.interrupted = True

    def interrupt(self) -> None:
        """Have the loop leave its batch, and look at what was requested."""
        self.interrupted = True

    def resume(self) -> None:
        """Everything that was requested has been seen, but for the stop."""
        self.interrupted = self.stop_requested

    is_async = False
    """Whether `async for` reads the run."""

    # How what changes the run is called. Here the loop's thread calls it; `AsyncControl` is for `async for`.

    def run(self, request: cabc.Callable[[], object]) -> None:
        """Call this, now or once no other call changes the run."""
        request()

    def run_and_wait(self, request: cabc.Callable[[], object]) -> None:
        """Call this, and return when it has returned."""
        request()

    def check_may_block(self, call: str, instead: str) -> None:
        """Raise InvalidOptionError where a call would block an event loop."""

    def serve(self) -> None:
        """Make the calls that wait for this moment."""

    def pause(self) -> None:
        """Let other threads run, between two fetches."""

    def request_end(self, close: cabc.Callable[[], object]) -> None:  # noqa: ARG002
        """Have the thread that executes the loop close the run: here by the loop itself, which ends."""
        self.stop()

    @property
    def is_of_this_process(self) -> bool:
        """Whether the run was made in this process, and not before a fork."""
        return self._pid == os.getpid()

    @property
    def is_executing(self) -> bool:
        """Whether the generator is executing at this moment, in another thread."""
        generator = None if self._generator is None else self._generator()
        return generator is not None and bool(generator.gi_running)

    @property
    def is_dropped(self) -> bool:
        """Whether nobody holds the generator any more, so that what it raises can't be caught."""
        # Python clears the weak references to an object before it finalizes it.
        return self._generator is not None and self._generator() is None


def raise_ctrl_c_again() -> None:
    """Raise KeyboardInterrupt in the main thread, for one that a generator's finalization swallows.

    Python prints an exception of a finalizer and continues, as if Ctrl-C had not been pressed. The signal is
    sent again after the finalizer has returned: sent from within it, it would be swallowed, too.
    """
    # A signal, unlike _thread.interrupt_main(), ends a sleep or a read as well.
    arguments = [threading.main_thread().ident, signal.SIGINT]
    again = threading.Timer(_RAISE_AGAIN_AFTER, signal.pthread_kill, arguments)
    again.daemon = True
    again.start()
