"""Run blocking calls in a thread, so that neither Ctrl-C nor a time limit has to wait for them.

A call into the C library delays signals until it returns, and some of its calls have no timeout of
their own. The thread that started a call waits for it in a way that both a signal and a timeout end.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import logging
import sys
import threading
from typing import Final, Generic, TypeVar

from framework import forks
from framework.retry import Deadline

T = TypeVar("T")

logger = logging.getLogger(__name__)

_LOOK_INTERVAL: Final = 0.1
"""Seconds between two looks for Ctrl-C, and whether a thread's calls were cancelled."""
_thread = threading.local()


class CallCancelledError(Exception):
    """A call was cancelled while its answer was waited for."""


@contextlib.contextmanager
def cancelled_by(event: threading.Event) -> cabc.Generator[None]:
    """Have calls that this thread waits for in the block raise CallCancelledError once the event is set.

    For threads that Ctrl-C doesn't reach.
    """
    before = getattr(_thread, "cancelled", None)
    _thread.cancelled = event
    try:
        yield
    finally:
        _thread.cancelled = before


class Worker:
    """Runs one client's blocking calls, one at a time, each in a daemon thread of its own.

    A worker is owned by the object that owns the client, and used from that object's thread. A call
    that is still running owns the client: no other call starts, and `close` waits for it in the
    background before the client is closed.

    Args:
        name: The name of the threads, for error messages and debuggers.
    """

    def __init__(self, name: str) -> None:
        """No thread is started yet."""
        self._name = name
        # An event and not Thread.join: if Ctrl-C interrupts join, Python takes the thread for finished.
        self._returned = threading.Event()
        self._returned.set()

    @property
    def is_busy(self) -> bool:
        """Whether a call is still running."""
        return not self._returned.is_set()

    def wait(self, timeout: float) -> bool:
        """Wait for a call that is running, and return whether it has ended; at once where none is."""
        return _wait(self._returned, timeout)

    def call(self, function: cabc.Callable[[], T], timeout: float) -> T:
        """Return or raise what the function does; TimeoutError after `timeout` seconds.

        It first waits for a call that is still running. After a timeout, Ctrl-C or `cancelled_by` the call
        goes on in its thread: see `close`.
        """
        deadline = Deadline(timeout)
        # While the interpreter shuts down, the thread of a running call is not scheduled any more.
        if not _wait(self._returned, 0.0 if sys.is_finalizing() else timeout):
            raise TimeoutError(f"{self._name}: the previous call is still running.")
        outcome = Outcome[T]()
        if not _wait_unless_cancelled(self._start(lambda: outcome.record(function)), deadline):
            raise TimeoutError(f"{self._name}: no answer within {timeout:g} s.")
        return outcome.get()

    def submit(self, function: cabc.Callable[[], object]) -> bool:
        """Start the function and don't wait for it; False, and nothing, while a call is running."""
        if self.is_busy:
            return False
        self._start(function)
        return True

    def close(self, close_client: cabc.Callable[[], object], timeout: float, *others: Worker) -> None:
        """Close the client, and wait for that at most `timeout` seconds.

        While a call of this worker or of the `others` is running, the client is closed in the
        background after it, and this returns at once.
        """
        pending = [each._returned for each in (self, *others)]
        is_busy = not all(returned.is_set() for returned in pending)

        def close_after_pending() -> None:
            for returned in pending:
                returned.wait()
            try:
                close_client()
            except Exception:  # raised by a user's callback, which closing serves; the client is closed
                logger.exception("%s: closing failed.", self._name)

        try:
            closed = self._start(close_after_pending)
        except RuntimeError:
            # The interpreter is shutting down and starts no more threads.
            if not is_busy:
                close_client()
            return
        if not is_busy:
            _wait(closed, timeout)

    def _start(self, work: cabc.Callable[[], object]) -> threading.Event:
        if sys.is_finalizing():
            # Python 3.11 would start a thread that is never scheduled, and wait for it.
            raise RuntimeError(f"{self._name}: the interpreter is shutting down and starts no more threads.")
        returned = threading.Event()
        # dict.setdefault is atomic: either the thread claims the call, or Ctrl-C cancels it before it starts.
        first: dict[str, str] = {}

        def run() -> None:
            if first.setdefault("is", "thread") != "thread":
                return
            try:
                work()
            finally:
                forks.release(thread)
                returned.set()

        # Before the start: Ctrl-C may interrupt it, and the call must count as running then.
        before, self._returned = self._returned, returned
        thread = threading.Thread(target=run, name=self._name, daemon=True)
        try:
            forks.hold_back(thread)
            with _ctrl_c():  # it waits until the thread runs
                thread.start()
        except BaseException:
            if first.setdefault("is", "error") == "error":
                self._returned = before  # the call never runs, so nothing may wait for it
                forks.release(thread)
            raise
        return returned


def _wait_unless_cancelled(returned: threading.Event, deadline: Deadline) -> bool:
    """Return whether the event was set before the deadline; CallCancelledError if `cancelled_by` says so."""
    cancelled: threading.Event | None = getattr(_thread, "cancelled", None)
    # In intervals also for Ctrl-C: a signal that arrives just before a wait is noticed when the wait ends.
    while not _wait(returned, min(deadline.remaining, _LOOK_INTERVAL)):
        if cancelled is not None and cancelled.is_set():
            raise CallCancelledError("The call was cancelled.")
        if deadline.has_passed:
            return False
    return True


def _wait(event: threading.Event, timeout: float) -> bool:
    """Return whether the event was set within `timeout` seconds."""
    with _ctrl_c():
        return event.wait(timeout)


@contextlib.contextmanager
def _ctrl_c() -> cabc.Generator[None]:
    """Have Ctrl-C in the block raise KeyboardInterrupt.

    Within `Event.wait`, it can surface as RuntimeError("release unlocked lock").
    """
    try:
        yield
    except RuntimeError as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise error.__context__ from None
        raise


class Outcome(Generic[T]):
    """What a function returned or raised, carried from its thread to the one that waits."""

    _value: T
    _error: BaseException | None = None

    def record(self, function: cabc.Callable[[], T]) -> None:
        """Call the function and keep how it ended."""
        try:
            self._value = function()
        except BaseException as error:  # raised again, with its traceback, in the waiting thread
            self._error = error

    def get(self) -> T:
        """Return or raise what the function did."""
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
            return self._value
        finally:
            del error  # its traceback holds this frame: without this, a cycle keeps the client alive
